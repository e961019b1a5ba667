/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The head of a store: what turns a passphrase into its keys. It holds a random data key, sealed
 * under the passphrase's key (Argon2id) and bound to all the octets before it, and a checksum that
 * tells damage from a wrong passphrase. Of a store that is bound to its machine (binding.h) it is
 * sealed under the passphrase's key and the binding's together, and its first octet says so.
 */
#ifndef MUSTER_APP_STORE_HEAD_H
#define MUSTER_APP_STORE_HEAD_H

#include <stdbool.h>

#include "crypto/seal.h"

enum {
    STORE_ID_SIZE = 16,
    HEAD_OPEN_SIZE = 1 + STORE_ID_SIZE + SEAL_SALT_SIZE + 4 + 4,
    HEAD_SEALED_SIZE = SEAL_KEY_SIZE + SEAL_OVERHEAD,
    HEAD_BINDING_SIZE = 32,
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

/* Draws the keys of the store with the id keys->id and appends its head (HEAD_SIZE octets) to
 * `out`. `binding` has HEAD_BINDING_SIZE octets, or is NULL: it is bound to no machine. The errors
 * of seal_key_of_passphrase and of `entropy`. */
MUST_CHECK enum status head_make(struct span passphrase, const uint8_t *binding,
                                 struct seal_work work, const struct entropy *entropy,
                                 struct store_keys *keys, struct writer *out);

/* Is the store bound, and what is its id? STATUS_SEAL_BROKEN for a head that is damaged. */
MUST_CHECK enum status head_look(struct span head, bool *is_bound, uint8_t id[STORE_ID_SIZE]);

/* The id and keys of a store from its head; `binding` as for head_make. STATUS_SEAL_BROKEN for a
 * head that is damaged, STATUS_WRONG_PASSPHRASE for a whole one that the passphrase does not open
 * with that binding. */
MUST_CHECK enum status head_open(struct span head, struct span passphrase, const uint8_t *binding,
                                 struct store_keys *keys);

/* Appends the same store's head under another passphrase, with a salt of its own, and
 * with another binding, or the same. Errors of head_open for `passphrase`, and of head_make. */
MUST_CHECK enum status head_change(struct span head, struct span passphrase, const uint8_t *binding,
                                   struct span new_passphrase, const uint8_t *new_binding,
                                   const struct entropy *entropy, struct writer *out);

#endif
