/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading a store's records: all of them in the order of kind and key, or one.
 */
#ifndef MUSTER_APP_STORE_READING_H
#define MUSTER_APP_STORE_READING_H

#include "app/store/record_keys.h"
#include "app/store/store.h"

/* Where to read, with which keys. All of it outlives the reading. */
struct reading_place {
    struct database *database;
    const struct store_keys *keys;
    const struct record_keys *record_keys;
};

/* As store_load and store_find, which say what their arguments and errors are. */
MUST_CHECK enum status reading_all(const struct reading_place *place, store_record_fn *on_record,
                                   void *context, struct error *error);
MUST_CHECK enum status reading_one(const struct reading_place *place, enum record_kind kind,
                                   struct span key, store_record_fn *on_record, void *context,
                                   bool *found, struct error *error);

#endif
