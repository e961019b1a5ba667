/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/encoding.h"

enum {
    BYTE_ORDER_MARK = 0xFEFF,
    LOOKED_AT = 4096 /* octets that tell whether a text is UTF-16 */
};

/* --- Windows-1252 --------------------------------------------------------------------------- */

/* What differs from Latin-1; 0 where there is no character. */
static const uint16_t windows_1252[] = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

static uint32_t of_windows_1252(uint8_t octet) {
    if (octet < 0x80 || octet >= 0xA0) {
        return octet;
    }
    uint32_t character = windows_1252[octet - 0x80];
    return character == 0 ? CHARACTER_UNKNOWN : character;
}

/* --- UTF-8 ---------------------------------------------------------------------------------- */

/* How many octets the well-formed character at `at` has (RFC 3629); 0 where there is none. */
static size_t utf8_length(struct span text, size_t at) {
    uint8_t first = text.octets[at];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first < 0xC2 || first > 0xF4 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    if (length > text.length - at) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((text.octets[at + i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

uint32_t encoding_next(struct span text, size_t *at) {
    size_t length = utf8_length(text, *at);
    uint8_t first = text.octets[*at];
    if (length <= 1) {
        ++*at;
        return length == 1 ? first : of_windows_1252(first);
    }
    uint32_t character = first & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        character = character << 6 | (text.octets[*at + i] & 0x3F);
    }
    uint32_t least = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x10000;
    bool exists =
        character >= least && character <= 0x10FFFF && (character < 0xD800 || character > 0xDFFF);
    *at += exists ? length : 1;
    return exists ? character : of_windows_1252(first);
}

size_t encoding_write(uint32_t character, uint8_t *out) {
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF)) {
        character = CHARACTER_UNKNOWN;
    }
    if (character < 0x80) {
        out[0] = (uint8_t)character;
        return 1;
    }
    size_t length = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = length; i > 1; i--) {
        out[i - 1] = (uint8_t)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    out[0] = (uint8_t)((0xF00U >> length) | character);
    return length;
}

/* --- UTF-16 --------------------------------------------------------------------------------- */

/* Is it UTF-16, and with the higher octet first? Without a mark, most characters being letters,
 * digits and blanks, whose higher octet is zero, tells. */
static bool is_utf16(struct span text, bool *is_big) {
    size_t looked = text.length < LOOKED_AT ? text.length & ~(size_t)1 : LOOKED_AT;
    size_t zeros[2] = {0, 0};
    if (text.length < 2) {
        return false;
    }
    unsigned mark = (unsigned)text.octets[0] << 8 | text.octets[1];
    if (mark == 0xFEFF || mark == 0xFFFE) {
        *is_big = mark == 0xFEFF;
        return true;
    }
    for (size_t i = 0; i < looked; i++) {
        zeros[i % 2] += text.octets[i] == 0;
    }
    *is_big = zeros[0] > zeros[1];
    return zeros[!*is_big] > looked / 4 && zeros[*is_big] < looked / 16 + 1;
}

static uint32_t utf16_unit(struct span text, size_t at, bool is_big) {
    return (uint32_t)text.octets[at + !is_big] << 8 | text.octets[at + is_big];
}

/* The character at *at, which moves past it; an even number of octets is left. */
static uint32_t utf16_next(struct span text, size_t *at, bool is_big) {
    uint32_t unit = utf16_unit(text, *at, is_big);
    *at += 2;
    if (unit < 0xD800 || unit > 0xDBFF || *at == text.length) {
        return unit;
    }
    uint32_t second = utf16_unit(text, *at, is_big);
    if (second < 0xDC00 || second > 0xDFFF) {
        return unit;
    }
    *at += 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
}

/* --- The whole ------------------------------------------------------------------------------ */

size_t encoding_to_utf8(struct span text, uint8_t *out) {
    size_t length = 0;
    bool is_big = false, is_wide = is_utf16(text, &is_big);
    if (is_wide) {
        text.length &= ~(size_t)1; /* half a character at the end */
    }
    for (size_t at = 0; at < text.length;) {
        bool is_first = at == 0;
        uint32_t character = is_wide ? utf16_next(text, &at, is_big) : encoding_next(text, &at);
        if (!is_first || character != BYTE_ORDER_MARK) {
            length += encoding_write(character, out + length);
        }
    }
    return length;
}
