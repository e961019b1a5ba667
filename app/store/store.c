/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/store.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/store/copy.h"
#include "app/store/database.h"
#include "app/store/head.h"
#include "app/store/spelling.h"
#include "app/store/trouble.h"
#include "crypto/seal.h"

/*
 * What is in the file (database.h):
 *
 * The head makes the keys of the passphrase (head.h).
 *
 * A record's name is a keyed hash of its kind and key. Kind, key and value are sealed together for
 * the place that is the store's id and the name.
 *
 * The tally, sealed, is the exclusive or of a keyed hash of each row. It changes in the same
 * transaction as the rows, so that a row put back to an older value, left out or added is noticed;
 * twice the same row, which would cancel out, is refused for its name. Only putting back the whole
 * file in an older state goes unnoticed, as long as nothing outside the file remembers it.
 */
enum {
    TALLY_SIZE = SEAL_HASH_SIZE,
    SEALED_TALLY_SIZE = TALLY_SIZE + SEAL_OVERHEAD,
    PLAIN_MAX = 2 + 1 + RECORD_KEY_MAX + RECORD_VALUE_MAX,
    SEALED_MAX = PLAIN_MAX + SEAL_OVERHEAD,
    PLACE_SIZE = STORE_ID_SIZE + DATABASE_NAME_SIZE,
};

static const struct seal_work hard_work = {.passes = 3, .memory_kib = 256 * 1024};
static const struct seal_work quick_work = {.passes = 1, .memory_kib = 8};

/* Lives in secret memory. */
struct store {
    struct database *database; /* NULL while its file cannot be opened again */
    char path[PATH_MAX];
    struct store_keys keys;
    uint8_t head[HEAD_SIZE];
    uint8_t tally[TALLY_SIZE];
    /* Of the last changes that failed, and of those before them: they may be there all the same. */
    uint8_t tried[2][TALLY_SIZE];
    bool is_suspect; /* the file failed: it is opened again before it is written to */
    bool is_copy;    /* of a store on a read-only disk */
    bool is_short;   /* of space: it lives on its reserve, or has none */
};

static enum status internal_failure(const char *path, enum status status, struct error *error) {
    return error_set(error, status,
                     "store %.150s: %s; close other programs, or raise the limit on memory "
                     "(ulimit -v, ulimit -d)",
                     path, status_text(status));
}

static struct span place_of(const struct store *store, const uint8_t name[DATABASE_NAME_SIZE],
                            uint8_t octets[PLACE_SIZE]) {
    memcpy(octets, store->keys.id, STORE_ID_SIZE);
    memcpy(octets + STORE_ID_SIZE, name, DATABASE_NAME_SIZE);
    return (struct span){octets, PLACE_SIZE};
}

/* No record's name: names are keyed hashes. */
static const uint8_t tally_name[DATABASE_NAME_SIZE] = "tally";

