/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/glyph.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
    uint32_t unicode, console, ascii;
} table[] = {
    {0x2713, '+', '+'},    /* tick */
    {0x25CF, '*', '*'},    /* a filled circle: somebody talks */
    {0x25CB, 'o', 'o'},    /* an empty one */
    {0x2026, '~', '~'},    /* ellipsis */
    {0x201C, '"', '"'},    /* quotation marks */
    {0x201D, '"', '"'},    /* */
    {0x201E, '"', '"'},    /* */
    {0x2019, '\'', '\''},  /* apostrophe */
    {0x2013, '-', '-'},    /* dash */
    {0x00B7, '.', '.'},    /* middle dot */
    {0x00D7, 'x', 'x'},    /* times */
    {0x25B2, '^', '^'},    /* more above */
    {0x25BC, 'v', 'v'},    /* more below */
    {0x25B6, '>', '>'},    /* the handset in front */
    {0x2190, '<', '<'},    /* arrows */
    {0x2191, '^', '^'},    /* */
    {0x2192, '>', '>'},    /* */
    {0x2193, 'v', 'v'},    /* */
    {0x2502, 0x2502, '|'}, /* lines */
    {0x2500, 0x2500, '-'}, /* */
    {0x2580, '"', '"'},    /* the upper half of a cell, in a code for cameras */
    {0x2582, '.', '.'},    /* bars of a signal: weak, */
    {0x2584, ':', ':'},    /* fair, */
    {0x2586, '#', '#'},    /* strong */
    {0x2588, 0x2588, '#'}, /* bars: full, */
    {0x2589, 0x2588, '#'}, /* seven eighths, */
    {0x258A, 0x2588, '#'}, /* */
    {0x258B, 0x2588, '#'}, /* */
    {0x258C, 0x2588, '='}, /* half, */
    {0x258D, 0x2591, '='}, /* */
    {0x258E, 0x2591, '-'}, /* */
    {0x258F, 0x2591, '-'}, /* one eighth, */
    {0x2591, 0x2591, '.'}, /* and nothing */
    {0xFFFD, '?', '?'},    /* what cannot be shown */
    {0x25CC, 'o', 'o'},    /* what a mark stands on that has no letter */
};

static bool begins(const char *text, const char *with) {
    return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

enum glyphs glyphs_choose(const char *forced, const char *codeset, const char *term) {
    static const char *const names[GLYPHS_COUNT] = {
        [GLYPHS_UNICODE] = "full", [GLYPHS_CONSOLE] = "linux", [GLYPHS_ASCII] = "ascii"};
    static const char *const former[GLYPHS_COUNT] = {
        [GLYPHS_UNICODE] = "unicode", [GLYPHS_CONSOLE] = "console", [GLYPHS_ASCII] = "ascii"};
    for (int i = 0; forced != NULL && i < GLYPHS_COUNT; i++) {
        if (strcmp(forced, names[i]) == 0 || strcmp(forced, former[i]) == 0) {
            return (enum glyphs)i;
        }
    }
    if (codeset != NULL && strcmp(codeset, "UTF-8") != 0) {
        return GLYPHS_ASCII;
    }
    if (begins(term, "vt1") || begins(term, "vt2") || begins(term, "vt52") ||
        begins(term, "ansi")) {
        return GLYPHS_ASCII;
    }
    return term != NULL && (strcmp(term, "linux") == 0 || begins(term, "linux-")) ? GLYPHS_CONSOLE
                                                                                  : GLYPHS_UNICODE;
}

uint32_t glyph_of(enum glyphs glyphs, uint32_t character) {
    for (size_t i = 0; glyphs != GLYPHS_UNICODE && i < sizeof table / sizeof table[0]; i++) {
        if (table[i].unicode == character) {
            return glyphs == GLYPHS_CONSOLE ? table[i].console : table[i].ascii;
        }
    }
    return character;
}
