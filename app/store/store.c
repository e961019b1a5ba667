/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/store.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/store/attempts.h"
#include "app/store/binding.h"
#include "app/store/changing.h"
#include "app/store/copy.h"
#include "app/store/gathering.h"
#include "app/store/log.h"
#include "app/store/reading.h"
#include "app/store/trouble.h"
#include "app/store/unlocking.h"

/*
 * What is in the file (database.h): the head makes the keys of the passphrase (head.h); each record
 * is a row (row.h), sealed under a key of its own if it holds a secret (record_keys.h); the tally
 * tells whether the rows are those that were written last (tally.h). Only putting back all files in
 * an older state goes unnoticed, as long as nothing elsewhere remembers it.
 *
 * What makes the deleted unreadable is beside it (key_file.h).
 */

/* Lives in secret memory. */
struct store {
    struct database *database; /* NULL while its file cannot be opened again */
    char path[PATH_MAX];       /* in messages */
    char file[PATH_MAX];       /* what is open: the same, or a copy */
    struct store_keys keys;
    struct record_keys *record_keys;
    struct key_file key_file;
    struct attempts attempts; /* what is left to do of the one that opened it */
    uint8_t head[HEAD_SIZE];
    uint8_t tally[TALLY_SIZE];
    /* Of the last changes that failed, and of those before them: they may be there all the same. */
    uint8_t tried[2][TALLY_SIZE];
    bool is_suspect;  /* the file failed: it is opened again before it is written to */
    bool is_copy;     /* of a store on a read-only disk */
    bool is_bound;    /* to this machine */
    bool is_unerased; /* the last change is saved, but what it deleted could not be destroyed */
    bool is_short;    /* of space: it lives on its reserve, or has none */
    bool is_old;      /* an earlier version of Muster made it, and it could not be brought up yet */
};

bool store_exists(const char *path) {
    return access(path, F_OK) == 0;
}

void store_discard(const char *path) {
    char attempts[ATTEMPTS_PATH_SIZE];
    binding_discard(path);
    attempts_path(path, attempts);
    database_discard(path);
    unlink(attempts);
}

void store_close(struct store *store) {
    if (store == NULL) {
        return;
    }
    attempts_settle(store->path, &store->attempts);
    database_close(store->database);
    record_keys_free(store->record_keys);
    secret_object_free(store);
}

/* A store that knows its files; NULL when out of memory. */
static struct store *store_new(const char *file, const char *path) {
    struct store *store = secret_object_new(sizeof *store);
    if (store == NULL) {
        return NULL;
    }
    store->record_keys = record_keys_new();
    if (store->record_keys == NULL) {
        secret_object_free(store);
        return NULL;
    }
    snprintf(store->path, sizeof store->path, "%s", path);
    snprintf(store->file, sizeof store->file, "%s", file);
    return store;
}

/* Its files: what binds it comes first, so that a power cut leaves no store or one that opens. */
static enum status lay_down(struct store *store, const struct binding *binding,
                            const struct entropy *entropy, struct error *error) {
    uint8_t tally_octets[TALLY_SEALED_SIZE];
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = tally_close(&store->keys, store->tally, entropy, &tally);
    if (status != STATUS_OK) {
        return trouble_internal(store->path, status, error);
    }
    binding_discard(store->path); /* of a store that was never made */
    status = binding_write(store->path, binding, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = database_create(store->path, SPAN_OF(store->head), writer_span(&tally), error);
    if (status != STATUS_OK && status != STATUS_ALREADY_DONE) {
        binding_discard(store->path);
    }
    return status;
}

static enum status make(struct store *store, struct span passphrase, enum store_strength strength,
                        enum binding_choice choice, const struct entropy *entropy,
                        struct error *error) {
    struct binding *binding = secret_object_new(sizeof *binding);
    if (binding == NULL) {
        return trouble_internal(store->path, STATUS_NO_MEMORY, error);
    }
    struct writer head = writer_into(store->head, sizeof store->head);
    enum status status = unlocking_make(store->path, passphrase, strength, choice, entropy,
                                        &store->keys, binding, &head, error);
    store->is_bound = binding->is_bound;
    if (status == STATUS_OK) {
        status = lay_down(store, binding, entropy, error);
    }
    secret_object_free(binding);
    if (status == STATUS_OK) {
        status = database_open(store->path, &store->database, error);
    }
    return status == STATUS_OK ? database_trust(store->database, error) : status;
}

enum status store_create_bound(const char *path, struct span passphrase,
                               enum store_strength strength, enum binding_choice choice,
                               const struct entropy *entropy, struct store **store,
                               struct error *error) {
    *store = NULL;
    if (store_exists(path)) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "store %.150s: already exists and was left as it is", path);
    }
    struct store *made = store_new(path, path);
    if (made == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    enum status status = make(made, passphrase, strength, choice, entropy, error);
    if (status != STATUS_OK) {
        store_close(made);
        return status;
    }
    attempts_prepare(path);
    *store = made;
    return STATUS_OK;
}