static enum status name_of(const struct store *store, enum record_kind kind, struct span key,
                           uint8_t name[DATABASE_NAME_SIZE]) {
    uint8_t octets[2 + RECORD_KEY_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u16(&w, (uint16_t)kind);
    write_span(&w, key);
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? seal_hash(store->keys.name, writer_span(&w), name) : status;
}

/* Adds a row to a tally, or takes it out again: both are the same. */
static enum status tally_row(const struct store *store, struct span name, struct span record,
                             uint8_t tally[TALLY_SIZE]) {
    uint8_t both[DATABASE_NAME_SIZE + SEAL_HASH_SIZE] = {0}, row[SEAL_HASH_SIZE];
    if (name.length != DATABASE_NAME_SIZE) {
        return STATUS_SEAL_BROKEN;
    }
    memcpy(both, name.octets, DATABASE_NAME_SIZE);
    enum status status = seal_hash(store->keys.tally, record, both + DATABASE_NAME_SIZE);
    if (status == STATUS_OK) {
        status = seal_hash(store->keys.tally, SPAN_OF(both), row);
    }
    for (size_t i = 0; status == STATUS_OK && i < TALLY_SIZE; i++) {
        tally[i] ^= row[i];
    }
    return status;
}

static enum status close_tally(const struct store *store, const uint8_t tally[TALLY_SIZE],
                               const struct entropy *entropy, struct writer *out) {
    uint8_t place[PLACE_SIZE];
    return seal_close(store->keys.record, place_of(store, tally_name, place),
                      (struct span){tally, TALLY_SIZE}, entropy, out);
}

static enum status open_tally(struct store *store, struct span sealed) {
    uint8_t place[PLACE_SIZE];
    struct writer w = writer_into(store->tally, TALLY_SIZE);
    enum status status =
        seal_open(store->keys.record, place_of(store, tally_name, place), sealed, &w);
    return status == STATUS_OK && w.length != TALLY_SIZE ? STATUS_SEAL_BROKEN : status;
}

bool store_exists(const char *path) {
    return access(path, F_OK) == 0;
}

void store_discard(const char *path) {
    database_discard(path);
}

void store_close(struct store *store) {
    if (store == NULL) {
        return;
    }
    database_close(store->database);
    secret_object_free(store);
}

enum status store_create(const char *path, struct span passphrase, enum store_strength strength,
                         const struct entropy *entropy, struct store **store, struct error *error) {
    uint8_t head_octets[HEAD_SIZE], tally_octets[SEALED_TALLY_SIZE];
    struct writer head = writer_into(head_octets, sizeof head_octets);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    *store = NULL;
    if (store_exists(path)) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "store %.150s: already exists and was left as it is", path);
    }
    struct store *made = secret_object_new(sizeof *made);
    if (made == NULL) {
        return internal_failure(path, STATUS_NO_MEMORY, error);
    }
    struct spellings spellings;
    enum status status = spellings_of(passphrase, &spellings);
    if (status == STATUS_OK) {
        status =
            head_make(secret_span(spellings.each[0]),
                      strength == STORE_HARD ? hard_work : quick_work, entropy, &made->keys, &head);
    }
    spellings_wipe(&spellings);
    if (status == STATUS_OK) {
        status = close_tally(made, made->tally, entropy, &tally);
    }
    if (status != STATUS_OK) {
        internal_failure(path, status, error);
    } else {
        status = database_create(path, writer_span(&head), writer_span(&tally), error);
    }
    if (status == STATUS_OK) {
        status = database_open(path, &made->database, error);
    }
    if (status == STATUS_OK) {
        status = database_trust(made->database, error);
    }
    if (status != STATUS_OK) {
        store_close(made);
        return status;
    }
    memcpy(made->head, head_octets, HEAD_SIZE);
    snprintf(made->path, sizeof made->path, "%s", path);
    *store = made;
    return STATUS_OK;
}

struct count {
    const struct store *store;
    uint8_t tally[TALLY_SIZE];
    uint8_t last[DATABASE_NAME_SIZE];
    bool any;
};

/* Rows come in the order of their names. A row out of order is there twice, and would cancel itself
 * out of the tally, or is where a search by name finds another. */
static bool is_next_row(struct count *count, struct span name) {
    if (name.length != DATABASE_NAME_SIZE ||
        (count->any && memcmp(count->last, name.octets, DATABASE_NAME_SIZE) >= 0)) {
        return false;
    }
    memcpy(count->last, name.octets, DATABASE_NAME_SIZE);
    count->any = true;
    return true;
}

static enum status count_row(void *context, struct span name, struct span record,
                             struct error *error) {
    struct count *count = context;
    const char *path = database_path(count->store->database);
    if (!is_next_row(count, name)) {
        return trouble_broken(path, error);
    }
    enum status status = tally_row(count->store, name, record, count->tally);
    return status == STATUS_OK ? STATUS_OK : internal_failure(path, status, error);
}

/* Are the rows those that the tally was made of? */
static enum status check_rows(struct store *store, struct error *error) {
    struct count count = {.store = store};
    enum status status = database_each(store->database, count_row, &count, error);
    if (status == STATUS_OK && !secret_equal(count.tally, store->tally, TALLY_SIZE)) {
        status = trouble_broken(database_path(store->database), error);
    }
    return status;
}

/* Each try costs what a guess costs: only spellings that differ are tried. */
static enum status open_head(struct span head, struct span passphrase, struct store_keys *keys) {
    struct spellings spellings;
    enum status status = spellings_of(passphrase, &spellings);
    for (size_t i = 0; i < spellings.count; i++) {
        status = head_open(head, secret_span(spellings.each[i]), keys);
        if (status != STATUS_WRONG_PASSPHRASE) {
            break;
        }
    }
    spellings_wipe(&spellings);
    return status;
}

