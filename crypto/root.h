/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The root of a domain: an Ed25519 key (RFC 8032, libsodium) that signs nothing but which keys the
 * domain has, and so can stay offline. The key that signs the domain's statements (statement.h) has
 * to be where the KMS is.
 */
#ifndef MUSTER_CRYPTO_ROOT_H
#define MUSTER_CRYPTO_ROOT_H

#include "crypto/bytes.h"
#include "crypto/status.h"

enum {
    ROOT_KEY_SIZE = 32,
    ROOT_SEED_SIZE = 32, /* the secret */
    ROOT_SIGNATURE_SIZE = 64
};

/* The public key of `seed`. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status root_key_of(const uint8_t seed[ROOT_SEED_SIZE], uint8_t key[ROOT_KEY_SIZE]);

/* Signs `message` with the key of `seed`. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status root_sign(const uint8_t seed[ROOT_SEED_SIZE], struct span message,
                                 uint8_t signature[ROOT_SIGNATURE_SIZE]);

/* Does it verify? STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status root_verify(const uint8_t key[ROOT_KEY_SIZE], struct span message,
                                   const uint8_t signature[ROOT_SIGNATURE_SIZE]);

#endif
