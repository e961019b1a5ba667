/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One transaction of a store: batches of changes, and what follows from them: the records' own
 * keys, sealed under the next key of the key file if one of those before is to be destroyed, and
 * the tally.
 */
#ifndef MUSTER_APP_STORE_CHANGING_H
#define MUSTER_APP_STORE_CHANGING_H

#include "app/store/key_file.h"
#include "app/store/record_keys.h"
#include "app/store/tally.h"

/* Lives in secret memory. */
struct changing {
    struct database *database;
    const struct store_keys *keys;
    const struct key_file *key_file;
    bool is_old;      /* the store: from now on earlier versions of Muster cannot read it */
    struct span head; /* a new one that is to stand there, or empty: the old one is */

    /* What was before the changes, and is there after them. */
    uint8_t tally[TALLY_SIZE];
    struct record_keys *record_keys;

    bool has_new_keys; /* the records' keys were changed */
    bool erases;       /* one of them is to be destroyed: they are under the next key */

    uint8_t name[DATABASE_NAME_SIZE];
    uint8_t plain[ROW_PLAIN_MAX];
    uint8_t sealed[ROW_SEALED_MAX];
};

/* Do these batches need the key file? */
bool changing_needs_keys(const struct batch *const batches[], size_t count);

/* Carries them out and commits; after a failure the caller rolls back. Errors of store_apply_all.
 */
MUST_CHECK enum status changing_run(struct changing *changing, const struct batch *const batches[],
                                    size_t count, struct error *error);

#endif
