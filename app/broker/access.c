/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/broker/access.h"

#include <stdio.h>
#include <string.h>

#define ACCESS_LABEL   "MUSTER ACCESS"
#define OPERATOR_LABEL "MUSTER OPERATOR"

static const char own_key[] = "broker", mailbox_mark[] = "Mailbox: ";

enum {
    FORMAT_VERSION = 2,
    VERSION_OF_ONE_TOKEN = 1
};

_Static_assert((int)ACCESS_OCTETS_MAX + (int)SEAL_BOX_OVERHEAD <= (int)ARMOUR_OCTETS_MAX,
               "every access is written as text");

struct access *access_new(void) {
    return secret_object_new(sizeof(struct access));
}

void access_free(struct access *access) {
    secret_object_free(access);
}

/* --- Octets: writer above reader ------------------------------------------------------------
 */

enum status access_write(const struct access *access, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_u64(out, (uint64_t)access->until_ms);
    write_text_u8(out, access->identity);
    write_text_u8(out, access->name);
    write_span_u16(out, span_of_text(access->servers));
    write_span_u16(out, span_of_text(access->ca));
    write_span_u16(out, span_of_text(access->jwt));
    write_text_u8(out, access->seed);
    write_u64(out, (uint64_t)access->fetch_until_ms);
    write_span_u16(out, span_of_text(access->fetch_jwt));
    return writer_finish(out);
}

static void read_text(struct reader *r, char *out, size_t size) {
    struct span text = read_span_u16(r);
    if (text.length >= size || (text.length > 0 && memchr(text.octets, 0, text.length) != NULL)) {
        r->failed = true;
        return;
    }
    if (text.length > 0) {
        memcpy(out, text.octets, text.length);
    }
    out[text.length] = '\0';
}

enum status access_read(struct span octets, struct access *access) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    access->until_ms = (int64_t)read_u64(&r);
    read_text_u8(&r, access->identity, sizeof access->identity);
    read_text_u8(&r, access->name, sizeof access->name);
    read_text(&r, access->servers, sizeof access->servers);
    read_text(&r, access->ca, sizeof access->ca);
    read_text(&r, access->jwt, sizeof access->jwt);
    read_text_u8(&r, access->seed, sizeof access->seed);
    access->fetch_until_ms = 0;
    memset(access->fetch_jwt, 0, sizeof access->fetch_jwt);
    if (version > VERSION_OF_ONE_TOKEN) {
        access->fetch_until_ms = (int64_t)read_u64(&r);
        read_text(&r, access->fetch_jwt, sizeof access->fetch_jwt);
    }
    enum status status = reader_finish(&r);
    return status == STATUS_OK && version == 0 ? STATUS_MALFORMED : status;
}

/* --- Text ----------------------------------------------------------------------------------- */

enum status access_seal(const struct access *access, const uint8_t device_key[DEVICE_KEY_SIZE],
                        struct writer *out) {
    uint8_t box[ACCESS_OCTETS_MAX + SEAL_BOX_OVERHEAD];
    struct secret *octets = secret_new(ACCESS_OCTETS_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    struct writer boxed = writer_into(box, sizeof box);
    enum status status = access_write(access, &w);
    if (status == STATUS_OK) {
        status = seal_box_close(device_key, writer_span(&w), &boxed);
    }
    if (status == STATUS_OK) {
        status = armour_write(ACCESS_LABEL, writer_span(&boxed), out);
    }
    secret_free(octets);
    return status;
}

enum status access_hash(const struct access *access, uint8_t hash[SEAL_HASH_SIZE]) {
    struct secret *octets = secret_new(ACCESS_OCTETS_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    enum status status = access_write(access, &w);
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(&w), hash);
    }
    secret_free(octets);
    return status;
}

void access_write_mailbox(const struct access *access, struct writer *out) {
    write_span(out, span_of_text(mailbox_mark));
    write_span(out, span_of_text(access->name));
    write_u8(out, '\n');
}

bool access_read_mailbox(struct span text, char name[TOPIC_NAME_SIZE]) {
    const size_t length = TOPIC_NAME_SIZE - 1, mark = sizeof mailbox_mark - 1;
    const uint8_t *found =
        text.length == 0 ? NULL : memmem(text.octets, text.length, mailbox_mark, mark);
    if (found == NULL || (size_t)(text.octets + text.length - found) < mark + length) {
        return false;
    }
    memcpy(name, found + mark, length);
    name[length] = '\0';
    return strspn(name, "0123456789abcdef") == length;
}

