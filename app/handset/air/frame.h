/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The frame: what every transport carries (app/README.md section 4, "What goes over the air").
 * Version (1), kind (1), hops left (1), reserved (1, zero), frame id (8: the mark, 4, and 4 random
 * octets; mark.h), payload.
 */
#ifndef MUSTER_APP_HANDSET_AIR_FRAME_H
#define MUSTER_APP_HANDSET_AIR_FRAME_H

#include "crypto/bytes.h"

enum {
    FRAME_VERSION = 4,
    FRAME_HEADER_SIZE = 12,
    FRAME_MAX = 1200,     /* what passes every network without being cut up on the way */
    FRAME_LINK_MIN = 512, /* what the narrowest link must take, if need be cut up: fragment.h */
    FRAME_KIND_AT = 1,
    FRAME_HOPS_AT = 2,        /* where the octet of hops left is */
    FRAME_IDENTITY_SIZE = 16, /* what frame_identity makes */
    /* How many relays a frame may pass: from one street to the vehicle, from the vehicle to the
     * command post, and from there to the next street. Each more would let a frame that loops
     * behind the relays' memories be said once more. */
    FRAME_HOPS = 3
};

enum frame_kind {
    FRAME_PRESENCE = 1,
    FRAME_D2D = 2,
    FRAME_ANNOUNCEMENT = 3,
    FRAME_MEDIA = 4,
    FRAME_ANNOUNCEMENT_AND_MEDIA = 5,
    FRAME_KEY_DELIVERY = 6,
    FRAME_RELAY_CONTROL = 7,
    FRAME_RECEIPT = 8,
    FRAME_FRAGMENT = 9,
    FRAME_VOICE_REPORT = 10,
    FRAME_FLOOR = 11,
    FRAME_PRESENCE_LINK = 12,
    FRAME_INQUIRY = 13,
    FRAME_ATTENDANCE = 14,
    FRAME_REVOCATION = 15,
    FRAME_MESSAGE = 16,
    FRAME_MESSAGE_RECEIPT = 17,
};

enum {
    FRAME_KINDS = FRAME_MESSAGE_RECEIPT + 1 /* each is below that */
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

/* The version of what frame_read refused, if it looks like a frame of another one; or 0. */
uint8_t frame_other_version(struct span octets);

/* What makes two frames the same one: a hash of all that no relay changes, which is everything but
 * the hops left. Another frame with the same id is another frame. `octets` passed frame_read. */
void frame_identity(struct span octets, uint8_t identity[FRAME_IDENTITY_SIZE]);

/* Appends the frame. */
void frame_write(struct writer *out, const struct frame *frame);

#endif
