/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/reading.h"

#include <stdlib.h>
#include <string.h>

#include "app/store/trouble.h"

struct entry {
    enum record_kind kind;
    size_t key_length;
    uint8_t key[RECORD_KEY_MAX];
    uint8_t name[DATABASE_NAME_SIZE];
};

/* All records are read twice: first for the order of kinds and keys, then one by one, so that only
 * one value is open at a time. The entries live in secret memory, and so does what is open. */
struct reading {
    const struct reading_place *place;
    struct entry *entries;
    size_t room;
    size_t count;
    store_record_fn *on_record;
    void *context;
    uint8_t *plain; /* what is open, */
    size_t plain_room;
};

/* Secret memory costs as much as there is of it, to fill, lock and wipe: a single record gets what
 * it takes, and all that are read one after the other share the most that one may take. */
static enum status make_room(struct reading *reading, size_t room, struct error *error) {
    reading->plain_room = room < ROW_PLAIN_MAX ? room : ROW_PLAIN_MAX;
    reading->plain = secret_object_new(reading->plain_room);
    return reading->plain != NULL
               ? STATUS_OK
               : trouble_internal(database_path(reading->place->database), STATUS_NO_MEMORY, error);
}

/* Opens a row into reading->plain. */
static enum status open_row(struct reading *reading, struct span name, struct span record,
                            enum record_kind *kind, struct span *key, struct span *value) {
    const struct reading_place *place = reading->place;
    if (name.length != DATABASE_NAME_SIZE) {
        return STATUS_SEAL_BROKEN;
    }
    const uint8_t *own_key = record_keys_find(place->record_keys, name.octets);
    return row_open(place->keys, name.octets, own_key != NULL ? own_key : place->keys->record,
                    record, reading->plain, reading->plain_room, kind, key, value);
}

static enum status row_failure(struct reading *reading, enum status status, struct error *error) {
    const char *path = database_path(reading->place->database);
    return status == STATUS_SEAL_BROKEN ? trouble_broken(path, error)
                                        : trouble_internal(path, status, error);
}

static enum status count_entry(void *context, struct span name, struct span record,
                               struct error *error) {
    struct reading *reading = context;
    (void)name;
    (void)record;
    (void)error;
    reading->room++;
    return STATUS_OK;
}

static enum status note_entry(void *context, struct span name, struct span record,
                              struct error *error) {
    struct reading *reading = context;
    enum record_kind kind;
    struct span key, value;
    if (record_keys_are_in(name)) {
        return STATUS_OK;
    }
    enum status status = reading->count == reading->room
                             ? STATUS_SEAL_BROKEN
                             : open_row(reading, name, record, &kind, &key, &value);
    if (status != STATUS_OK) {
        return row_failure(reading, status, error);
    }
    struct entry *entry = &reading->entries[reading->count++];
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
    struct reading *reading = context;
    enum record_kind kind;
    struct span key, value;
    enum status status = open_row(reading, name, record, &kind, &key, &value);
    if (status != STATUS_OK) {
        return row_failure(reading, status, error);
    }
    status = reading->on_record(reading->context, kind, key, value);
    if (status != STATUS_OK) {
        error_set(error, status, "store %.150s: a record cannot be used: %s",
                  database_path(reading->place->database), status_text(status));
    }
    return status;
}

static enum status hand_over_one(void *context, struct span name, struct span record,
                                 struct error *error) {
    struct reading *reading = context;
    enum status status = make_room(reading, record.length, error);
    if (status == STATUS_OK) {
        status = hand_over(reading, name, record, error);
    }
    secret_object_free(reading->plain);
    reading->plain = NULL;
    return status;
}

static enum status read_all(struct reading *reading, struct error *error) {
    struct database *database = reading->place->database;
    enum status status = database_each(database, count_entry, reading, error);
    if (status != STATUS_OK || reading->room == 0) {
        return status;
    }
    reading->entries = secret_object_new(reading->room * sizeof(struct entry));
    if (reading->entries == NULL) {
        return row_failure(reading, STATUS_NO_MEMORY, error);
    }
    status = database_each(database, note_entry, reading, error);
    if (status == STATUS_OK) {
        qsort(reading->entries, reading->count, sizeof(struct entry), compare_entries);
    }
    for (size_t i = 0; status == STATUS_OK && i < reading->count; i++) {
        bool found;
        status =
            database_get(database, reading->entries[i].name, hand_over, reading, &found, error);
        if (status == STATUS_OK && !found) {
            status = row_failure(reading, STATUS_SEAL_BROKEN, error);
        }
    }
    return status;
}

enum status reading_all(const struct reading_place *place, store_record_fn *on_record,
                        void *context, struct error *error) {
    struct reading reading = {.place = place, .on_record = on_record, .context = context};
    enum status status = make_room(&reading, ROW_PLAIN_MAX, error);
    if (status == STATUS_OK) {
        status = read_all(&reading, error);
    }
    secret_object_free(reading.entries);
    secret_object_free(reading.plain);
    return status;
}

enum status reading_one(const struct reading_place *place, enum record_kind kind, struct span key,
                        store_record_fn *on_record, void *context, bool *found,
                        struct error *error) {
    uint8_t name[DATABASE_NAME_SIZE];
    struct reading reading = {.place = place, .on_record = on_record, .context = context};
    *found = false;
    enum status status = row_name(place->keys, kind, key, name);
    if (status != STATUS_OK) {
        trouble_internal(database_path(place->database), status, error);
    } else {
        status = database_get(place->database, name, hand_over_one, &reading, found, error);
    }
    return status;
}