static enum status unlock(struct store *store, const char *path, struct span passphrase,
                          struct error *error) {
    uint8_t tally_octets[SEALED_TALLY_SIZE];
    struct writer head = writer_into(store->head, sizeof store->head);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = database_read_head(store->database, &head, &tally, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (writer_finish(&head) != STATUS_OK || writer_finish(&tally) != STATUS_OK) {
        return trouble_broken(path, error);
    }
    status = open_head(writer_span(&head), passphrase, &store->keys);
    if (status == STATUS_WRONG_PASSPHRASE) {
        return error_set(error, status, "store %.150s: wrong passphrase; type it again", path);
    }
    if (status == STATUS_OK) {
        status = open_tally(store, writer_span(&tally));
    }
    if (status == STATUS_SEAL_BROKEN) {
        return trouble_broken(path, error);
    }
    if (status != STATUS_OK) {
        return internal_failure(path, status, error);
    }
    return check_rows(store, error);
}

static enum status open_at(const char *file, const char *path, struct span passphrase,
                           struct store **store, struct error *error) {
    *store = NULL;
    struct store *opened = secret_object_new(sizeof *opened);
    if (opened == NULL) {
        return internal_failure(path, STATUS_NO_MEMORY, error);
    }
    enum status status = database_open_copy(file, path, &opened->database, error);
    if (status == STATUS_OK) {
        status = unlock(opened, path, passphrase, error);
    }
    if (status == STATUS_OK) {
        status = database_trust(opened->database, error);
    }
    if (status != STATUS_OK) {
        store_close(opened);
        return status;
    }
    snprintf(opened->path, sizeof opened->path, "%s", path);
    *store = opened;
    return STATUS_OK;
}

enum status store_open(const char *path, struct span passphrase, struct store **store,
                       struct error *error) {
    return open_at(path, path, passphrase, store, error);
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
    return status;
}

bool store_is_copy(const struct store *store) {
    return store->is_copy;
}

/* --- A file that failed ------------------------------------------------------------------------
 */

/* Is the file that was opened again the store as it was left? Changes that failed may have reached
 * it all the same. */
static enum status recognise(struct store *store, struct error *error) {
    uint8_t head_octets[HEAD_SIZE], tally_octets[SEALED_TALLY_SIZE], left[TALLY_SIZE];
    struct writer head = writer_into(head_octets, sizeof head_octets);
    struct writer tally = writer_into(tally_octets, sizeof tally_octets);
    enum status status = database_read_head(store->database, &head, &tally, error);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(left, store->tally, TALLY_SIZE);
    bool is_ours = writer_finish(&head) == STATUS_OK && writer_finish(&tally) == STATUS_OK &&
                   head.length == HEAD_SIZE && memcmp(head_octets, store->head, HEAD_SIZE) == 0 &&
                   open_tally(store, writer_span(&tally)) == STATUS_OK &&
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
    status = check_rows(store, error);
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
        status = database_trust(store->database, error);
    }
    if (status != STATUS_OK) {
        give_up_file(store);
        return status;
    }
    store->is_suspect = false;
    store->is_short = true; /* until the reserve is there again */
    return STATUS_OK;
}

/* One batch on its way into the file. Lives in secret memory. */
struct application {
    struct store *store;
    uint8_t tally[TALLY_SIZE];
    uint8_t name[DATABASE_NAME_SIZE];
    uint8_t plain[PLAIN_MAX];
    uint8_t sealed[SEALED_MAX];
};

static enum status take_out_row(void *context, struct span name, struct span record,
                                struct error *error) {
    struct application *application = context;
    enum status status = tally_row(application->store, name, record, application->tally);
    if (status != STATUS_OK) {
        internal_failure(database_path(application->store->database), status, error);
    }
    return status;
}

static enum status seal_record(struct application *application, const struct batch_change *change,
                               struct writer *sealed) {
    uint8_t place[PLACE_SIZE];
    struct writer plain = writer_into(application->plain, sizeof application->plain);
    write_u16(&plain, (uint16_t)change->kind);
    write_span_u8(&plain, (struct span){change->key, change->key_length});
    write_span(&plain, secret_span(change->value));
    enum status status = writer_finish(&plain);
    if (status != STATUS_OK) {
        return status;
    }
    return seal_close(application->store->keys.record,
                      place_of(application->store, application->name, place), writer_span(&plain),
                      &entropy_system, sealed);
}

static enum status apply_put(struct application *application, const struct batch_change *change,
                             struct error *error) {
    struct store *store = application->store;
    struct writer sealed = writer_into(application->sealed, sizeof application->sealed);
    enum status status = seal_record(application, change, &sealed);
    if (status == STATUS_OK) {
        status =
            tally_row(store, SPAN_OF(application->name), writer_span(&sealed), application->tally);
    }
    if (status != STATUS_OK) {
        return internal_failure(database_path(store->database), status, error);
    }
    return database_put(store->database, application->name, writer_span(&sealed), error);
}

