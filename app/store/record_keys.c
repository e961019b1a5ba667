/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/store/record_keys.h"

#include <string.h>

struct entry {
    uint8_t name[DATABASE_NAME_SIZE];
    uint8_t key[SEAL_KEY_SIZE];
};

/* In the order of their names. */
struct record_keys {
    size_t count, room;
    struct entry *entries;
};

enum {
    ENTRY_SIZE = DATABASE_NAME_SIZE + SEAL_KEY_SIZE,
    FIRST_ROOM = 16
};

const uint8_t record_keys_name[DATABASE_NAME_SIZE] = "keys";

bool record_keys_are_in(struct span name) {
    return name.length == DATABASE_NAME_SIZE &&
           memcmp(name.octets, record_keys_name, DATABASE_NAME_SIZE) == 0;
}

bool record_has_own_key(enum record_kind kind) {
    switch (kind) {
    case RECORD_TRUST:
    case RECORD_LOST:
    case RECORD_NAME:
    case RECORD_CREW:
    case RECORD_SETTING:
    case RECORD_REQUEST:
    case RECORD_MEMBER:
    case RECORD_EXCLUSIONS:
    case RECORD_DECISION:
    case RECORD_REVOKED:
    case RECORD_KMS_REVOKED:
    case RECORD_KMS_ENROLMENT:
    case RECORD_KMS_LIMITS:
    case RECORD_KMS_AUDIT:
    case RECORD_KMS_AUDIT_END:
    case RECORD_KMS_BACKUP:
    case RECORD_KMS_RESTORED:
    case RECORD_KMS_CARRIED:
        return false;
    default:
        return true;
    }
}

