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
    SEEN_HASH_SIZE = 16
};

struct seen {
    size_t next;
    uint8_t hashes[SEEN_MAX][SEEN_HASH_SIZE];
};

/* Are `first` and then `second` (either may be empty) remembered? */
bool seen_has(const struct seen *seen, struct span first, struct span second);

/* Remembers them; the oldest of SEEN_MAX is forgotten. */
void seen_add(struct seen *seen, struct span first, struct span second);

#endif
