/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What people carry as text comes through mail programs, web pages, chats, editors and printers,
 * which change all but its letters. Here it is made plain: ASCII, in which
 *
 *   - UTF-16, UTF-8 and Windows-1252 are read (encoding.h),
 *   - quoted-printable, percent and JSON escapes, HTML tags and entities, and passages in base64
 *     that hold something of Muster's are decoded,
 *   - every line end is a line feed and every other blank is a space,
 *   - characters that nobody sees (zero width, soft hyphens, marks of direction) are gone,
 *   - what an editor or keyboard puts in place of a letter, digit, dash, slash, dot or fraction
 *     is that again, and any other character is a question mark.
 *
 * Whoever reads it passes over all that cannot be part of what is read, quotation marks as well as
 * line ends, and leaves it to the check inside to say whether anything is missing.
 */
#ifndef MUSTER_APP_TEXT_PLAIN_H
#define MUSTER_APP_TEXT_PLAIN_H

#include "crypto/bytes.h"

struct plain {
    struct span text;
    uint8_t *octets; /* of the text */
};

/* Makes `text` plain, in time proportional to its length and at most 45 times its length in memory.
 * STATUS_NO_MEMORY. The caller frees it. */
MUST_CHECK enum status plain_of(struct span text, struct plain *plain);

/* Wipes and frees; it is empty then. */
void plain_free(struct plain *plain);

bool plain_is_letter_or_digit(uint8_t character);

/* Where the next letter or digit stands at or after `at`, or the text's end. */
size_t plain_skip(struct span text, size_t at);

/* Do the letters and digits of `words`, capitals, stand at `at`, in whatever case and with anything
 * between them that is neither? Returns the place after the last of them; 0 when they do not. */
size_t plain_words(struct span text, size_t at, const char *words);

#endif
