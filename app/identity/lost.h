/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whom this handset's officer has reported lost: identities whose handset may be in other hands.
 * The keyring takes no signature of theirs, as of whom the KMS has revoked (revocation.h); but this
 * is one officer's word, it counts on this handset alone, and that officer can take it back.
 */
#ifndef MUSTER_APP_IDENTITY_LOST_H
#define MUSTER_APP_IDENTITY_LOST_H

#include <stdbool.h>

#include "crypto/identifier.h"

enum {
    LOST_MAX = 64
};

struct lost {
    size_t count;
    uint64_t version; /* changes with the list */
    char list[LOST_MAX][IDENTITY_SIZE];
};

/* Is that one among them? */
bool lost_has(const struct lost *lost, const char *identity);

/* One more; who is among them already changes nothing. STATUS_TOO_LONG when there are LOST_MAX,
 * and identity_check's errors. */
MUST_CHECK enum status lost_add(struct lost *lost, const char *identity);

/* One less, if it is among them. */
void lost_remove(struct lost *lost, const char *identity);

#endif