/* Is it the one that the KMS signed? */
static enum status check_issue(struct span octets, const struct issuance *issue) {
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = seal_checksum(octets, hash);
    return status == STATUS_OK && memcmp(hash, issue->access, sizeof hash) != 0
               ? STATUS_SIGNATURE_INVALID
               : status;
}

/* Is it for this identity of this domain? */
static enum status check_owner(const struct access *access, const struct credential *credential) {
    struct topic_key key;
    char name[TOPIC_NAME_SIZE];
    topic_key_of(credential, &key);
    topic_name(&key, credential->identity, name);
    return strcmp(access->identity, credential->identity) == 0 && strcmp(access->name, name) == 0
               ? STATUS_OK
               : STATUS_KEY_INVALID;
}

static enum status open_box(struct span box, const struct device_key *key,
                            const struct credential *credential, struct access *access) {
    struct secret *octets = secret_new(ARMOUR_OCTETS_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    enum status status = seal_box_open(key->public_key, key->private_key, box, &w);
    if (status == STATUS_OK) {
        status = access_read(writer_span(&w), access);
    }
    if (status == STATUS_OK) {
        status = check_owner(access, credential);
    }
    if (status == STATUS_OK) {
        status = check_issue(writer_span(&w), &credential->issue);
    }
    secret_free(octets);
    return status;
}

enum status access_open(struct span text, const struct device_key *key,
                        const struct credential *credential, struct access **access) {
    uint8_t box[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(box, sizeof box);
    *access = NULL;
    enum status status = armour_read(ACCESS_LABEL, text, &w);
    bool is_signed = issuance_has_access(&credential->issue);
    if (status == STATUS_NOT_FOUND && is_signed) {
        return STATUS_TRUNCATED;
    }
    if (status != STATUS_NOT_FOUND && !is_signed) {
        return STATUS_SIGNATURE_INVALID;
    }
    struct access *opened = access_new();
    if (status == STATUS_OK && opened == NULL) {
        status = STATUS_NO_MEMORY;
    }
    if (status == STATUS_OK) {
        status = open_box(writer_span(&w), key, credential, opened);
    }
    if (status == STATUS_OK) {
        *access = opened;
    } else {
        access_free(opened);
    }
    return status;
}

enum status access_write_open(const struct access *access, struct writer *out) {
    struct secret *octets = secret_new(ACCESS_OCTETS_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    enum status status = access_write(access, &w);
    if (status == STATUS_OK) {
        status = armour_write(OPERATOR_LABEL, writer_span(&w), out);
    }
    secret_free(octets);
    return status;
}

enum status access_read_open(struct span text, struct access **access) {
    struct secret *octets = secret_new(ARMOUR_OCTETS_MAX);
    struct access *opened = access_new();
    *access = NULL;
    enum status status = octets == NULL || opened == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        struct writer w = writer_into(octets->octets, octets->length);
        status = armour_read(OPERATOR_LABEL, text, &w);
        if (status == STATUS_OK) {
            status = access_read(writer_span(&w), opened);
        }
    }
    secret_free(octets);
    if (status == STATUS_OK) {
        *access = opened;
    } else {
        access_free(opened);
    }
    return status;
}

/* --- The store ------------------------------------------------------------------------------ */

static void record_key(const char *group, char key[RECORD_KEY_MAX]) {
    snprintf(key, RECORD_KEY_MAX, "%s%s%s", own_key, group == NULL ? "" : " ",
             group == NULL ? "" : group);
}

enum status access_put(const struct access *access, bool is_manager, struct batch *batch) {
    char key[RECORD_KEY_MAX];
    struct secret *octets = secret_new(ACCESS_OCTETS_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    record_key(is_manager ? access->identity : NULL, key);
    enum status status = access_write(access, &w);
    if (status == STATUS_OK) {
        status = batch_put(batch, RECORD_ACCESS, span_of_text(key), writer_span(&w));
    }
    secret_free(octets);
    return status;
}

static enum status take_access(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    (void)kind;
    (void)key;
    return access_read(value, context);
}

enum status access_load(struct store *store, const char *group, struct access **access,
                        struct error *error) {
    char key[RECORD_KEY_MAX];
    bool found = false;
    *access = NULL;
    struct access *loaded = access_new();
    if (loaded == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    record_key(group, key);
    enum status status =
        store_find(store, RECORD_ACCESS, span_of_text(key), take_access, loaded, &found, error);
    if (status == STATUS_OK && !found) {
        status = error_set(error, STATUS_NOT_FOUND,
                           "there is no access to a broker; ask the KMS for a bundle with one");
    }
    if (status == STATUS_OK) {
        *access = loaded;
    } else {
        access_free(loaded);
    }
    return status;
}
