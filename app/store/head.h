/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of a store: what turns a passphrase into its keys. It holds a random data key, sealed
 * under the passphrase's key (Argon2id) and bound to all the octets before it, and a checksum that
 * tells damage from a wrong passphrase.
 */
#ifndef MUSTER_APP_STORE_HEAD_H
#define MUSTER_APP_STORE_HEAD_H

#include "crypto/seal.h"

enum {
    STORE_ID_SIZE = 16,
    HEAD_OPEN_SIZE = 1 + STORE_ID_SIZE + SEAL_SALT_SIZE + 4 + 4,
    HEAD_SEALED_SIZE = SEAL_KEY_SIZE + SEAL_OVERHEAD,
    HEAD_SIZE = HEAD_OPEN_SIZE + HEAD_SEALED_SIZE + SEAL_HASH_SIZE,
};

/* A store's random id and its keys, each derived from the data key by its label. Lives in secret
 * memory. */
struct store_keys {
    uint8_t id[STORE_ID_SIZE];
    uint8_t record[SEAL_KEY_SIZE]; /* seals rows */
    uint8_t name[SEAL_KEY_SIZE];   /* hides record keys */
    uint8_t tally[SEAL_KEY_SIZE];  /* counts rows */
    uint8_t keys[SEAL_KEY_SIZE];   /* seals the records' own keys, with one of the key file */
};

/* Draws a store's id and keys and appends its head (HEAD_SIZE octets) to `out`. The errors of
 * seal_key_of_passphrase and of `entropy`. */
MUST_CHECK enum status head_make(struct span passphrase, struct seal_work work,
                                 const struct entropy *entropy, struct store_keys *keys,
                                 struct writer *out);

/* The id and keys of a store from its head. STATUS_SEAL_BROKEN for a head that is damaged,
 * STATUS_WRONG_PASSPHRASE for a whole one that the passphrase does not open. */
MUST_CHECK enum status head_open(struct span head, struct span passphrase, struct store_keys *keys);

/* Appends the same store's head under another passphrase, with a salt of its own. Errors of
 * head_open for `passphrase`, and of head_make. */
MUST_CHECK enum status head_change(struct span head, struct span passphrase,
                                   struct span new_passphrase, const struct entropy *entropy,
                                   struct writer *out);

#endif