static enum status apply_change(struct application *application, const struct batch_change *change,
                                struct error *error) {
    struct database *database = application->store->database;
    struct span key = {change->key, change->key_length};
    enum status status = name_of(application->store, change->kind, key, application->name);
    if (status != STATUS_OK) {
        return internal_failure(database_path(database), status, error);
    }
    bool found;
    status = database_get(database, application->name, take_out_row, application, &found, error);
    if (status != STATUS_OK) {
        return status;
    }
    if (!change->is_delete) {
        return apply_put(application, change, error);
    }
    return found ? database_delete(database, application->name, error) : STATUS_OK;
}

static enum status apply_batches(struct application *application,
                                 const struct batch *const batches[], size_t count,
                                 struct error *error) {
    struct database *database = application->store->database;
    enum status status = database_begin(database, error);
    for (size_t b = 0; b < count; b++) {
        for (size_t i = 0; status == STATUS_OK && i < batches[b]->count; i++) {
            status = apply_change(application, &batches[b]->changes[i], error);
        }
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t octets[SEALED_TALLY_SIZE];
    struct writer tally = writer_into(octets, sizeof octets);
    status = close_tally(application->store, application->tally, &entropy_system, &tally);
    if (status != STATUS_OK) {
        return internal_failure(database_path(database), status, error);
    }
    status = database_put_tally(database, writer_span(&tally), error);
    return status == STATUS_OK ? database_commit(database, error) : status;
}

enum status store_apply(struct store *store, const struct batch *batch, struct error *error) {
    return store_apply_all(store, &batch, 1, error);
}

static enum status apply_once(struct store *store, const struct batch *const batches[],
                              size_t count, struct error *error) {
    struct application *application = secret_object_new(sizeof *application);
    if (application == NULL) {
        return internal_failure(store->path, STATUS_NO_MEMORY, error);
    }
    application->store = store;
    memcpy(application->tally, store->tally, TALLY_SIZE);
    enum status status = apply_batches(application, batches, count, error);
    if (status == STATUS_OK) {
        memcpy(store->tally, application->tally, TALLY_SIZE);
    } else {
        memcpy(store->tried[1], store->tried[0], TALLY_SIZE);
        memcpy(store->tried[0], application->tally, TALLY_SIZE);
        database_rollback(store->database);
    }
    secret_object_free(application);
    return status;
}

enum status store_apply_all(struct store *store, const struct batch *const batches[], size_t count,
                            struct error *error) {
    enum status status = open_again(store, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = database_check_place(store->database, error);
    if (status == STATUS_OK) {
        status = apply_once(store, batches, count, error);
    }
    if (status == STATUS_NO_SPACE) {
        store->is_short = true;
        database_reuse_log(store->database);
        status = apply_once(store, batches, count, error);
    }
    store->is_short = store->is_short || database_is_tight(store->database);
    store->is_suspect =
        status == STATUS_IO_FAILED || status == STATUS_READ_ONLY || status == STATUS_FILE_GONE;
    if (status != STATUS_OK && database_is_uncertain(store->database)) {
        error_set(error, status,
                  "store %.150s: %s just when the change was written: it may have been saved; when "
                  "the disk is well again, look, and try again",
                  store->path, status_text(status));
    }
    return status;
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

struct entry {
    enum record_kind kind;
    size_t key_length;
    uint8_t key[RECORD_KEY_MAX];
    uint8_t name[DATABASE_NAME_SIZE];
};

/* All records are read twice: first for the order of kinds and keys, then one by one, so that only
 * one value is open at a time. Lives in secret memory, as do the entries. */
struct loading {
    struct store *store;
    struct entry *entries;
    size_t room;
    size_t count;
    store_record_fn *on_record;
    void *context;
    uint8_t plain[PLAIN_MAX];
};

/* Opens a row into loading->plain. */
static enum status open_row(struct loading *loading, struct span name, struct span record,
                            enum record_kind *kind, struct span *key, struct span *value) {
    uint8_t place[PLACE_SIZE];
    if (name.length != DATABASE_NAME_SIZE) {
        return STATUS_SEAL_BROKEN;
    }
    struct writer w = writer_into(loading->plain, sizeof loading->plain);
    enum status status = seal_open(loading->store->keys.record,
                                   place_of(loading->store, name.octets, place), record, &w);
    if (status != STATUS_OK) {
        return status == STATUS_TOO_LONG ? STATUS_SEAL_BROKEN : status;
    }
    struct reader r = reader_of(writer_span(&w));
    *kind = (enum record_kind)read_u16(&r);
    *key = read_span_u8(&r);
    *value = read_span(&r, reader_left(&r));
    bool whole = reader_finish(&r) == STATUS_OK && key->length <= RECORD_KEY_MAX;
    return whole ? STATUS_OK : STATUS_SEAL_BROKEN;
}

static enum status row_failure(struct loading *loading, enum status status, struct error *error) {
    const char *path = database_path(loading->store->database);
    return status == STATUS_SEAL_BROKEN ? trouble_broken(path, error)
                                        : internal_failure(path, status, error);
}

static enum status count_entry(void *context, struct span name, struct span record,
                               struct error *error) {
    struct loading *loading = context;
    (void)name;
    (void)record;
    (void)error;
    loading->room++;
    return STATUS_OK;
}

static enum status note_entry(void *context, struct span name, struct span record,
                              struct error *error) {
    struct loading *loading = context;
    enum record_kind kind;
    struct span key, value;
    enum status status = loading->count == loading->room
                             ? STATUS_SEAL_BROKEN
                             : open_row(loading, name, record, &kind, &key, &value);
    if (status != STATUS_OK) {
        return row_failure(loading, status, error);
    }
    struct entry *entry = &loading->entries[loading->count++];
    entry->kind = kind;
    entry->key_length = key.length;
    if (key.length > 0) {
        memcpy(entry->key, key.octets, key.length);
    }
    memcpy(entry->name, name.octets, DATABASE_NAME_SIZE);
    return STATUS_OK;
}

static int compare_entries(const void *a, const void *b) {
    const struct entry *one = a, *two = b;
    if (one->kind != two->kind) {
        return one->kind < two->kind ? -1 : 1;
    }
    size_t shorter = one->key_length < two->key_length ? one->key_length : two->key_length;
    int order = memcmp(one->key, two->key, shorter);
    if (order != 0) {
        return order;
    }
    return one->key_length < two->key_length ? -1 : one->key_length > two->key_length;
}

static enum status hand_over(void *context, struct span name, struct span record,
                             struct error *error) {
    struct loading *loading = context;
    enum record_kind kind;
    struct span key, value;
    enum status status = open_row(loading, name, record, &kind, &key, &value);
    if (status != STATUS_OK) {
        return row_failure(loading, status, error);
    }
    status = loading->on_record(loading->context, kind, key, value);
    if (status != STATUS_OK) {
        error_set(error, status, "store %.150s: a record cannot be used: %s",
                  database_path(loading->store->database), status_text(status));
    }
    return status;
}

static enum status load_all(struct loading *loading, struct error *error) {
    struct database *database = loading->store->database;
    enum status status = database_each(database, count_entry, loading, error);
    if (status != STATUS_OK || loading->room == 0) {
        return status;
    }
    loading->entries = secret_object_new(loading->room * sizeof(struct entry));
    if (loading->entries == NULL) {
        return row_failure(loading, STATUS_NO_MEMORY, error);
    }
    status = database_each(database, note_entry, loading, error);
    if (status == STATUS_OK) {
        qsort(loading->entries, loading->count, sizeof(struct entry), compare_entries);
    }
    for (size_t i = 0; status == STATUS_OK && i < loading->count; i++) {
        bool found;
        status =
            database_get(database, loading->entries[i].name, hand_over, loading, &found, error);
        if (status == STATUS_OK && !found) {
            status = row_failure(loading, STATUS_SEAL_BROKEN, error);
        }
    }
    return status;
}

enum status store_load(struct store *store, store_record_fn *on_record, void *context,
                       struct error *error) {
    enum status opened = open_again(store, error);
    if (opened != STATUS_OK) {
        return opened;
    }
    struct loading *loading = secret_object_new(sizeof *loading);
    if (loading == NULL) {
        return internal_failure(database_path(store->database), STATUS_NO_MEMORY, error);
    }
    loading->store = store;
    loading->on_record = on_record;
    loading->context = context;
    enum status status = load_all(loading, error);
    secret_object_free(loading->entries);
    secret_object_free(loading);
    return status;
}

enum status store_find(struct store *store, enum record_kind kind, struct span key,
                       store_record_fn *on_record, void *context, bool *found,
                       struct error *error) {
    uint8_t name[DATABASE_NAME_SIZE];
    *found = false;
    enum status opened = open_again(store, error);
    if (opened != STATUS_OK) {
        return opened;
    }
    struct loading *loading = secret_object_new(sizeof *loading);
    if (loading == NULL) {
        return internal_failure(database_path(store->database), STATUS_NO_MEMORY, error);
    }
    loading->store = store;
    loading->on_record = on_record;
    loading->context = context;
    enum status status = name_of(store, kind, key, name);
    if (status != STATUS_OK) {
        internal_failure(database_path(store->database), status, error);
    } else {
        status = database_get(store->database, name, hand_over, loading, found, error);
    }
    secret_object_free(loading);
    return status;
}
