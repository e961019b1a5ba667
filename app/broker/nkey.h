/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Nkeys: how NATS writes Ed25519 keys, as base32 text of a prefix, the key and a CRC-16. The prefix
 * makes the first letter: O for an operator's public key, A for an account's, U for a user's; seeds
 * begin with S and that letter.
 */
#ifndef MUSTER_APP_BROKER_NKEY_H
#define MUSTER_APP_BROKER_NKEY_H

#include "crypto/bytes.h"

enum {
    NKEY_SEED_SIZE = 32,
    NKEY_PUBLIC_TEXT_SIZE = 56 + 1, /* terminated */
    NKEY_SEED_TEXT_SIZE = 58 + 1,
    NKEY_SIGNATURE_SIZE = 64
};

enum nkey_kind {
    NKEY_OPERATOR,
    NKEY_ACCOUNT,
    NKEY_USER
};

/* The text of the public key that belongs to a seed. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status nkey_public_text(enum nkey_kind kind, const uint8_t seed[NKEY_SEED_SIZE],
                                        char out[NKEY_PUBLIC_TEXT_SIZE]);

/* The text of the seed: a secret. */
void nkey_seed_text(enum nkey_kind kind, const uint8_t seed[NKEY_SEED_SIZE],
                    char out[NKEY_SEED_TEXT_SIZE]);

/* The Ed25519 signature with the key of the seed. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status nkey_sign(const uint8_t seed[NKEY_SEED_SIZE], struct span message,
                                 uint8_t signature[NKEY_SIGNATURE_SIZE]);

#endif
