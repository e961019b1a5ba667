/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/character.h"

#include <string.h>
#include <utf8proc.h>

enum {
    NOT_JOINER = 0x200C,
    VIRAMA = 9 /* the combining class of what joins the consonants of Indic scripts */
};

static bool is_joiner(uint32_t character) {
    return character == CHARACTER_JOINER || character == NOT_JOINER;
}

/* Carries no shape of its own, or none that is known; some turn the direction of what follows. */
static bool is_unprintable(uint32_t character) {
    switch (utf8proc_category((utf8proc_int32_t)character)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return true;
    case UTF8PROC_CATEGORY_CF:
        return !is_joiner(character);
    default:
        return false;
    }
}

/* The character at the beginning of `text`, and its octets; '?' for one octet that begins none. */
static uint32_t character_at(const char *text, size_t *octets) {
    utf8proc_int32_t character;
    utf8proc_ssize_t taken = utf8proc_iterate((const utf8proc_uint8_t *)text,
                                              (utf8proc_ssize_t)strnlen(text, 4), &character);
    *octets = taken > 0 ? (size_t)taken : 1;
    return taken > 0 ? (uint32_t)character : '?';
}

uint32_t character_next(const char **text) {
    size_t octets;
    uint32_t character = character_at(*text, &octets);
    *text += octets;
    return is_unprintable(character) ? '?' : character;
}

/* Signs that are wide to terminals, but not to the library's Unicode. */
static bool is_wide_to_terminals(uint32_t character) {
    return (character >= 0x302E && character <= 0x302F) ||
           (character >= 0x3248 && character <= 0x324F) ||
           (character >= 0x4DC0 && character <= 0x4DFF) ||
           (character >= 0x16FF0 && character <= 0x16FF1);
}

int character_width(uint32_t character) {
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)character);
    if (character < 0x300) {
        return 1;
    }
    if (is_wide_to_terminals(character)) {
        return 2;
    }
    if (property->category == UTF8PROC_CATEGORY_MC) {
        return 1;
    }
    if (property->boundclass == UTF8PROC_BOUNDCLASS_V ||
        property->boundclass == UTF8PROC_BOUNDCLASS_T) {
        return 0; /* of a Hangul syllable, whose first letter is wide */
    }
    return utf8proc_charwidth((utf8proc_int32_t)character);
}

/* May a joiner follow it: in scripts and emoji that join, what it does is seen? */
static bool can_join(uint32_t character) {
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)character);
    return property->combining_class == VIRAMA || property->bidi_class == UTF8PROC_BIDI_CLASS_AL ||
           property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC ||
           property->boundclass == UTF8PROC_BOUNDCLASS_EXTEND ||
           (property->category == UTF8PROC_CATEGORY_LO && character >= 0x900 && character < 0x1100);
}

uint32_t character_next_after(uint32_t before, const char **text, int *columns) {
    uint32_t character = character_next(text);
    if (is_joiner(character) && !can_join(before)) {
        character = '?';
    }
    *columns = character_width(character);
    if (*columns == 0 && before == 0) {
        *columns = 1;
    }
    return character;
}

size_t character_utf8(uint32_t character, char out[CHARACTER_UTF8_SIZE]) {
    utf8proc_ssize_t octets =
        utf8proc_encode_char((utf8proc_int32_t)character, (utf8proc_uint8_t *)out);
    out[octets] = 0;
    return (size_t)octets;
}

const char *letter_end(const char *text) {
    size_t octets;
    utf8proc_int32_t state = 0;
    uint32_t before = character_at(text, &octets);
    for (text += octets; *text != '\0'; text += octets) {
        uint32_t character = character_at(text, &octets);
        if (utf8proc_grapheme_break_stateful((utf8proc_int32_t)before, (utf8proc_int32_t)character,
                                             &state)) {
            break;
        }
        before = character;
    }
    return text;
}

size_t text_letters(const char *text) {
    size_t letters = 0;
    for (; *text != '\0'; text = letter_end(text)) {
        letters++;
    }
    return letters;
}

static int width_until(const char *text, const char *end) {
    int width = 0, columns;
    for (uint32_t before = 0; text != end && *text != '\0'; width += columns) {
        before = character_next_after(before, &text, &columns);
    }
    return width;
}

int text_width(const char *text) {
    return width_until(text, NULL);
}

int letter_width(const char *text, const char *end) {
    return width_until(text, end);
}
