/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Characters as a terminal shows them, and the letters that they make: UTF-8 in and out, and how
 * many columns each takes. The rules are Unicode's (libutf8proc), not the process's locale, so that
 * a screen is laid out alike everywhere.
 */
#ifndef MUSTER_UI_CHARACTER_H
#define MUSTER_UI_CHARACTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CHARACTER_UTF8_SIZE = 5, /* the longest character in UTF-8, terminated */
    CHARACTER_JOINER = 0x200D
};

/* Takes the next character off *text, which must not be at its end. An octet that does not begin a
 * well-formed UTF-8 sequence (also overlong, surrogates, above U+10FFFF) is taken alone and gives
 * '?', as do control, private-use and unassigned characters, and format characters but the two
 * joiners: none of them may reach a terminal. */
uint32_t character_next(const char **text);

/* Columns that `character` takes: 0 (a mark or joiner), 1 or 2. A mark that has a place of its own
 * beside its letter takes one, as terminals have it. */
int character_width(uint32_t character);

/* The same as character_next, as it is shown after `before`, the character before it in its text (0
 * at its beginning), and the columns that it takes there: a mark or joiner with nothing to stand on
 * takes one of its own, and a joiner where nothing joins, which nobody could see, is '?'. */
uint32_t character_next_after(uint32_t before, const char **text, int *columns);

/* `character` as UTF-8, terminated, into `out`. Returns its octets. */
size_t character_utf8(uint32_t character, char out[CHARACTER_UTF8_SIZE]);

/* Where the first letter of `text`, which must not be at its end, ends: a letter as a person counts
 * them, with all its marks (an extended grapheme cluster, UAX 29). */
const char *letter_end(const char *text);

/* The letters of a text. */
size_t text_letters(const char *text);

/* Columns of a whole UTF-8 text, and of the letter from `text` to `end`. */
int text_width(const char *text);
int letter_width(const char *text, const char *end);

#endif
