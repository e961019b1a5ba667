/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a connection is opened to the domain's authority, where the domain has recovery on (lawful
 * intercept): the seed of the initiator's ephemeral key (crypto/connection_key.h) is encapsulated
 * to the domain's recovery identity of the month in the I_MESSAGE's time, under the authority's own
 * key where it has one, and else under the domain's.
 */
#ifndef MUSTER_APP_HANDSET_D2D_AUTHORITY_H
#define MUSTER_APP_HANDSET_D2D_AUTHORITY_H

#include "app/identity/keyring.h"
#include "crypto/connection_key.h"

enum {
    AUTHORITY_HASH_SIZE = 32
};

/* Initiator: encapsulates `seed` into `data`. The provider's errors. */
MUST_CHECK enum status authority_admit(const struct keyring *keyring, int64_t utc_ms,
                                       const uint8_t seed[RECOVERY_SEED_SIZE],
                                       uint8_t data[SAKKE_DATA_SIZE]);

/* Responder: what is kept of an I_MESSAGE's share and encapsulated data until the seed comes. */
void authority_hash(const uint8_t share[SHARE_SIZE], const uint8_t data[SAKKE_DATA_SIZE],
                    uint8_t hash[AUTHORITY_HASH_SIZE]);

/* Responder: are both of `hash` made of `seed`, in an I_MESSAGE of that time and RAND? SAKKE makes
 * the same data of the same seed each time (RFC 6508 6.2.1). STATUS_RECOVERY_MISSING when not. */
MUST_CHECK enum status authority_check(const struct keyring *keyring, int64_t utc_ms,
                                       const uint8_t rand[MIKEY_RAND_SIZE],
                                       const uint8_t seed[RECOVERY_SEED_SIZE],
                                       const uint8_t hash[AUTHORITY_HASH_SIZE]);

#endif
