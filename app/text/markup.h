/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What programs wrap text in on its way (plain.h). Each takes UTF-8 and writes text to `out`;
 * returns how many octets.
 */
#ifndef MUSTER_APP_TEXT_MARKUP_H
#define MUSTER_APP_TEXT_MARKUP_H

#include "crypto/bytes.h"

enum {
    MARKUP_BASE64_GROWTH = 5
};

/* The text, and after its end what its passages of lines in base64 hold, as UTF-8, where that says
 * MUSTER. out[MARKUP_BASE64_GROWTH * text.length]. */
size_t markup_base64(struct span text, uint8_t *out);

/* Quoted-printable (RFC 2045 6.7), percent escapes (RFC 3986 2.1) and those of JSON (RFC 8259 7)
 * are decoded wherever they stand; a line that quoted-printable broke is whole again, and the line
 * ends that it loses come after it. out[text.length]. */
size_t markup_escapes(struct span text, uint8_t *out);

/* A tag of HTML is a space, or the line ends in it; entities are the characters that they name.
 * out[text.length]. */
size_t markup_tags(struct span text, uint8_t *out);

#endif
