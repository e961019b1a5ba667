/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters as a terminal shows them: UTF-8 in and out, and how many columns each takes. The rules
 * are tables, not the process's locale, so that a screen is laid out alike everywhere.
 */
#ifndef MUSTER_UI_CHARACTER_H
#define MUSTER_UI_CHARACTER_H

#include <stddef.h>
#include <stdint.h>

enum {
    CHARACTER_UTF8_SIZE = 5
}; /* the longest character in UTF-8, terminated */

/* Takes the next character off *text, which must not be at its end. An octet that does not begin a
 * well-formed UTF-8 sequence (also overlong, surrogates, above U+10FFFF) is taken alone and gives
 * '?', as do control, format and private-use characters: none of them may reach a terminal. */
uint32_t character_next(const char **text);

/* Columns that `character` takes: 0 (a combining mark), 1 or 2. */
int character_width(uint32_t character);

/* `character` as UTF-8, terminated, into `out`. Returns its octets. */
size_t character_utf8(uint32_t character, char out[CHARACTER_UTF8_SIZE]);

/* Columns of a whole UTF-8 text. */
int text_width(const char *text);

#endif
