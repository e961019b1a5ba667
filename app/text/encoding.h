/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text as files hold it: UTF-8, UTF-16 in either order, or an older encoding with one octet for
 * each character, with a byte order mark in front or without.
 */
#ifndef MUSTER_APP_TEXT_ENCODING_H
#define MUSTER_APP_TEXT_ENCODING_H

#include "crypto/bytes.h"

enum {
    ENCODING_GROWTH = 3,       /* octets of UTF-8, at most, for each octet of the text */
    CHARACTER_UNKNOWN = 0xFFFD /* where there is a character that nobody can tell */
};

/* Writes `text` to out[ENCODING_GROWTH * text.length] as well-formed UTF-8 without a byte order
 * mark; returns how many octets. UTF-16 is recognised by its mark, or by the zeros that letters of
 * Europe have in it. Octets that are not UTF-8 are taken for Windows-1252, which includes Latin-1.
 */
size_t encoding_to_utf8(struct span text, uint8_t *out);

/* The character at *at, which moves past it. An octet that is not part of well-formed UTF-8 is the
 * character that it is in Windows-1252. Not beyond the end of the text. */
uint32_t encoding_next(struct span text, size_t *at);

/* Writes the character to out[4] as UTF-8, one that does not exist as CHARACTER_UNKNOWN; returns
 * how many octets. */
size_t encoding_write(uint32_t character, uint8_t *out);

#endif
