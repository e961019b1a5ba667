/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/opening.h"

static enum status restore_record(void *context, enum record_kind kind, struct span key,
                                  struct span value) {
    return handset_restore(context, kind, key, value);
}

static enum status open_or_create(struct opening *opening, struct error *error) {
    if (opening->to_read) {
        return store_open_to_read(opening->path, opening->passphrase, &opening->store, error);
    }
    if (store_exists(opening->path)) {
        return store_open(opening->path, opening->passphrase, &opening->store, error);
    }
    return store_create_bound(opening->path, opening->passphrase, opening->strength,
                              opening->binding, &opening->entropy, &opening->store, error);
}

enum status opening_start(struct opening *opening, struct error *error) {
    struct handset_setup setup = {.provider = opening->provider,
                                  .entropy = opening->entropy,
                                  .namer = opening->namer,
                                  .is_bound = store_is_bound(opening->store)};
    enum status status = handset_new(&setup, opening->now, &opening->handset);
    if (status != STATUS_OK) {
        return error_set(error, status, "cannot start the handset: %s", status_text(status));
    }
    status = store_load(opening->store, restore_record, opening->handset, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = handset_start(opening->handset, opening->now);
    if (status == STATUS_NOT_FOUND) {
        handset_free(opening->handset);
        opening->handset = NULL;
        return STATUS_OK;
    }
    if (status != STATUS_OK) {
        return error_set(error, status, "the handset in %s does not start: %s", opening->path,
                         status_text(status));
    }
    return STATUS_OK;
}

void opening_undo(struct opening *opening) {
    handset_free(opening->handset);
    if (opening->store != NULL) {
        store_close(opening->store);
    }
    opening->handset = NULL;
    opening->store = NULL;
}

enum status opening_run(struct opening *opening, struct error *error) {
    opening->store = NULL;
    opening->handset = NULL;
    enum status status = open_or_create(opening, error);
    if (status == STATUS_OK) {
        status = opening_start(opening, error);
    }
    if (status != STATUS_OK) {
        opening_undo(opening);
    }
    return status;
}
