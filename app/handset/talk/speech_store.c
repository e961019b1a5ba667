/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/speech_store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "crypto/gmk_hour.h"
#include "crypto/seal.h"
#include "crypto/secret.h"

enum {
    VERSION = 1,
    ABOUT_MAX = IDENTITY_SIZE + 32, /* what is said about the packets */
    PLAIN_MAX = ABOUT_MAX + SPEECH_PACKETS_MAX,
    VALUE_MAX = PLAIN_MAX + SEAL_OVERHEAD + GROUP_IDENTITY_SIZE + 8,
    KEY_SIZE = 32,                                            /* of a record's key, terminated; */
    NAME_SIZE = sizeof "00000000 " - 1 + GROUP_IDENTITY_SIZE, /* of a speech key's */
    /* Of RECORD_SPEECH_KEY: the hour, what the GMK is hashed with, and the key, sealed. */
    KEY_VALUE_SIZE = 4 + SEAL_KEY_SIZE + SEAL_KEY_SIZE + SEAL_OVERHEAD,
};

_Static_assert((int)NAME_SIZE - 1 <= (int)RECORD_KEY_MAX, "a speech key's name is a record's");
_Static_assert((int)VALUE_MAX <= (int)RECORD_VALUE_MAX, "a segment is one record");

/* Lives in secret memory. */
struct segment {
    uint8_t plain[PLAIN_MAX], value[VALUE_MAX];
};

/* --- Keys ------------------------------------------------------------------------------------- */

/* In stores from before, the name had no group: such a key opens nothing any more, and goes. */
static void spell_name(const struct speech_key *key, char out[NAME_SIZE]) {
    snprintf(out, NAME_SIZE, key->group[0] == '\0' ? "%08" PRIx32 : "%08" PRIx32 " %s", key->gmk_id,
             key->group);
}

static void spell_segment(uint64_t number, unsigned segment, char out[KEY_SIZE]) {
    snprintf(out, KEY_SIZE, "%016" PRIx64 "-%04x", number, segment);
}

/* The place of the key of that group's GMK; NULL: none. */
static const struct speech_key *find_key(const struct speech_store *store, const char *group,
                                         uint32_t gmk_id) {
    for (size_t i = 0; i < SPEECH_KEYS_MAX; i++) {
        const struct speech_key *key = &store->keys[i];
        if (key->octets != NULL && key->gmk_id == gmk_id && strcmp(key->group, group) == 0) {
            return key;
        }
    }
    return NULL;
}

/* A free place; NULL: none. */
static struct speech_key *free_place(struct speech_store *store) {
    for (size_t i = 0; i < SPEECH_KEYS_MAX; i++) {
        if (store->keys[i].octets == NULL) {
            return &store->keys[i];
        }
    }
    return NULL;
}

static void free_key(struct speech_key *key) {
    secret_free(key->octets);
    *key = (struct speech_key){0};
}

static const struct gmk *gmk_of(const struct speech_store *store, const struct speech_key *key) {
    const struct gmk *gmk;
    bool is_held =
        groups_gmk(store->groups, key->group, key->gmk_id, &gmk) != NULL && gmk->octets != NULL;
    return is_held ? gmk : NULL;
}

/* What a key is sealed under in its record, which holds `salt`. The caller wipes it. */
static enum status make_wrapping(const struct speech_store *store, const struct speech_key *key,
                                 const uint8_t salt[SEAL_KEY_SIZE], uint8_t out[SEAL_KEY_SIZE]) {
    uint8_t octets[GMK_SIZE];
    const struct gmk *gmk = gmk_of(store, key);
    if (gmk == NULL || key->hour < gmk->hour || key->hour > gmk->next_hour) {
        return STATUS_NOT_FOUND;
    }
    memcpy(octets, gmk->octets->octets, sizeof octets);
    gmk_hour_move(octets, gmk->id, gmk->hour, key->hour);
    enum status status = seal_hash(salt, SPAN_OF(octets), out);
    secret_wipe(octets, sizeof octets);
    return status;
}

/* Queues the record of a key, sealed under what the GMK is on disk from now on. */
static enum status save_key(struct speech_store *store, struct speech_key *key, uint32_t hour) {
    uint8_t value[KEY_VALUE_SIZE], salt[SEAL_KEY_SIZE], wrapping[SEAL_KEY_SIZE];
    char name[NAME_SIZE];
    struct writer w = writer_into(value, sizeof value);
    struct speech_key next = *key;
    next.hour = hour;
    spell_name(key, name);
    enum status status = entropy_draw(&store->desk->entropy, salt, sizeof salt);
    if (status == STATUS_OK) {
        status = make_wrapping(store, &next, salt, wrapping);
    }
    write_u32(&w, hour);
    write_span(&w, SPAN_OF(salt));
    if (status == STATUS_OK) {
        status = seal_close(wrapping, span_of_text(name), secret_span(key->octets),
                            &store->desk->entropy, &w);
    }
    if (status == STATUS_OK) {
        struct span saved = writer_span(&w);
        status = desk_save(store->desk, RECORD_SPEECH_KEY, name, &saved);
    }
    key->hour = status == STATUS_OK ? hour : key->hour;
    secret_wipe(wrapping, sizeof wrapping);
    secret_wipe(value, sizeof value);
    secret_wipe(salt, sizeof salt);
    return status;
}

