/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/characters.h"

#include <stddef.h>
#include <stdio.h>

struct range {
    uint32_t first, last;
};

#define HOLDS(ranges, character) holds(ranges, sizeof(ranges) / sizeof(ranges)[0], character)

static bool holds(const struct range ranges[], size_t count, uint32_t character) {
    for (size_t i = 0; i < count; i++) {
        if (character >= ranges[i].first && character <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

bool character_is_blank(uint32_t character) {
    static const struct range blanks[] = {
        {'\t', '\t'},     {'\v', '\f'},     {' ', ' '},       {0xA0, 0xA0},     {0x115F, 0x1160},
        {0x1680, 0x1680}, {0x2000, 0x200A}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x2800, 0x2800},
        {0x3000, 0x3000}, {0x3164, 0x3164}, {0xFFA0, 0xFFA0}};
    return HOLDS(blanks, character);
}

bool character_ends_line(uint32_t character) {
    return character == '\n' || character == '\r' || character == 0x85 || character == 0x2028 ||
           character == 0x2029;
}

bool character_is_unseen(uint32_t character) {
    static const struct range unseen[] = {
        {0x00, 0x08},       {0x0E, 0x1F},      {0x7F, 0x84},     {0x86, 0x9F},
        {0xAD, 0xAD},       {0x034F, 0x034F},  {0x061C, 0x061C}, {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},  {0x202A, 0x202E}, {0x2060, 0x206F},
        {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFF9, 0xFFFB}, {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
    return HOLDS(unseen, character);
}

static bool is_dash(uint32_t character) {
    static const struct range dashes[] = {{0x2010, 0x2015}, {0x2043, 0x2043}, {0x207B, 0x207B},
                                          {0x2212, 0x2212}, {0x2E3A, 0x2E3B}, {0xFE58, 0xFE58},
                                          {0xFE63, 0xFE63}};
    return HOLDS(dashes, character);
}

static bool is_slash(uint32_t character) {
    return character == 0x2044 || character == 0x2215 || character == 0x29F8;
}

static bool is_dot(uint32_t character) {
    return character == 0x2024 || character == 0x2026 || character == 0x3002 ||
           character == 0xFE52 || character == 0xFF61;
}

/* "1/2", as editors write a part's number. */
static bool is_fraction(uint32_t character, char out[4]) {
    static const struct {
        uint16_t character;
        char over, under;
    } fractions[] = {{0xBC, '1', '4'},   {0xBD, '1', '2'},   {0xBE, '3', '4'},   {0x2150, '1', '7'},
                     {0x2151, '1', '9'}, {0x2153, '1', '3'}, {0x2154, '2', '3'}, {0x2155, '1', '5'},
                     {0x2156, '2', '5'}, {0x2157, '3', '5'}, {0x2158, '4', '5'}, {0x2159, '1', '6'},
                     {0x215A, '5', '6'}, {0x215B, '1', '8'}, {0x215C, '3', '8'}, {0x215D, '5', '8'},
                     {0x215E, '7', '8'}};
    for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; i++) {
        if (fractions[i].character == character) {
            snprintf(out, 4, "%c/%c", fractions[i].over, fractions[i].under);
            return true;
        }
    }
    return false;
}

/* A letter that is another language's small or capital form of one of ASCII. */
static char other_case(uint32_t character) {
    return character == 0x0130   ? 'I' /* with a dot */
           : character == 0x0131 ? 'i' /* without one */
           : character == 0x017F ? 's' /* the long one */
           : character == 0x212A ? 'K' /* the unit kelvin */
                                 : '\0';
}

void character_in_ascii(uint32_t character, char out[4]) {
    char one = '?';
    if (is_fraction(character, out)) {
        return;
    }
    if (character < 0x80) {
        one = (char)character;
    } else if (character >= 0xFF01 && character <= 0xFF5E) {
        one = (char)(character - 0xFF01 + '!');
    } else if (is_dash(character)) {
        one = '-';
    } else if (is_slash(character)) {
        one = '/';
    } else if (is_dot(character)) {
        one = '.';
    } else if (other_case(character) != '\0') {
        one = other_case(character);
    }
    out[0] = one;
    out[1] = '\0';
}
