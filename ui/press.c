/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "ui/character.h"
#include "ui/ui.h"

static const struct {
    const char *name;
    uint32_t press;
} names[] = {
    {"enter", PRESS_ENTER},
    {"escape", PRESS_ESCAPE},
    {"backspace", PRESS_BACKSPACE},
    {"tab", PRESS_TAB},
    {"backtab", PRESS_BACKTAB},
    {"up", PRESS_UP},
    {"down", PRESS_DOWN},
    {"left", PRESS_LEFT},
    {"right", PRESS_RIGHT},
    {"pageup", PRESS_PAGE_UP},
    {"pagedown", PRESS_PAGE_DOWN},
    {"home", PRESS_HOME},
    {"end", PRESS_END},
    {"space", ' '},
    {"ctrl-k", 'K' & 0x1F},
    {"ctrl-x", 'X' & 0x1F},
    {"ctrl-a", 'A' & 0x1F},
    {"ctrl-e", 'E' & 0x1F},
    {"ctrl-u", 'U' & 0x1F},
    {"ctrl-w", 'W' & 0x1F},
};

const char *press_name(size_t index) {
    return index < sizeof names / sizeof names[0] ? names[index].name : NULL;
}

/* F1 to F12. */
static uint32_t function_key(const char *name) {
    if (name[0] != 'f' || name[1] < '1' || name[1] > '9') {
        return PRESS_NONE;
    }
    char *end;
    unsigned long number = strtoul(name + 1, &end, 10);
    return *end == 0 && number <= 12 ? PRESS_FUNCTION + (uint32_t)number : PRESS_NONE;
}

uint32_t press_from_name(const char *name) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i].name) == 0) {
            return names[i].press;
        }
    }
    if (name[0] == 0) {
        return PRESS_NONE;
    }
    const char *rest = name;
    uint32_t character = character_next(&rest);
    if (*rest != 0) {
        return function_key(name);
    }
    /* What is no character reads as '?', but only a '?' names that key. */
    return character == '?' && name[0] != '?' ? PRESS_NONE : character;
}
