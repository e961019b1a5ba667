/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The signs of the screens on terminals that lack them: one table, with a variant for the Linux
 * console, whose fonts have blocks but no tick and no parts of a block, and one in ASCII. What
 * others have named is left as it is.
 */
#ifndef MUSTER_UI_GLYPH_H
#define MUSTER_UI_GLYPH_H

#include <stdint.h>

enum glyphs {
    GLYPHS_UNICODE,
    GLYPHS_CONSOLE,
    GLYPHS_ASCII,
    GLYPHS_COUNT
};

/* Those for a terminal of type `term` in a locale whose characters are encoded as `codeset`:
 * "linux" (or "console"), "ascii" or "full" (or "unicode") in `forced` comes first. Any may be
 * NULL: not known. The locale "C", which says nothing of the terminal, is no reason for ASCII: then
 * `codeset` is to be NULL. */
enum glyphs glyphs_choose(const char *forced, const char *codeset, const char *term);

/* The character to show in place of that one; itself where there is nothing to replace. One column
 * like it. */
uint32_t glyph_of(enum glyphs glyphs, uint32_t character);

#endif