enum status store_create(const char *path, struct span passphrase, enum store_strength strength,
                         const struct entropy *entropy, struct store **store, struct error *error) {
    return store_create_bound(path, passphrase, strength, BINDING_NONE, entropy, store, error);
}

/* Finds the key of the key file that the records' own keys are sealed under: a change that a power
 * cut interrupted has left them under the one or the other. */
static enum status open_keys(struct store *store, struct span sealed, struct error *error) {
    struct record_keys *keys = NULL;
    struct key_file *file = &store->key_file;
    enum status status = key_file_read(store->file, file, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = STATUS_SEAL_BROKEN;
    for (size_t slot = 0; slot < KEY_FILE_SLOTS && status == STATUS_SEAL_BROKEN; slot++) {
        if (file->is_whole[slot]) {
            status = record_keys_open(sealed, &store->keys, file->keys[slot], &keys);
            key_file_choose(file, slot);
        }
    }
    if (status != STATUS_OK) {
        return status == STATUS_SEAL_BROKEN ? trouble_broken(store->path, error)
                                            : trouble_internal(store->path, status, error);
    }
    record_keys_free(store->record_keys);
    store->record_keys = keys;
    return STATUS_OK;
}

static enum status take_keys(void *context, struct span name, struct span record,
                             struct error *error) {
    (void)name;
    return open_keys(context, record, error);
}

/* The records' own keys, if there are any yet. */
static enum status read_keys(struct store *store, struct error *error) {
    bool found;
    return database_get(store->database, record_keys_name, take_keys, store, &found, error);
}

/* The file is ours, and what it says is durable: the key that is not the present one is overwritten
 * if there may be something that it opens. Where that fails the store is opened all the same: it is
 * tried again before anything is changed. */
static enum status trust(struct store *store, struct error *error) {
    enum status status = database_trust(store->database, error);
    if (status != STATUS_OK || !store->key_file.is_there) {
        return status;
    }
    status = log_sync(store->file, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = key_file_ready(&store->key_file, store->file, error);
    if (status == STATUS_NO_SPACE || status == STATUS_IO_FAILED) {
        store->is_short = store->is_short || status == STATUS_NO_SPACE;
        return STATUS_OK;
    }
    return status;
}

static enum status unlock(struct store *store, const char *path, struct span passphrase,
                          struct error *error) {
    uint8_t tally_octets[TALLY_SEALED_SIZE];
    struct writer head = writer_into(store->head, sizeof store->head);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = database_read_head(store->database, &head, &tally, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (writer_finish(&head) != STATUS_OK || writer_finish(&tally) != STATUS_OK) {
        return trouble_broken(path, error);
    }
    status = unlocking_open(path, writer_span(&head), passphrase, &store->keys, &store->is_bound,
                            &store->attempts, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = tally_open(&store->keys, writer_span(&tally), store->tally);
    if (status == STATUS_SEAL_BROKEN) {
        return trouble_broken(path, error);
    }
    if (status != STATUS_OK) {
        return trouble_internal(path, status, error);
    }
    status = tally_check(&store->keys, store->tally, store->database, error);
    return status == STATUS_OK ? read_keys(store, error) : status;
}

static enum status open_at(const char *file, const char *path, struct span passphrase,
                           struct store **store, struct error *error) {
    *store = NULL;
    struct store *opened = store_new(file, path);
    if (opened == NULL) {
        return trouble_internal(path, STATUS_NO_MEMORY, error);
    }
    enum status status = database_open_copy(file, path, &opened->database, error);
    if (status == STATUS_OK) {
        status = unlock(opened, path, passphrase, error);
    }
    if (status == STATUS_OK) {
        status = trust(opened, error);
    }
    if (status != STATUS_OK) {
        store_close(opened);
        return status;
    }
    *store = opened;
    return STATUS_OK;
}

enum status store_open_to_read(const char *path, struct span passphrase, struct store **store,
                               struct error *error) {
    struct copy copy;
    struct error no_copy;
    enum status status = open_at(path, path, passphrase, store, error);
    if (status != STATUS_READ_ONLY || copy_make(path, &copy, &no_copy) != STATUS_OK) {
        return status;
    }
    status = open_at(copy.file, path, passphrase, store, error);
    if (status == STATUS_OK) {
        (*store)->is_copy = true;
    }
    copy_remove(&copy);
    return status == STATUS_FILE_GONE ? trouble_no_keys(path, error) : status;
}

bool store_is_bound(const struct store *store) {
    return store->is_bound;
}

bool store_is_copy(const struct store *store) {
    return store->is_copy;
}

/* --- A file that failed ------------------------------------------------------------------------
 */

/* Is the file that was opened again the store as it was left? Changes that failed may have reached
 * it all the same. */
static enum status recognise(struct store *store, struct error *error) {
    uint8_t head_octets[HEAD_SIZE], tally_octets[TALLY_SEALED_SIZE], left[TALLY_SIZE];
    struct writer head = writer_into(head_octets, sizeof head_octets);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = database_read_head(store->database, &head, &tally, error);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(left, store->tally, TALLY_SIZE);
    bool is_ours = writer_finish(&head) == STATUS_OK && writer_finish(&tally) == STATUS_OK &&
                   head.length == HEAD_SIZE && memcmp(head_octets, store->head, HEAD_SIZE) == 0 &&
                   tally_open(&store->keys, writer_span(&tally), store->tally) == STATUS_OK &&
                   (secret_equal(store->tally, left, TALLY_SIZE) ||
                    secret_equal(store->tally, store->tried[0], TALLY_SIZE) ||
                    secret_equal(store->tally, store->tried[1], TALLY_SIZE));
    if (!is_ours) {
        memcpy(store->tally, left, TALLY_SIZE);
        return error_set(error, STATUS_SEAL_BROKEN,
                         "store %.150s: another store, or an older or newer state of this one, is "
                         "in its place; put the right one back, or start Muster again",
                         store->path);
    }
    status = tally_check(&store->keys, store->tally, store->database, error);
    if (status == STATUS_OK) {
        status = read_keys(store, error);
    }
    if (status != STATUS_OK) {
        memcpy(store->tally, left, TALLY_SIZE);
    }
    return status;
}

static void give_up_file(struct store *store) {
    database_close(store->database);
    store->database = NULL;
}

/* Opens the file again, once it has failed: its disk may have been away. */
static enum status open_again(struct store *store, struct error *error) {
    if (store->database != NULL && !store->is_suspect) {
        return STATUS_OK;
    }
    give_up_file(store);
    enum status status = database_open(store->path, &store->database, error);
    if (status == STATUS_NOT_FOUND) {
        return trouble_gone(store->path, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = recognise(store, error);
    if (status == STATUS_OK) {
        status = trust(store, error);
    }
    if (status != STATUS_OK) {
        give_up_file(store);
        return status;
    }
    store->is_suspect = false;
    store->is_short = true; /* until the reserve is there again */
    return STATUS_OK;
}

/* --- Released, and taken up again --------------------------------------------------------------
 */

const char *store_path(const struct store *store) {
    return store->path;
}

void store_release(struct store *store) {
    give_up_file(store);
}

/* Has nobody changed it, then it is as it was left; otherwise it is looked through as when it was
 * opened. */
static enum status take_up(struct store *store, struct error *error) {
    uint8_t head_octets[HEAD_SIZE], tally_octets[TALLY_SEALED_SIZE], left[TALLY_SIZE];
    struct writer head = writer_into(head_octets, sizeof head_octets);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = database_read_head(store->database, &head, &tally, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (writer_finish(&head) != STATUS_OK || writer_finish(&tally) != STATUS_OK) {
        return trouble_broken(store->path, error);
    }
    if (head.length != HEAD_SIZE || memcmp(head_octets, store->head, HEAD_SIZE) != 0) {
        return error_set(error, STATUS_WRONG_PASSPHRASE,
                         "store %.150s: its passphrase was changed meanwhile, or another store is "
                         "in its place",
                         store->path);
    }
    memcpy(left, store->tally, TALLY_SIZE);
    if (tally_open(&store->keys, writer_span(&tally), store->tally) != STATUS_OK) {
        memcpy(store->tally, left, TALLY_SIZE);
        return trouble_broken(store->path, error);
    }
    if (secret_equal(store->tally, left, TALLY_SIZE)) {
        return STATUS_OK;
    }
    status = tally_check(&store->keys, store->tally, store->database, error);
    return status == STATUS_OK ? read_keys(store, error) : status;
}

enum status store_resume(struct store *store, struct error *error) {
    enum status status = database_open(store->path, &store->database, error);
    if (status == STATUS_NOT_FOUND) {
        return trouble_gone(store->path, error);
    }
    if (status == STATUS_OK) {
        status = take_up(store, error);
    }
    if (status == STATUS_OK) {
        status = trust(store, error);
    }
    if (status != STATUS_OK) {
        give_up_file(store);
    }
    return status;
}

/* --- Changes -----------------------------------------------------------------------------------
 */

enum status store_apply(struct store *store, const struct batch *batch, struct error *error) {
    return store_apply_all(store, &batch, 1, error);
}

/* The changes are durable; what they deleted is not gone before the key file has turned. */
static enum status take_over(struct store *store, struct changing *changing, struct error *error) {
    struct record_keys *before = store->record_keys;
    store->record_keys = changing->record_keys;
    changing->record_keys = before;
    memcpy(store->tally, changing->tally, TALLY_SIZE);
    if (changing->head.length > 0) {
        memcpy(store->head, changing->head.octets, HEAD_SIZE);
    }
    if (!changing->erases) {
        return STATUS_OK;
    }
    enum status status = key_file_turn(&store->key_file, store->file, error);
    store->is_unerased = status != STATUS_OK;
    return status;
}

static void undo(struct store *store, const struct changing *changing) {
    memcpy(store->tried[1], store->tried[0], TALLY_SIZE);
    memcpy(store->tried[0], changing->tally, TALLY_SIZE);
    store->key_file.is_spoilt = store->key_file.is_spoilt || changing->erases;
    database_rollback(store->database);
}

static enum status change(struct store *store, const struct batch *const batches[], size_t count,
                          struct span head, struct error *error) {
    struct changing *changing = secret_object_new(sizeof *changing);
    struct record_keys *keys = record_keys_copy(store->record_keys);
    enum status status = STATUS_OK;
    if (changing == NULL || keys == NULL) {
        record_keys_free(keys);
        secret_object_free(changing);
        return trouble_internal(store->path, STATUS_NO_MEMORY, error);
    }
    changing->database = store->database;
    changing->keys = &store->keys;
    changing->key_file = &store->key_file;
    changing->is_old = store->is_old;
    changing->head = head;
    changing->record_keys = keys;
    memcpy(changing->tally, store->tally, TALLY_SIZE);
    status = changing_run(changing, batches, count, error);
    if (status == STATUS_OK) {
        status = take_over(store, changing, error);
    } else {
        undo(store, changing);
    }
    record_keys_free(changing->record_keys);
    secret_object_free(changing);
    return status;
}

static enum status change_once(struct store *store, const struct batch *const batches[],
                               size_t count, struct span head, struct error *error) {
    enum status status = STATUS_OK;
    if (store->key_file.is_spoilt || changing_needs_keys(batches, count)) {
        status = key_file_ready(&store->key_file, store->file, error);
    }
    return status == STATUS_OK ? change(store, batches, count, head, error) : status;
}

/* With a new head, if that is not empty. */
static enum status change_all(struct store *store, const struct batch *const batches[],
                              size_t count, struct span head, struct error *error) {
    enum status status = open_again(store, error);
    store->is_unerased = false;
    if (status != STATUS_OK) {
        return status;
    }
    status = database_check_place(store->database, error);
    if (status == STATUS_OK) {
        status = change_once(store, batches, count, head, error);
    }
    if (status == STATUS_NO_SPACE && !database_is_uncertain(store->database)) {
        store->is_short = true;
        database_reuse_log(store->database);
        status = change_once(store, batches, count, head, error);
    }
    bool is_uncertain =
        status != STATUS_OK && (database_is_uncertain(store->database) || store->is_unerased);
    store->is_short =
        store->is_short || status == STATUS_NO_SPACE || database_is_tight(store->database);
    store->is_suspect = is_uncertain || status == STATUS_IO_FAILED || status == STATUS_READ_ONLY ||
                        status == STATUS_FILE_GONE;
    if (is_uncertain) {
        error_set(error, status,
                  "store %.150s: %s just when the change was written: it may have been saved; when "
                  "the disk is well again, look, and try again",
                  store->path, status_text(status));
    }
    return status;
}

enum status store_apply_all(struct store *store, const struct batch *const batches[], size_t count,
                            struct error *error) {
    attempts_settle(store->path, &store->attempts);
    return change_all(store, batches, count, (struct span){NULL, 0}, error);
}

void store_reserve(struct store *store) {
    struct error error;
    if (store->database == NULL || store->is_suspect) {
        return;
    }
    bool may_be_full = store->is_short || database_is_tight(store->database);
    store->is_short = (may_be_full && !database_has_room(store->database)) ||
                      database_reserve(store->database, &error) != STATUS_OK;
}

bool store_is_short(const struct store *store) {
    return store->is_short;
}

static struct reading_place place_of(const struct store *store) {
    return (struct reading_place){store->database, &store->keys, store->record_keys};
}

enum status store_load(struct store *store, store_record_fn *on_record, void *context,
                       struct error *error) {
    enum status status = open_again(store, error);
    const struct reading_place place = place_of(store);
    return status == STATUS_OK ? reading_all(&place, on_record, context, error) : status;
}

enum status store_find(struct store *store, enum record_kind kind, struct span key,
                       store_record_fn *on_record, void *context, bool *found,
                       struct error *error) {
    *found = false;
    enum status status = open_again(store, error);
    const struct reading_place place = place_of(store);
    return status == STATUS_OK ? reading_one(&place, kind, key, on_record, context, found, error)
                               : status;
}

/* --- A store of an earlier version, and a change of the passphrase ------------------------------
 */

static enum status reseal(struct store *store, struct error *error) {
    struct gathering all = {NULL, 0};
    enum status status = store_load(store, gathering_take, &all, error);
    if (status == STATUS_OK && all.count > 0) {
        status = store_apply_all(store, (const struct batch *const *)all.list, all.count, error);
    }
    gathering_free(&all);
    return status;
}

static enum status sweep(struct store *store, struct error *error) {
    enum status status = database_sweep(store->database, error);
    return status == STATUS_OK ? database_set_version(store->database, DATABASE_VERSION, error)
                               : status;
}

/* Brings up a store of an earlier version. One that cannot be brought up yet, for want of space,
 * does as well as before, and is tried again when it is opened next. */
static void bring_up(struct store *store) {
    struct error error;
    int64_t version = DATABASE_VERSION;
    enum status status = database_version(store->database, &version, &error);
    store->is_old = version < DATABASE_UNSWEPT;
    if (status != STATUS_OK || version == DATABASE_VERSION) {
        return;
    }
    if (store->is_old) {
        status = reseal(store, &error);
    }
    if (status == STATUS_OK && sweep(store, &error) == STATUS_OK) {
        store->is_old = false;
    }
}

enum status store_open(const char *path, struct span passphrase, struct store **store,
                       struct error *error) {
    enum status status = open_at(path, path, passphrase, store, error);
    if (status == STATUS_OK) {
        bring_up(*store);
    }
    return status;
}

/* Another head is in its place, durably, and nothing in the files is left of the one before. */
static enum status replace_head(struct store *store, struct span head, const char *what,
                                struct error *error) {
    struct error cause;
    enum status status = change_all(store, NULL, 0, head, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = sweep(store, &cause);
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status,
                           "store %.100s: %s, but what opened it before could not be overwritten "
                           "yet (%s); make room on its disk, if it is full, and open the store "
                           "again",
                           store->path, what, status_text(status));
}

enum status store_change_passphrase(struct store *store, struct span passphrase,
                                    struct span new_passphrase, const struct entropy *entropy,
                                    struct error *error) {
    uint8_t octets[HEAD_SIZE];
    struct writer head = writer_into(octets, sizeof octets);
    enum status status = unlocking_change(store->path, SPAN_OF(store->head), passphrase,
                                          new_passphrase, entropy, &head, error);
    return status == STATUS_OK
               ? replace_head(store, writer_span(&head), "the passphrase is changed", error)
               : status;
}

/* The file that binds it is there before the head says so. */
static enum status bind_to(struct store *store, struct span passphrase, struct binding *binding,
                           const struct entropy *entropy, struct error *error) {
    uint8_t octets[HEAD_SIZE];
    struct writer head = writer_into(octets, sizeof octets);
    enum status status =
        binding_draw(store->path, store->keys.id, BINDING_TPM, entropy, binding, error);
    if (status == STATUS_OK) {
        status = unlocking_bind(store->path, SPAN_OF(store->head), passphrase, binding_key(binding),
                                entropy, &head, error);
    }
    if (status == STATUS_OK) {
        binding_discard(store->path); /* of a change that a power cut interrupted */
        status = binding_write(store->path, binding, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    store->is_bound = true;
    return replace_head(store, writer_span(&head), "it is bound to this machine", error);
}

enum status store_bind(struct store *store, struct span passphrase, const struct entropy *entropy,
                       struct error *error) {
    if (store->is_bound) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "store %.150s: it is bound to this machine's TPM already", store->path);
    }
    struct binding *binding = secret_object_new(sizeof *binding);
    if (binding == NULL) {
        return trouble_internal(store->path, STATUS_NO_MEMORY, error);
    }
    enum status status = bind_to(store, passphrase, binding, entropy, error);
    secret_object_free(binding);
    return status;
}

enum status store_unbind(struct store *store, struct span passphrase, const struct entropy *entropy,
                         struct error *error) {
    uint8_t octets[HEAD_SIZE];
    struct writer head = writer_into(octets, sizeof octets);
    if (!store->is_bound) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "store %.150s: it is bound to no machine already", store->path);
    }
    enum status status =
        unlocking_bind(store->path, SPAN_OF(store->head), passphrase, NULL, entropy, &head, error);
    if (status == STATUS_OK) {
        status = replace_head(store, writer_span(&head), "it is bound to no machine now", error);
    }
    if (status == STATUS_OK) {
        store->is_bound = false;
        binding_discard(store->path);
    }
    return status;
}
