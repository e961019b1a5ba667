/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The records' own keys. A record that holds a secret is sealed under a key of its own, drawn anew
 * each time that it is put. All these keys together are one more row of the store, sealed under a
 * key of the key file (key_file.h), so that destroying that one destroys the keys of records that
 * were deleted or replaced.
 *
 * What is no secret (marks, settings, rolls, a KMS's register and audit log) is sealed under the
 * store's own key, as is all of a store that an earlier version made, until it is opened.
 */
#ifndef MUSTER_APP_STORE_RECORD_KEYS_H
#define MUSTER_APP_STORE_RECORD_KEYS_H

#include "app/store/row.h"

/* Lives in secret memory. */
struct record_keys;

/* Has a record of that kind a key of its own? Each has but those that are named to have none. */
bool record_has_own_key(enum record_kind kind);

/* The name of the row that holds them: no record's, for names are keyed hashes. */
extern const uint8_t record_keys_name[DATABASE_NAME_SIZE];
bool record_keys_are_in(struct span name);

/* No keys, or a copy; NULL when out of memory. */
struct record_keys *record_keys_new(void);
struct record_keys *record_keys_copy(const struct record_keys *keys);
void record_keys_free(struct record_keys *keys);

/* The key of the record of that name; NULL when it has none of its own. It lives until the next
 * change. */
const uint8_t *record_keys_find(const struct record_keys *keys,
                                const uint8_t name[DATABASE_NAME_SIZE]);

/* Draws a key for the record of that name, in place of the one that it has. STATUS_NO_MEMORY,
 * STATUS_TOO_LONG (RECORD_KEYS_MAX), STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status record_keys_draw(struct record_keys *keys,
                                        const uint8_t name[DATABASE_NAME_SIZE],
                                        const uint8_t **key);

/* Forgets the key of the record of that name, if it has one. */
void record_keys_forget(struct record_keys *keys, const uint8_t name[DATABASE_NAME_SIZE]);

enum {
    RECORD_KEYS_MAX = 16000 /* what one row holds */
};

/* All of them, sealed under `present` of the key file together with the store's key: a new secret
 * that the caller frees. STATUS_NO_MEMORY, errors of seal_close. */
MUST_CHECK enum status record_keys_seal(const struct record_keys *keys,
                                        const struct store_keys *store_keys,
                                        const uint8_t present[SEAL_KEY_SIZE],
                                        struct secret **sealed);

/* The keys out of what was sealed. STATUS_SEAL_BROKEN: under another key; STATUS_NO_MEMORY. */
MUST_CHECK enum status record_keys_open(struct span sealed, const struct store_keys *store_keys,
                                        const uint8_t present[SEAL_KEY_SIZE],
                                        struct record_keys **keys);

#endif
