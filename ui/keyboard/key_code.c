/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/keyboard/key_code.h"

#include <stdbool.h>
#include <stddef.h>
#include <utf8proc.h>

#include "ui/ui.h"

enum {
    SHIFT = 1,
    ALT = 2,
    CONTROL = 4,
    MODIFIERS = 0x3F, /* Caps Lock and Num Lock are 64 and 128 */
    DELETE = 0x7F,
    PRIVATE_BEGIN = 0xE000,
    PRIVATE_END = 0xF8FF,
};

struct meaning {
    int32_t number;
    uint32_t press;
};

/* Of CSI u. From 57399 on the keypad's. */
static const struct meaning named[] = {
    {9, PRESS_TAB},
    {13, PRESS_ENTER},
    {27, PRESS_ESCAPE},
    {DELETE, PRESS_BACKSPACE},
    {57399, '0'},
    {57400, '1'},
    {57401, '2'},
    {57402, '3'},
    {57403, '4'},
    {57404, '5'},
    {57405, '6'},
    {57406, '7'},
    {57407, '8'},
    {57408, '9'},
    {57409, '.'},
    {57410, '/'},
    {57411, '*'},
    {57412, '-'},
    {57413, '+'},
    {57414, PRESS_ENTER},
    {57415, '='},
    {57416, ','},
    {57417, PRESS_LEFT},
    {57418, PRESS_RIGHT},
    {57419, PRESS_UP},
    {57420, PRESS_DOWN},
    {57421, PRESS_PAGE_UP},
    {57422, PRESS_PAGE_DOWN},
    {57423, PRESS_HOME},
    {57424, PRESS_END},
    {57426, PRESS_BACKSPACE},
};

/* "CSI number ~" */
static const struct meaning numbered[] = {
    {1, PRESS_HOME},
    {3, PRESS_BACKSPACE},
    {4, PRESS_END},
    {5, PRESS_PAGE_UP},
    {6, PRESS_PAGE_DOWN},
    {7, PRESS_HOME},
    {8, PRESS_END},
    {11, PRESS_FUNCTION + 1},
    {12, PRESS_FUNCTION + 2},
    {13, PRESS_FUNCTION + 3},
    {14, PRESS_FUNCTION + 4},
    {15, PRESS_FUNCTION + 5},
    {17, PRESS_FUNCTION + 6},
    {18, PRESS_FUNCTION + 7},
    {19, PRESS_FUNCTION + 8},
    {20, PRESS_FUNCTION + 9},
    {21, PRESS_FUNCTION + 10},
    {23, PRESS_FUNCTION + 11},
    {24, PRESS_FUNCTION + 12},
    {200, PRESS_PASTE_BEGIN},
    {201, PRESS_PASTE_END},
};

/* "CSI letter", and "SS3 letter" too. */
static const struct meaning lettered[] = {
    {'A', PRESS_UP},           {'B', PRESS_DOWN},         {'C', PRESS_RIGHT},
    {'D', PRESS_LEFT},         {'H', PRESS_HOME},         {'F', PRESS_END},
    {'P', PRESS_FUNCTION + 1}, {'Q', PRESS_FUNCTION + 2}, {'R', PRESS_FUNCTION + 3},
    {'S', PRESS_FUNCTION + 4}, {'Z', PRESS_BACKTAB},
};

static uint32_t find(const struct meaning *meanings, size_t count, int32_t number) {
    for (size_t i = 0; i < count; i++) {
        if (meanings[i].number == number) {
            return meanings[i].press;
        }
    }
    return PRESS_NONE;
}

#define FIND(meanings, number) find(meanings, sizeof(meanings) / sizeof(meanings)[0], number)

static int modifiers_of(int32_t number) {
    return number > 0 ? (number - 1) & MODIFIERS : 0;
}

static bool is_text(int32_t character) {
    return character >= ' ' && character != DELETE &&
           !(character >= PRIVATE_BEGIN && character <= PRIVATE_END) && character < PRESS_NAMED;
}

uint32_t key_code_character(uint8_t octet) {
    switch (octet) {
    case '\r':
    case '\n':
        return PRESS_ENTER;
    case '\t':
        return PRESS_TAB;
    case '\b':
    case DELETE:
        return PRESS_BACKSPACE;
    case 0x1B:
        return PRESS_ESCAPE;
    default:
        return octet;
    }
}

/* With Ctrl a letter is the control character that it always was. */
static uint32_t with_control(const struct key_code *code) {
    int32_t letter = code->on_latin > 0 ? code->on_latin : code->key;
    bool has_control = (letter >= 'a' && letter <= 'z') || (letter >= '@' && letter <= '_');
    return has_control ? key_code_character((uint8_t)(letter & 0x1F)) : (uint32_t)PRESS_NONE;
}

static uint32_t with_shift(const struct key_code *code) {
    if (is_text(code->shifted)) {
        return (uint32_t)code->shifted;
    }
    /* What Shift makes of a key that is no letter differs from keyboard to keyboard. */
    int32_t upper = utf8proc_toupper(code->key);
    return upper != code->key || upper == ' ' ? (uint32_t)upper : (uint32_t)PRESS_NONE;
}

uint32_t key_code_pressed(const struct key_code *code) {
    int modifiers = modifiers_of(code->modifiers);
    uint32_t name = FIND(named, code->key);
    if (is_text(code->text) && (modifiers & ~(SHIFT | ALT)) == 0) {
        return (uint32_t)code->text;
    }
    if (name != PRESS_NONE) {
        bool is_back = name == PRESS_TAB && modifiers == SHIFT;
        return is_back                     ? (uint32_t)PRESS_BACKTAB
               : (modifiers & ~SHIFT) == 0 ? name
                                           : (uint32_t)PRESS_NONE;
    }
    if (!is_text(code->key) || (modifiers & ~(SHIFT | CONTROL)) != 0) {
        return PRESS_NONE;
    }
    if ((modifiers & CONTROL) != 0) {
        return with_control(code);
    }
    return modifiers == SHIFT ? with_shift(code) : (uint32_t)code->key;
}

uint32_t key_code_released(const struct key_code *code) {
    uint32_t name = FIND(named, code->key);
    return name != PRESS_NONE || !is_text(code->key) ? name : (uint32_t)code->key;
}

uint32_t key_code_function(char final, int32_t number, int32_t modifiers) {
    if ((modifiers_of(modifiers) & ~SHIFT) != 0) {
        return PRESS_NONE;
    }
    return final == '~' ? FIND(numbered, number) : FIND(lettered, final);
}

/* The keypad's characters stand in ASCII's order, 0x40 above themselves. */
uint32_t key_code_keypad(char final) {
    if (final == 'M') {
        return PRESS_ENTER;
    }
    if (final == 'X' || (final >= 'j' && final <= 'y')) {
        return final == 'X' ? '=' : (uint32_t) final - 0x40;
    }
    return FIND(lettered, final);
}

uint32_t key_code_console(char final) {
    return final >= 'A' && final <= 'E' ? PRESS_FUNCTION + 1 + (uint32_t)(final - 'A')
                                        : (uint32_t)PRESS_NONE;
}
