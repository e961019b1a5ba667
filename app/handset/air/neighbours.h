/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where neighbours are kept: allocated as they come, about 1.4 KB each, and NEIGHBOURS_MAX at most
 * (6 MB). They are looked up by identity, and by the frame that their latest presence came in, in
 * the same time however many there are; so is an address that a frame comes from. The hashes are
 * keyed: nobody can choose identities or addresses that share a bucket.
 */
#ifndef MUSTER_APP_HANDSET_AIR_NEIGHBOURS_H
#define MUSTER_APP_HANDSET_AIR_NEIGHBOURS_H

#include "app/handset/air/neighbour.h"

enum {
    NEIGHBOURS_MAX = 4096,
    NEIGHBOURS_KEY_SIZE = 16,
};

struct neighbours {
    size_t count, room;
    struct neighbour **list; /* in no order */
    uint8_t key[NEIGHBOURS_KEY_SIZE];
    uint16_t first[NEIGHBOUR_INDEXES][NEIGHBOURS_MAX]; /* 1 more than the place; 0: nobody */
};

/* Draws the key of the hashes; to be called while there are none. STATUS_LIBRARY_FAILED without
 * randomness. */
MUST_CHECK enum status neighbours_begin(struct neighbours *neighbours,
                                        const struct entropy *entropy);

/* Frees them. */
void neighbours_clear(struct neighbours *neighbours);

/* A hash of `octets` by the key. */
uint64_t neighbours_hash(const struct neighbours *neighbours, struct span octets);

/* A new one, all zero but its identity, by which it is found; NULL without memory, or when there
 * are NEIGHBOURS_MAX. */
struct neighbour *neighbours_add(struct neighbours *neighbours, const char *identity);

/* It is there no more, and freed. */
void neighbours_remove(struct neighbours *neighbours, struct neighbour *neighbour);

/* From now on it is found in `index` by `octets`, and no more by what it was found by before. */
void neighbours_put(struct neighbours *neighbours, enum neighbour_index index,
                    struct neighbour *neighbour, struct span octets);

/* The first one, and then the one after `neighbour`, that may have been put by octets of that hash;
 * NULL when there is none. */
struct neighbour *neighbours_first(const struct neighbours *neighbours, enum neighbour_index index,
                                   uint64_t hash);
struct neighbour *neighbours_next(const struct neighbours *neighbours, enum neighbour_index index,
                                  const struct neighbour *neighbour);

/* The one with that identity, or NULL. */
struct neighbour *neighbours_find(const struct neighbours *neighbours, const char *identity);

#endif