/* Draws one, and queues its record. */
static const struct speech_key *new_key(struct speech_store *store, const char *group,
                                        uint32_t gmk_id) {
    struct speech_key *key = free_place(store);
    if (key == NULL || (key->octets = secret_new(SEAL_KEY_SIZE)) == NULL) {
        return NULL;
    }
    key->gmk_id = gmk_id;
    snprintf(key->group, sizeof key->group, "%s", group);
    const struct gmk *gmk = gmk_of(store, key);
    if (gmk == NULL ||
        entropy_draw(&store->desk->entropy, key->octets->octets, SEAL_KEY_SIZE) != STATUS_OK ||
        save_key(store, key, gmk->next_hour) != STATUS_OK) {
        free_key(key);
        return NULL;
    }
    return key;
}

void speech_store_follow(struct speech_store *store) {
    for (size_t i = 0; i < SPEECH_KEYS_MAX; i++) {
        struct speech_key *key = &store->keys[i];
        const struct gmk *gmk = key->octets == NULL || key->is_lost ? NULL : gmk_of(store, key);
        if (gmk != NULL && key->hour < gmk->next_hour) {
            /* What cannot even be queued is tried again. */
            enum status status = save_key(store, key, gmk->next_hour);
            (void)status;
        }
    }
}

/* The key that the speech under that GMK is sealed under, while that is held; NULL. */
static const uint8_t *seal_key_of(const struct speech_store *store, const struct speech_key *key) {
    bool is_there = key != NULL && !key->is_lost && gmk_of(store, key) != NULL;
    return is_there ? key->octets->octets : NULL;
}

static enum status read_key(const struct speech_store *store, struct span name, struct span value,
                            struct speech_key *key) {
    uint8_t salt[SEAL_KEY_SIZE], wrapping[SEAL_KEY_SIZE];
    struct reader r = reader_of(value);
    struct writer plain = writer_into(key->octets->octets, SEAL_KEY_SIZE);
    key->hour = read_u32(&r);
    read_octets(&r, salt, sizeof salt);
    struct span sealed = read_span(&r, SEAL_KEY_SIZE + SEAL_OVERHEAD);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK) {
        status = make_wrapping(store, key, salt, wrapping);
    }
    if (status == STATUS_OK) {
        status = seal_open(wrapping, name, sealed, &plain);
    }
    secret_wipe(wrapping, sizeof wrapping);
    return status;
}

void speech_store_restore_key(struct speech_store *store, struct span key, struct span value) {
    char name[NAME_SIZE] = "";
    uint32_t gmk_id = 0;
    struct speech_key *place = free_place(store);
    if (key.length >= sizeof name || place == NULL) {
        return;
    }
    memcpy(name, key.octets, key.length);
    const char *group = strchr(name, ' ');
    if (sscanf(name, "%8" SCNx32, &gmk_id) == 1 &&
        (place->octets = secret_new(SEAL_KEY_SIZE)) != NULL) {
        place->gmk_id = gmk_id;
        snprintf(place->group, sizeof place->group, "%s", group == NULL ? "" : group + 1);
        place->is_lost = read_key(store, key, value, place) != STATUS_OK;
    }
}

void speech_store_drop_keys(struct speech_store *store,
                            bool (*is_needed)(const void *context, const char *group,
                                              uint32_t gmk_id),
                            const void *context) {
    for (size_t i = 0; i < SPEECH_KEYS_MAX; i++) {
        struct speech_key *key = &store->keys[i];
        char name[NAME_SIZE];
        if (key->octets == NULL || is_needed(context, key->group, key->gmk_id)) {
            continue;
        }
        spell_name(key, name);
        if (desk_save(store->desk, RECORD_SPEECH_KEY, name, NULL) == STATUS_OK) {
            free_key(key); /* otherwise it is tried again */
        }
    }
}

void speech_store_clear(struct speech_store *store) {
    for (size_t i = 0; i < SPEECH_KEYS_MAX; i++) {
        free_key(&store->keys[i]);
    }
}

/* --- Saving ----------------------------------------------------------------------------------- */

static void write_plain(const struct speech *speech, struct span packets, struct writer *out) {
    write_text_u8(out, speech->talker);
    write_u32(out, speech->ssrc);
    write_u32(out, speech->first_time);
    write_u32(out, speech->last_time);
    write_u64(out, (uint64_t)speech->began_utc_ms);
    write_u64(out, (uint64_t)speech->last_utc_ms);
    write_span(out, packets);
}

