/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Unicode says about texts (libutf8proc): the same letters in one form, and how many they are.
 */
#ifndef MUSTER_APP_TEXT_UNICODE_H
#define MUSTER_APP_TEXT_UNICODE_H

#include "crypto/bytes.h"

enum unicode_form {
    UNICODE_COMPOSED,  /* NFC: a letter with its accent is one character where there is one */
    UNICODE_DECOMPOSED /* NFD: base letter and marks */
};

/* The room, in characters, that unicode_normalise needs for a text of `octets`: a character becomes
 * at most four, and a terminator follows. */
#define UNICODE_ROOM(octets) (4 * (octets) + 1)

/* Puts `text` (UTF-8) in the given form, in the caller's room[UNICODE_ROOM(text.length)], and
 * *normal to the octets there; a secret's room is secret memory, as nothing of it is kept
 * elsewhere. STATUS_MALFORMED when it is not well-formed UTF-8; *normal is then empty, and what is
 * in the room means nothing. */
MUST_CHECK enum status unicode_normalise(struct span text, enum unicode_form form, int32_t *room,
                                         struct span *normal);

/* The letters of a text as a person counts them (extended grapheme clusters, UAX 29); an octet that
 * is not UTF-8 counts as one. */
size_t unicode_letters(struct span text);

#endif
