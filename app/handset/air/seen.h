/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bounded memory of octet strings handled lately, by hash, so that a frame or message that
 * arrives twice is handled once.
 */
#ifndef MUSTER_APP_HANDSET_AIR_SEEN_H
#define MUSTER_APP_HANDSET_AIR_SEEN_H

#include "crypto/bytes.h"

enum {
    SEEN_MAX = 1024,
    SEEN_BUCKETS = 1024,
    SEEN_HASH_SIZE = 16
};

/* Each frame is looked up, forged ones too, so the hashes are in buckets, by their first octets. */
struct seen {
    size_t next;
    uint16_t latest[SEEN_BUCKETS]; /* 1 more than the place of a bucket's latest; 0: it has none */
    uint16_t before[SEEN_MAX];     /* likewise, of the one before in the same bucket */
    uint8_t hashes[SEEN_MAX][SEEN_HASH_SIZE];
};

/* Are `first` and then `second` (either may be empty) remembered? */
bool seen_has(const struct seen *seen, struct span first, struct span second);

/* Remembers them; the oldest of SEEN_MAX is forgotten. */
void seen_add(struct seen *seen, struct span first, struct span second);

/* The same of what has been hashed already. */
bool seen_has_hash(const struct seen *seen, const uint8_t hash[SEEN_HASH_SIZE]);
void seen_add_hash(struct seen *seen, const uint8_t hash[SEEN_HASH_SIZE]);

#endif
