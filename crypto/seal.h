/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sealing at rest (libsodium): octets that only the holder of a key opens, bound to the place where
 * they belong; a key from a passphrase; a keyed hash that hides names; and boxes that anybody can
 * close and only one device can open.
 *
 * Every function may return STATUS_LIBRARY_FAILED. On any failure the outputs hold nothing secret.
 */
#ifndef MUSTER_CRYPTO_SEAL_H
#define MUSTER_CRYPTO_SEAL_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"

enum {
    SEAL_KEY_SIZE = 32,
    SEAL_OVERHEAD = 24 + 16, /* nonce and tag of XChaCha20-Poly1305 */
    SEAL_SALT_SIZE = 16,
    SEAL_HASH_SIZE = 32,
    SEAL_BOX_KEY_SIZE = 32,
    SEAL_BOX_OVERHEAD = 48, /* the sender's one-time key and the tag */
};

/* Appends `plain`, sealed under `key` for `place`, to `out`: SEAL_OVERHEAD octets more than
 * `plain`. The nonce (24 octets, so that random ones never repeat) comes from `entropy`. `place` is
 * not written: whoever opens must know it. STATUS_TOO_LONG when it does not fit. */
MUST_CHECK enum status seal_close(const uint8_t key[SEAL_KEY_SIZE], struct span place,
                                  struct span plain, const struct entropy *entropy,
                                  struct writer *out);

/* Appends what was sealed to `out`. STATUS_SEAL_BROKEN when `sealed` was changed, or made under
 * another key or for another place; STATUS_TOO_LONG when it does not fit. */
MUST_CHECK enum status seal_open(const uint8_t key[SEAL_KEY_SIZE], struct span place,
                                 struct span sealed, struct writer *out);

/* How much work it is to try one passphrase (Argon2id). */
struct seal_work {
    uint32_t passes;
    uint32_t memory_kib;
};

/* The key of a passphrase by Argon2id. STATUS_NO_MEMORY; STATUS_UNSUPPORTED when `work` is below
 * Argon2id's least (1 pass, 8 KiB) or above what a handset could ever do (16 passes, 1 GiB), which
 * a hostile file might ask for. */
MUST_CHECK enum status seal_key_of_passphrase(struct span passphrase,
                                              const uint8_t salt[SEAL_SALT_SIZE],
                                              struct seal_work work, uint8_t key[SEAL_KEY_SIZE]);

/* Keyed hash of `text` (BLAKE2b): tells nothing about `text` to somebody without `key`. With labels
 * as `text` it derives independent keys from one. */
MUST_CHECK enum status seal_hash(const uint8_t key[SEAL_KEY_SIZE], struct span text,
                                 uint8_t out[SEAL_HASH_SIZE]);

/* Hash of `text` without a key (BLAKE2b), to notice damage and to compare by eye. */
MUST_CHECK enum status seal_checksum(struct span text, uint8_t out[SEAL_HASH_SIZE]);

/* Draws the key pair of a device that boxes are closed for (X25519). */
MUST_CHECK enum status seal_box_keys(const struct entropy *entropy,
                                     uint8_t public_key[SEAL_BOX_KEY_SIZE],
                                     uint8_t private_key[SEAL_BOX_KEY_SIZE]);

/* Appends a box with `plain` that only the holder of the private key opens (crypto_box_seal):
 * SEAL_BOX_OVERHEAD octets more than `plain`. It does not tell who closed it. STATUS_TOO_LONG when
 * it does not fit, STATUS_KEY_INVALID for a public key that is not a point of large order. */
MUST_CHECK enum status seal_box_close(const uint8_t public_key[SEAL_BOX_KEY_SIZE],
                                      struct span plain, struct writer *out);

/* Appends what is in the box to `out`. STATUS_SEAL_BROKEN when it was changed or closed for another
 * key; STATUS_TOO_LONG when it does not fit. */
MUST_CHECK enum status seal_box_open(const uint8_t public_key[SEAL_BOX_KEY_SIZE],
                                     const uint8_t private_key[SEAL_BOX_KEY_SIZE], struct span box,
                                     struct writer *out);

#endif
