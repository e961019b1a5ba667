/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text armour: octets as lines of base64 between a BEGIN and an END line, so that a request or a
 * bundle survives e-mail, a terminal or a printer. Anything before BEGIN and after END is ignored.
 */
#ifndef MUSTER_APP_TEXT_ARMOUR_H
#define MUSTER_APP_TEXT_ARMOUR_H

#include "crypto/bytes.h"

enum {
    ARMOUR_OCTETS_MAX = 8192, /* before armouring */
    ARMOUR_TEXT_MAX = 12288,  /* after it, with room for what mail programs add */
};

/* Appends `octets` (at most ARMOUR_OCTETS_MAX) armoured as `label` ("MUSTER BUNDLE") to `out`.
 * STATUS_TOO_LONG. */
MUST_CHECK enum status armour_write(const char *label, struct span octets, struct writer *out);

/* Appends the octets armoured as `label` in `text`, which may have come any way (plain.h), to
 * `out`. STATUS_NOT_FOUND when there is no BEGIN line, STATUS_MALFORMED for something that is not
 * base64, STATUS_TRUNCATED when the END line is missing, STATUS_TOO_LONG, STATUS_NO_MEMORY. Whether
 * letters were lost or changed, only a check in the octets can say. */
MUST_CHECK enum status armour_read(const char *label, struct span text, struct writer *out);

/* The same of the base64 alone, as cameras decode it from codes on a screen, one after the other,
 * with or without the "QR-Code:" that zbarimg puts before each. STATUS_NOT_FOUND where there is
 * anything else in the text, or nothing. */
MUST_CHECK enum status armour_read_bare(struct span text, struct writer *out);

#endif
