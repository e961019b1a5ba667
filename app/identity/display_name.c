/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/display_name.h"

#include <stdint.h>
#include <string.h>

/* The character at *at, which moves on; UINT32_MAX when it is not well-formed (RFC 3629). */
static uint32_t next_character(const char *text, size_t length, size_t *at) {
    uint8_t first = (uint8_t)text[(*at)++];
    if (first < 0x80) {
        return first;
    }
    if (first < 0xC2 || first > 0xF4) {
        return UINT32_MAX;
    }
    size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (length - *at < more) {
        return UINT32_MAX;
    }
    uint32_t character = first & (0x3FU >> more);
    for (size_t i = 0; i < more; i++) {
        uint8_t octet = (uint8_t)text[(*at)++];
        if ((octet & 0xC0) != 0x80) {
            return UINT32_MAX;
        }
        character = character << 6 | (octet & 0x3F);
    }
    uint32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
    bool surrogate = character >= 0xD800 && character <= 0xDFFF;
    return character < least || character > 0x10FFFF || surrogate ? UINT32_MAX : character;
}

static bool is_control(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

static bool turns_writing(uint32_t character) {
    return character == 0x061C || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) ||
           (character >= 0x2066 && character <= 0x2069);
}

bool display_text_is_valid(const char *text, size_t octets_max) {
    size_t length = strlen(text);
    if (length > octets_max) {
        return false;
    }
    for (size_t at = 0; at < length;) {
        uint32_t character = next_character(text, length, &at);
        if (character == UINT32_MAX || is_control(character) || turns_writing(character)) {
            return false;
        }
    }
    return true;
}

bool display_name_is_valid(const char *name) {
    return display_text_is_valid(name, DISPLAY_NAME_MAX);
}
