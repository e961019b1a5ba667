/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/changing.h"

#include "app/store/trouble.h"

bool changing_needs_keys(const struct batch *const batches[], size_t count) {
    for (size_t b = 0; b < count; b++) {
        for (size_t i = 0; i < batches[b]->count; i++) {
            if (record_has_own_key(batches[b]->changes[i].kind)) {
                return true;
            }
        }
    }
    return false;
}

static enum status internal(const struct changing *changing, enum status status,
                            struct error *error) {
    return trouble_internal(database_path(changing->database), status, error);
}

static enum status take_out_row(void *context, struct span name, struct span record,
                                struct error *error) {
    struct changing *changing = context;
    enum status status = tally_row(changing->keys, name, record, changing->tally);
    return status == STATUS_OK ? STATUS_OK : internal(changing, status, error);
}

/* Puts a row in place of the one of that name, which is out of the tally. */
static enum status put_row(struct changing *changing, const uint8_t name[DATABASE_NAME_SIZE],
                           struct span sealed, struct error *error) {
    enum status status =
        tally_row(changing->keys, (struct span){name, DATABASE_NAME_SIZE}, sealed, changing->tally);
    return status == STATUS_OK ? database_put(changing->database, name, sealed, error)
                               : internal(changing, status, error);
}

static enum status put(struct changing *changing, const struct batch_change *change,
                       struct error *error) {
    struct writer sealed = writer_into(changing->sealed, sizeof changing->sealed);
    const uint8_t *key = changing->keys->record;
    enum status status = STATUS_OK;
    if (record_has_own_key(change->kind)) {
        status = record_keys_draw(changing->record_keys, changing->name, &key);
        changing->has_new_keys = true;
    }
    if (status == STATUS_OK) {
        status = row_seal(changing->keys, changing->name, key, change, changing->plain, &sealed);
    }
    return status == STATUS_OK ? put_row(changing, changing->name, writer_span(&sealed), error)
                               : internal(changing, status, error);
}

static enum status apply(struct changing *changing, const struct batch_change *change,
                         struct error *error) {
    struct database *database = changing->database;
    struct span key = {change->key, change->key_length};
    enum status status = row_name(changing->keys, change->kind, key, changing->name);
    if (status != STATUS_OK) {
        return internal(changing, status, error);
    }
    bool found;
    status = database_get(database, changing->name, take_out_row, changing, &found, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (found && record_has_own_key(change->kind)) {
        record_keys_forget(changing->record_keys, changing->name);
        changing->has_new_keys = true;
        changing->erases = true;
    }
    if (!change->is_delete) {
        return put(changing, change, error);
    }
    return found ? database_delete(database, changing->name, error) : STATUS_OK;
}

static enum status apply_all(struct changing *changing, const struct batch *const batches[],
                             size_t count, struct error *error) {
    enum status status = STATUS_OK;
    for (size_t b = 0; b < count; b++) {
        for (size_t i = 0; status == STATUS_OK && i < batches[b]->count; i++) {
            status = apply(changing, &batches[b]->changes[i], error);
        }
    }
    return status;
}

static enum status put_keys(struct changing *changing, struct error *error) {
    const struct key_file *file = changing->key_file;
    struct secret *sealed;
    bool found;
    enum status status =
        database_get(changing->database, record_keys_name, take_out_row, changing, &found, error);
    if (status != STATUS_OK) {
        return status;
    }
    status =
        record_keys_seal(changing->record_keys, changing->keys,
                         changing->erases ? key_file_next(file) : key_file_present(file), &sealed);
    if (status != STATUS_OK) {
        return internal(changing, status, error);
    }
    status = put_row(changing, record_keys_name, secret_span(sealed), error);
    secret_free(sealed);
    if (status == STATUS_OK && changing->is_old) {
        status = database_set_version(changing->database, DATABASE_UNSWEPT, error);
    }
    return status;
}

static enum status put_head(struct changing *changing, struct error *error) {
    enum status status = database_put_head(changing->database, changing->head, error);
    return status == STATUS_OK ? database_set_version(changing->database, DATABASE_UNSWEPT, error)
                               : status;
}

static enum status put_tally(struct changing *changing, struct error *error) {
    uint8_t octets[TALLY_SEALED_SIZE];
    struct writer tally = writer_into(octets, sizeof octets);
    enum status status = tally_close(changing->keys, changing->tally, &entropy_system, &tally);
    return status == STATUS_OK ? database_put_tally(changing->database, writer_span(&tally), error)
                               : internal(changing, status, error);
}

enum status changing_run(struct changing *changing, const struct batch *const batches[],
                         size_t count, struct error *error) {
    enum status status = database_begin(changing->database, error);
    if (status == STATUS_OK) {
        status = apply_all(changing, batches, count, error);
    }
    if (status == STATUS_OK && changing->has_new_keys) {
        status = put_keys(changing, error);
    }
    if (status == STATUS_OK && changing->head.length > 0) {
        status = put_head(changing, error);
    }
    if (status == STATUS_OK) {
        status = put_tally(changing, error);
    }
    return status == STATUS_OK ? database_commit(changing->database, error) : status;
}