static bool make_room(struct record_keys *keys, size_t room) {
    struct entry *entries = secret_object_new(room * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    if (keys->count > 0) {
        memcpy(entries, keys->entries, keys->count * sizeof *entries);
    }
    secret_object_free(keys->entries);
    keys->entries = entries;
    keys->room = room;
    return true;
}

static struct record_keys *with_room(size_t room) {
    struct record_keys *keys = secret_object_new(sizeof *keys);
    if (keys != NULL && !make_room(keys, room < FIRST_ROOM ? FIRST_ROOM : room)) {
        secret_object_free(keys);
        return NULL;
    }
    return keys;
}

struct record_keys *record_keys_new(void) {
    return with_room(FIRST_ROOM);
}

struct record_keys *record_keys_copy(const struct record_keys *keys) {
    struct record_keys *copy = with_room(keys->count);
    if (copy != NULL) {
        copy->count = keys->count;
        memcpy(copy->entries, keys->entries, keys->count * sizeof *keys->entries);
    }
    return copy;
}

void record_keys_free(struct record_keys *keys) {
    if (keys != NULL) {
        secret_object_free(keys->entries);
        secret_object_free(keys);
    }
}

/* Where the entry of that name is, or belongs. */
static size_t place_of(const struct record_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                       bool *found) {
    size_t low = 0, high = keys->count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(keys->entries[middle].name, name, DATABASE_NAME_SIZE);
        if (order == 0) {
            *found = true;
            return middle;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return low;
}

const uint8_t *record_keys_find(const struct record_keys *keys,
                                const uint8_t name[DATABASE_NAME_SIZE]) {
    bool found;
    size_t at = place_of(keys, name, &found);
    return found ? keys->entries[at].key : NULL;
}

enum status record_keys_draw(struct record_keys *keys, const uint8_t name[DATABASE_NAME_SIZE],
                             const uint8_t **key) {
    bool found;
    size_t at = place_of(keys, name, &found);
    if (!found) {
        if (keys->count == RECORD_KEYS_MAX) {
            return STATUS_TOO_LONG;
        }
        if (keys->count == keys->room && !make_room(keys, 2 * keys->room)) {
            return STATUS_NO_MEMORY;
        }
        memmove(&keys->entries[at + 1], &keys->entries[at],
                (keys->count - at) * sizeof *keys->entries);
        memcpy(keys->entries[at].name, name, DATABASE_NAME_SIZE);
        keys->count++;
    }
    *key = keys->entries[at].key;
    return entropy_draw(&entropy_system, keys->entries[at].key, SEAL_KEY_SIZE);
}

void record_keys_forget(struct record_keys *keys, const uint8_t name[DATABASE_NAME_SIZE]) {
    bool found;
    size_t at = place_of(keys, name, &found);
    if (found) {
        keys->count--;
        memmove(&keys->entries[at], &keys->entries[at + 1],
                (keys->count - at) * sizeof *keys->entries);
        secret_wipe(&keys->entries[keys->count], sizeof *keys->entries);
    }
}

static enum status sealing_key(const struct store_keys *store_keys,
                               const uint8_t present[SEAL_KEY_SIZE], uint8_t key[SEAL_KEY_SIZE]) {
    return seal_hash(store_keys->keys, (struct span){present, SEAL_KEY_SIZE}, key);
}

enum status record_keys_seal(const struct record_keys *keys, const struct store_keys *store_keys,
                             const uint8_t present[SEAL_KEY_SIZE], struct secret **sealed) {
    uint8_t key[SEAL_KEY_SIZE], place[ROW_PLACE_SIZE];
    size_t length = keys->count * ENTRY_SIZE;
    struct secret *plain = secret_new(length + 1);
    *sealed = secret_new(length + SEAL_OVERHEAD);
    enum status status =
        plain == NULL || *sealed == NULL ? STATUS_NO_MEMORY : sealing_key(store_keys, present, key);
    if (status == STATUS_OK) {
        struct writer w = writer_into(plain->octets, length);
        for (size_t i = 0; i < keys->count; i++) {
            write_span(&w, SPAN_OF(keys->entries[i].name));
            write_span(&w, SPAN_OF(keys->entries[i].key));
        }
        struct writer out = writer_into((*sealed)->octets, (*sealed)->length);
        status = seal_close(key, row_place(store_keys, record_keys_name, place), writer_span(&w),
                            &entropy_system, &out);
    }
    if (status != STATUS_OK) {
        secret_free(*sealed);
        *sealed = NULL;
    }
    secret_wipe(key, sizeof key);
    secret_free(plain);
    return status;
}

static enum status read_entries(struct span plain, struct record_keys *keys) {
    struct reader r = reader_of(plain);
    keys->count = plain.length / ENTRY_SIZE;
    for (size_t i = 0; i < keys->count; i++) {
        read_octets(&r, keys->entries[i].name, DATABASE_NAME_SIZE);
        read_octets(&r, keys->entries[i].key, SEAL_KEY_SIZE);
    }
    return reader_finish(&r) == STATUS_OK ? STATUS_OK : STATUS_SEAL_BROKEN;
}

enum status record_keys_open(struct span sealed, const struct store_keys *store_keys,
                             const uint8_t present[SEAL_KEY_SIZE], struct record_keys **keys) {
    uint8_t key[SEAL_KEY_SIZE], place[ROW_PLACE_SIZE];
    *keys = NULL;
    if (sealed.length < SEAL_OVERHEAD) {
        return STATUS_SEAL_BROKEN;
    }
    size_t length = sealed.length - SEAL_OVERHEAD;
    struct secret *plain = secret_new(length + 1);
    struct record_keys *opened = with_room(length / ENTRY_SIZE);
    enum status status =
        plain == NULL || opened == NULL ? STATUS_NO_MEMORY : sealing_key(store_keys, present, key);
    if (status == STATUS_OK) {
        struct writer w = writer_into(plain->octets, length);
        status = seal_open(key, row_place(store_keys, record_keys_name, place), sealed, &w);
        if (status == STATUS_OK) {
            status = read_entries(writer_span(&w), opened);
        }
    }
    secret_wipe(key, sizeof key);
    secret_free(plain);
    if (status != STATUS_OK) {
        record_keys_free(opened);
        return status;
    }
    *keys = opened;
    return STATUS_OK;
}
