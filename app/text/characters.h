/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What characters beyond ASCII stand for in text that is made of ASCII alone.
 */
#ifndef MUSTER_APP_TEXT_CHARACTERS_H
#define MUSTER_APP_TEXT_CHARACTERS_H

#include <stdbool.h>
#include <stdint.h>

/* Is it a blank of any width? Not a line end. */
bool character_is_blank(uint32_t character);

/* Does it end a line? */
bool character_ends_line(uint32_t character);

/* Is it one that nobody sees: zero width, a soft hyphen, a mark of direction, a variation? */
bool character_is_unseen(uint32_t character);

/* What stands for it in ASCII, at most three characters: itself; a letter or digit of full width;
 * a dash, slash or dot of any kind; a fraction; "?" for anything else. Terminated. */
void character_in_ascii(uint32_t character, char out[4]);

#endif