static enum status seal_segment(const struct speech_store *store, const struct speech_key *key,
                                const struct speech *speech, struct span packets, const char *name,
                                struct segment *segment, struct span *value) {
    const uint8_t *seal_key = seal_key_of(store, key);
    struct writer plain = writer_into(segment->plain, sizeof segment->plain);
    struct writer out = writer_into(segment->value, sizeof segment->value);
    write_plain(speech, packets, &plain);
    write_u8(&out, VERSION);
    write_u32(&out, speech->gmk_id);
    write_text_u8(&out, speech->group);
    enum status status = seal_key == NULL ? STATUS_NOT_FOUND : writer_finish(&plain);
    if (status == STATUS_OK) {
        status = seal_close(seal_key, span_of_text(name), writer_span(&plain),
                            &store->desk->entropy, &out);
    }
    *value = writer_span(&out);
    return status == STATUS_OK ? writer_finish(&out) : status;
}

enum status speech_store_save(struct speech_store *store, struct stored_speech *stored,
                              const struct speech *speech, struct span packets) {
    const struct speech_key *key = find_key(store, speech->group, speech->gmk_id);
    char name[KEY_SIZE];
    if (stored->segments == SPEECH_SEGMENTS_MAX) {
        return STATUS_TOO_LONG;
    }
    if (key == NULL && (key = new_key(store, speech->group, speech->gmk_id)) == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct segment *segment = secret_object_new(sizeof *segment);
    if (segment == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (stored->number == 0) {
        stored->number = ++store->last_number;
    }
    struct span value;
    spell_segment(stored->number, stored->segments, name);
    enum status status = seal_segment(store, key, speech, packets, name, segment, &value);
    if (status == STATUS_OK) {
        status = desk_save(store->desk, RECORD_SPEECH, name, &value);
    }
    stored->segments += status == STATUS_OK;
    secret_object_free(segment);
    return status;
}

void speech_store_withdraw(struct speech_store *store, struct stored_speech *stored) {
    char name[KEY_SIZE];
    if (stored->segments == 0) {
        return;
    }
    spell_segment(stored->number, stored->segments - 1, name);
    /* One that cannot even be queued is found at the next start, where nothing opens it any more
     * once its keys are gone. */
    enum status status = desk_save(store->desk, RECORD_SPEECH, name, NULL);
    (void)status;
    stored->segments--;
}

void speech_store_forget(struct speech_store *store, struct stored_speech *stored) {
    while (stored->segments > 0) {
        speech_store_withdraw(store, stored);
    }
}

/* --- Opening ---------------------------------------------------------------------------------- */

enum status speech_store_read_key(struct span key, uint64_t *number, unsigned *segment) {
    char name[KEY_SIZE] = "", again[KEY_SIZE];
    if (key.length >= sizeof name) {
        return STATUS_MALFORMED;
    }
    memcpy(name, key.octets, key.length);
    if (sscanf(name, "%16" SCNx64 "-%4x", number, segment) != 2) {
        return STATUS_MALFORMED;
    }
    spell_segment(*number, *segment, again);
    bool is_ours = strcmp(name, again) == 0 && *number > 0 && *segment < SPEECH_SEGMENTS_MAX;
    return is_ours ? STATUS_OK : STATUS_MALFORMED;
}

static enum status read_plain(struct span plain, struct speech *speech, struct writer *packets) {
    struct reader r = reader_of(plain);
    read_text_u8(&r, speech->talker, sizeof speech->talker);
    speech->ssrc = read_u32(&r);
    speech->first_time = read_u32(&r);
    speech->last_time = read_u32(&r);
    speech->began_utc_ms = (int64_t)read_u64(&r);
    speech->last_utc_ms = (int64_t)read_u64(&r);
    write_span(packets, read_span(&r, reader_left(&r)));
    return reader_finish(&r) == STATUS_OK ? writer_finish(packets) : STATUS_MALFORMED;
}

static enum status open_segment(const struct speech_store *store, struct span key,
                                struct span sealed, struct segment *segment, struct speech *speech,
                                struct writer *packets) {
    struct writer plain = writer_into(segment->plain, sizeof segment->plain);
    const uint8_t *seal_key = seal_key_of(store, find_key(store, speech->group, speech->gmk_id));
    enum status status =
        seal_key == NULL ? STATUS_NOT_FOUND : seal_open(seal_key, key, sealed, &plain);
    return status == STATUS_OK ? read_plain(writer_span(&plain), speech, packets) : status;
}

enum status speech_store_open(const struct speech_store *store, struct span key, struct span value,
                              struct speech *speech, struct writer *packets) {
    struct reader r = reader_of(value);
    *speech = (struct speech){0};
    if (read_u8(&r) != VERSION) {
        return STATUS_NEWER_VERSION;
    }
    speech->gmk_id = read_u32(&r);
    read_text_u8(&r, speech->group, sizeof speech->group);
    struct span sealed = read_span(&r, reader_left(&r));
    if (reader_finish(&r) != STATUS_OK || speech->gmk_id == 0) {
        return STATUS_MALFORMED;
    }
    struct segment *segment = secret_object_new(sizeof *segment);
    if (segment == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = open_segment(store, key, sealed, segment, speech, packets);
    secret_object_free(segment);
    return status;
}
