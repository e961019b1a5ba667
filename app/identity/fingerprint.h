/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fingerprints: what two people read to each other to know that they mean the same public key.
 */
#ifndef MUSTER_APP_IDENTITY_FINGERPRINT_H
#define MUSTER_APP_IDENTITY_FINGERPRINT_H

#include <stdbool.h>

#include "crypto/bytes.h"

enum {
    FINGERPRINT_SIZE = 8 * 5
};

/* The first 128 bits of the SHA-256 of `octets` as 8 groups of 4 hex digits. */
void fingerprint_of(struct span octets, char out[FINGERPRINT_SIZE]);

/* Are two fingerprints the same, in whatever case people write the digits and whatever spaces they
 * put between them? */
bool fingerprint_same(const char *one, const char *two);

#endif
