/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One row of a store: a record's name, which is a keyed hash of its kind and key, and what is
 * sealed: kind, key and value together, for the place that is the store's id and the name.
 */
#ifndef MUSTER_APP_STORE_ROW_H
#define MUSTER_APP_STORE_ROW_H

#include "app/store/batch.h"
#include "app/store/database.h"
#include "app/store/head.h"

enum {
    ROW_PLAIN_MAX = 2 + 1 + RECORD_KEY_MAX + RECORD_VALUE_MAX,
    ROW_SEALED_MAX = ROW_PLAIN_MAX + SEAL_OVERHEAD,
    ROW_PLACE_SIZE = STORE_ID_SIZE + DATABASE_NAME_SIZE,
};

/* The place of what stands under `name` in the store, written to `octets`. */
struct span row_place(const struct store_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                      uint8_t octets[ROW_PLACE_SIZE]);

/* The hidden name of a record. STATUS_TOO_LONG, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status row_name(const struct store_keys *keys, enum record_kind kind,
                                struct span key, uint8_t name[DATABASE_NAME_SIZE]);

/* Appends what `change` puts to `sealed`, under `sealing_key`. `plain` is for its own use: the
 * caller wipes it. Errors of seal_close. */
MUST_CHECK enum status row_seal(const struct store_keys *keys,
                                const uint8_t name[DATABASE_NAME_SIZE],
                                const uint8_t sealing_key[SEAL_KEY_SIZE],
                                const struct batch_change *change, uint8_t plain[ROW_PLAIN_MAX],
                                struct writer *sealed);

/* Opens a row into `plain`, ROW_PLAIN_MAX octets or what is enough for `record`, in which *key and
 * *value lie then. STATUS_SEAL_BROKEN, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status row_open(const struct store_keys *keys,
                                const uint8_t name[DATABASE_NAME_SIZE],
                                const uint8_t sealing_key[SEAL_KEY_SIZE], struct span record,
                                uint8_t *plain, size_t room, enum record_kind *kind,
                                struct span *key, struct span *value);

#endif
