/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of a frame that is longer than a link takes (app/README.md section 4, kind 9). What is cut
 * up is the whole: the frame's kind (1 octet) and its payload. The payload of a part:
 *
 *   first 8 octets of the whole's BLAKE2b-256, place (1), the part's octets
 *
 * The place has the number of the part, from 0 up, in its upper four bits and the number of parts,
 * 2 to FRAGMENTS_MAX, in its lower four.
 *
 * Nobody signs a part, and the address that it comes from can be forged. So two variants of each
 * part are kept, the latest ones, and each combination is tried against the hash: at most eight
 * with each part that comes. Parts from different addresses are never put together. When a frame is
 * said again, the same whole goes out again, so that parts of both times make it up.
 *
 * What is kept is bounded: in time for each whole, in octets for each address, and for all
 * neighbours and all strangers together, each apart. Where there is no room the address that has
 * most octets gives up its oldest whole; where there is no place, the one that has most wholes
 * gives up that of which least is there.
 */
#ifndef MUSTER_APP_HANDSET_AIR_FRAGMENT_H
#define MUSTER_APP_HANDSET_AIR_FRAGMENT_H

#include "app/handset/air/frame.h"
#include "app/moment.h"

enum {
    FRAGMENTS_MAX = 4, /* of a whole */
    FRAGMENT_VARIANTS = 2,
    FRAGMENT_HASH_SIZE = 8,
    FRAGMENT_HEADER_SIZE = FRAGMENT_HASH_SIZE + 1,
    FRAGMENT_OCTETS_MAX = FRAME_MAX - FRAME_HEADER_SIZE - FRAGMENT_HEADER_SIZE,
    FRAGMENT_WHOLE_MAX = 1 + FRAME_MAX - FRAME_HEADER_SIZE,
    FRAGMENTS_LAST_MS = 5000,        /* so long after its first part a whole is given up */
    FRAGMENTS_STRANGER_MAX = 8192,   /* octets that one address may take up, of a stranger */
    FRAGMENTS_NEIGHBOUR_MAX = 32768, /* and of a neighbour */
    FRAGMENTS_OCTETS_MAX = 65536,    /* of all strangers, and of all neighbours */
    FRAGMENTS_WHOLES_MAX = 128,      /* of each of the two */
    FRAGMENTS_WHOLE_OVERHEAD = 64,   /* octets that a whole counts for besides its parts' */
};

_Static_assert(FRAGMENTS_MAX *(FRAME_LINK_MIN - FRAME_HEADER_SIZE - FRAGMENT_HEADER_SIZE) >=
                   FRAGMENT_WHOLE_MAX,
               "every whole fits into its parts on every link");

/* One part, as it stands in a frame. */
struct fragment {
    uint8_t hash[FRAGMENT_HASH_SIZE];
    size_t at, count;
    struct span octets; /* lives as long as the frame */
};

/* A whole that is cut up: its hash, and how many octets are in each part but the last. */
struct fragment_cut {
    uint8_t hash[FRAGMENT_HASH_SIZE];
    struct span whole;
    size_t count, each;
};

/* Cuts `whole` for frames of up to `largest` octets (FRAME_LINK_MIN at least); it is more than fits
 * into one. The cut lives as long as `whole`. */
struct fragment_cut fragment_cut(struct span whole, size_t largest);

/* The first octets of the hash of the whole that a frame of `kind` with `payload` makes. */
void fragment_hash_of(enum frame_kind kind, struct span payload, uint8_t hash[FRAGMENT_HASH_SIZE]);

/* Appends the payload of part number `at`, from 0 up. */
void fragment_write(struct writer *out, const struct fragment_cut *cut, size_t at);

/* Reads a part's payload. STATUS_TRUNCATED, STATUS_MALFORMED (the place). */
MUST_CHECK enum status fragment_read(struct span payload, struct fragment *part);

/* The frame that a whole makes; its id and hops left are not in it and stay as they are. The
 * payload lives as long as `whole`. STATUS_TRUNCATED, STATUS_UNSUPPORTED (the kind: a part has no
 * parts). */
MUST_CHECK enum status frame_of_whole(struct span whole, struct frame *frame);

/* Wholes of which not all parts have come. */
struct fragments {
    struct fragmented *wholes[2][FRAGMENTS_WHOLES_MAX]; /* of strangers, of neighbours */
    uint8_t octets[FRAGMENT_WHOLE_MAX];                 /* of the latest one that was complete */
};

/* A part came from `peer`. Where it completes its whole, that is in *whole, which lives until the
 * next call, and is forgotten otherwise; else *whole is empty. STATUS_NO_MEMORY and fragment_read's
 * errors. */
MUST_CHECK enum status fragments_hear(struct fragments *parts, struct moment now, uint64_t peer,
                                      bool is_neighbour, struct span payload, struct span *whole);

/* Octets that are taken up, as they count, by strangers or by neighbours. */
size_t fragments_octets(const struct fragments *parts, bool is_neighbour);

/* Forgets all. */
void fragments_clear(struct fragments *parts);

#endif
