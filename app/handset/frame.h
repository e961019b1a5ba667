/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame: what every transport carries (DESIGN.md section 4, "What goes over the air").
 * Version (1), kind (1), hops left (1), reserved (1, zero), frame id (8), payload.
 */
#ifndef MUSTER_APP_HANDSET_FRAME_H
#define MUSTER_APP_HANDSET_FRAME_H

#include "crypto/bytes.h"

enum {
    FRAME_VERSION = 1,
    FRAME_HEADER_SIZE = 12,
    FRAME_MAX = 16384
};

enum frame_kind {
    FRAME_PRESENCE = 1,
    FRAME_D2D = 2,
    FRAME_ANNOUNCEMENT = 3,
    FRAME_MEDIA = 4,
    FRAME_ANNOUNCEMENT_AND_MEDIA = 5,
    FRAME_KEY_DELIVERY = 6,
    FRAME_RELAY_CONTROL = 7,
};

struct frame {
    enum frame_kind kind;
    uint8_t hops_left;
    uint64_t id;
    struct span payload;
};

/* Reads a frame; the payload lives as long as `octets`. STATUS_TRUNCATED, STATUS_TOO_LONG,
 * STATUS_UNSUPPORTED (version or kind), STATUS_MALFORMED (reserved octet not zero). */
MUST_CHECK enum status frame_read(struct span octets, struct frame *frame);

/* Appends the frame. */
void frame_write(struct writer *out, const struct frame *frame);

#endif
