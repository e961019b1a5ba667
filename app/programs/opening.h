/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a passphrase to a handset: opens the store or makes a new one, and starts the engine with
 * what is in it. Takes a second or so (Argon2id, checking the keys), so a screen runs it in the
 * background.
 */
#ifndef MUSTER_APP_PROGRAMS_OPENING_H
#define MUSTER_APP_PROGRAMS_OPENING_H

#include "app/handset/engine.h"
#include "app/store/store.h"

struct opening {
    /* What to open. All of it outlives opening_run. */
    const char *path;
    bool to_read; /* nothing will be saved: a read-only disk will do */
    struct span passphrase;
    enum store_strength strength; /* of a store that is made */
    enum binding_choice binding;  /* likewise */
    const struct provider *provider;
    struct entropy entropy;
    struct source_namer namer; /* may have no function */
    struct moment now;

    /* The result, for the caller to free. The handset is NULL when the store holds no credential
     * yet. Both are NULL after a failure. */
    struct store *store;
    struct handset *handset;
};

/* STATUS_OK, or what store_create_bound, store_open, store_load, handset_restore or handset_start
 * failed with, and *error says so in one line that names the store. */
MUST_CHECK enum status opening_run(struct opening *opening, struct error *error);

/* The engine, with what is in opening->store: of a store that is open. opening->handset is NULL
 * when it holds no credential. Errors of handset_new, store_load and handset_start; then the caller
 * calls opening_undo, or frees opening->handset. */
MUST_CHECK enum status opening_start(struct opening *opening, struct error *error);

/* Frees handset and store in this order. */
void opening_undo(struct opening *opening);

#endif
