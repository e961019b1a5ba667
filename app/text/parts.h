/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A key delivery as text (6.X.3.3.2.3: independent of the path): numbered parts, each of them one
 * line, which is a text message of at most 160 characters, in any order.
 *
 *     MUSTER KEY 3/10 TAGTAGTA TEXT.CHECKS
 *
 * The tag names the message, so that parts of several can be mixed: 8 characters of its SHA-256,
 * which also proves the whole once it is put together. The text is the part's octets. The check is
 * 6 characters of the SHA-256 of the line before it, so that a damaged line, or one with another
 * part's number, is told from a missing one. Neither tag nor check keeps an attacker out: the
 * delivery's signature does that.
 *
 * Tag, text and check are base32 (RFC 4648, without padding). Its capitals and digits are the same
 * in every alphabet of GSM 03.38 and survive a change of case, a printer, and a person who reads
 * them out or types them; a usual delivery of some 900 octets takes 12 parts, and in base64 would
 * take 10.
 */
#ifndef MUSTER_APP_TEXT_PARTS_H
#define MUSTER_APP_TEXT_PARTS_H

#include "crypto/key_delivery.h"

enum {
    PART_LINE_MAX = 160, /* characters of a part's line */
    PART_OCTETS = 79,    /* of the message in each part but the last, which has the rest */
    PARTS_MAX = (KEY_DELIVERY_MAX + PART_OCTETS - 1) / PART_OCTETS, /* of one message */
    PART_TAG_SIZE = 8 + 1,                                          /* a tag, terminated */
    PARTS_HEADLINE_MAX = 240,                                       /* octets of a headline */
    PARTS_TEXT_MAX = PARTS_MAX * (PART_LINE_MAX + 1) + 512 /* octets of all that parts_write writes
                                                            */
};

struct part {
    unsigned number, count; /* from 1 */
    char tag[PART_TAG_SIZE];
    size_t length;
    uint8_t octets[PART_OCTETS];
};

/* The tag of a message. */
void parts_tag(struct span message, char tag[PART_TAG_SIZE]);

/* Part `number` of the message, which has at most KEY_DELIVERY_MAX octets and at least one.
 * STATUS_TOO_LONG, STATUS_NOT_FOUND when it has no such part. */
MUST_CHECK enum status part_of(struct span message, unsigned number, struct part *part);

/* Appends the part's line, without a line feed. STATUS_TOO_LONG when it does not fit. */
MUST_CHECK enum status part_write(const struct part *part, struct writer *out);

/* Appends the message as people carry it, in e-mail or on paper: a first line that says that it is
 * a key delivery and `headline`, for whom and of which group (plain text of one line); how to use
 * it; the lines of all parts; and an end. At most PARTS_TEXT_MAX octets. STATUS_TOO_LONG,
 * STATUS_MALFORMED for an empty message or a headline of more than one line. */
MUST_CHECK enum status parts_write(struct span message, const char *headline, struct writer *out);

/* --- Finding parts in a text -------------------------------------------------------------------
 */

/* Goes through a text of any kind that was made plain (plain.h): a conversation, quoted mail, a
 * file. The text outlives it. */
struct part_reader {
    struct span text;
    size_t at, line_at;
    unsigned line; /* of line_at, from 1 */
};

struct part_reader part_reader_of(struct span plain);

enum part_state {
    PART_GOOD,
    PART_DAMAGED,    /* its check does not hold, or it ends early */
    PART_RENUMBERED, /* its check is that of another number of the same message */
};

/* A line that says that it is a part. Unless it is PART_GOOD its octets must not be used, and its
 * number, count and tag are what the line says, with number 0 where the line has no possible
 * number. */
struct part_found {
    enum part_state state;
    unsigned line;        /* where it begins, from 1 */
    unsigned true_number; /* PART_RENUMBERED: which part it is according to its check */
    struct part part;
};

/* Finds the next part; false at the end of the text. Of a part only letters, digits, the slash and
 * the dot count: case does not matter, and whatever else stands before, after or within it, line
 * ends, blanks, marks of a quotation, is passed over. Its check says whether all of it is there. */
bool part_reader_next(struct part_reader *reader, struct part_found *found);

#endif
