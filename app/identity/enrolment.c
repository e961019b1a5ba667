/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/enrolment.h"

#include <string.h>

#include "crypto/secret.h"

#define REQUEST_LABEL "MUSTER REQUEST"

enum {
    FORMAT_VERSION = 1,
    CHECKSUM_SIZE = 8,
};

enum status device_key_new(const struct entropy *entropy, struct device_key **key) {
    *key = secret_object_new(sizeof **key);
    if (*key == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = seal_box_keys(entropy, (*key)->public_key, (*key)->private_key);
    if (status != STATUS_OK) {
        device_key_free(*key);
        *key = NULL;
    }
    return status;
}

enum status device_key_put(const struct device_key *key, struct batch *batch) {
    uint8_t octets[1 + sizeof *key];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_span(&w, SPAN_OF(key->public_key));
    write_span(&w, SPAN_OF(key->private_key));
    enum status status =
        batch_put(batch, RECORD_DEVICE_KEY, span_of_text(DEVICE_RECORD_KEY), writer_span(&w));
    secret_wipe(octets, sizeof octets);
    return status;
}

enum status device_key_read(struct span value, struct device_key **key) {
    *key = secret_object_new(sizeof **key);
    if (*key == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct reader r = reader_of(value);
    uint8_t version = read_u8(&r);
    read_octets(&r, (*key)->public_key, DEVICE_KEY_SIZE);
    read_octets(&r, (*key)->private_key, DEVICE_KEY_SIZE);
    enum status status = version > FORMAT_VERSION ? STATUS_NEWER_VERSION : reader_finish(&r);
    if (status == STATUS_OK && version != FORMAT_VERSION) {
        status = STATUS_MALFORMED;
    }
    if (status != STATUS_OK) {
        device_key_free(*key);
        *key = NULL;
    }
    return status;
}

void device_key_free(struct device_key *key) {
    secret_object_free(key);
}

void device_key_fingerprint(const uint8_t public_key[DEVICE_KEY_SIZE], char out[FINGERPRINT_SIZE]) {
    fingerprint_of((struct span){public_key, DEVICE_KEY_SIZE}, out);
}

static enum status checksum_of(struct span octets, uint8_t checksum[CHECKSUM_SIZE]) {
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = seal_checksum(octets, hash);
    if (status == STATUS_OK) {
        memcpy(checksum, hash, CHECKSUM_SIZE);
    }
    return status;
}

static void write_request(const struct enrolment_request *request, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_text_u8(out, request->identity);
    write_text_u8(out, request->display_name);
    write_span(out, SPAN_OF(request->device_key));
}

enum status enrolment_request_hash(const struct enrolment_request *request,
                                   uint8_t hash[SEAL_HASH_SIZE]) {
    uint8_t octets[512];
    struct writer w = writer_into(octets, sizeof octets);
    write_request(request, &w);
    enum status status = writer_finish(&w);
    return status == STATUS_OK ? seal_checksum(writer_span(&w), hash) : status;
}

enum status enrolment_request_write(const struct enrolment_request *request, struct writer *out) {
    uint8_t octets[512], checksum[CHECKSUM_SIZE];
    enum status status = identity_check(request->identity);
    if (status != STATUS_OK) {
        return status;
    }
    if (!display_name_is_valid(request->display_name)) {
        return STATUS_MALFORMED;
    }
    struct writer w = writer_into(octets, sizeof octets);
    write_request(request, &w);
    status = checksum_of(writer_span(&w), checksum);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&w, SPAN_OF(checksum));
    status = writer_finish(&w);
    return status == STATUS_OK ? armour_write(REQUEST_LABEL, writer_span(&w), out) : status;
}

static enum status parse_request(struct span octets, struct enrolment_request *request) {
    uint8_t checksum[CHECKSUM_SIZE], expected[CHECKSUM_SIZE];
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, request->identity, sizeof request->identity);
    read_text_u8(&r, request->display_name, sizeof request->display_name);
    read_octets(&r, request->device_key, sizeof request->device_key);
    read_octets(&r, checksum, sizeof checksum);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK) {
        status = checksum_of((struct span){octets.octets, octets.length - CHECKSUM_SIZE}, expected);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (version != FORMAT_VERSION || memcmp(checksum, expected, sizeof checksum) != 0 ||
        !display_name_take(request->display_name)) {
        return STATUS_MALFORMED;
    }
    return identity_check(request->identity);
}

enum status enrolment_unreadable(const char *name, const char *what, enum status status,
                                 struct error *error) {
    switch (status) {
    case STATUS_TRUNCATED:
        return error_set(error, status, "%.150s: the %s ends early; fetch the whole file again",
                         name, what);
    case STATUS_NEWER_VERSION:
        return error_set(
            error, status,
            "%.150s: the %s was written by a later version of Muster; use that version", name,
            what);
    case STATUS_IDENTITY_INVALID:
        return error_set(
            error, status,
            "%.150s: the %s names an identity that Muster does not accept; ask for a new one", name,
            what);
    case STATUS_NO_MEMORY:
        return error_set(error, status, "%.150s: out of memory; close other programs", name);
    default:
        return error_set(error, status, "%.150s: not a %s, or damaged on its way; fetch it again",
                         name, what);
    }
}

enum status enrolment_request_read(const char *name, struct span text,
                                   struct enrolment_request *request, struct error *error) {
    uint8_t octets[512];
    struct writer w = writer_into(octets, sizeof octets);
    memset(request, 0, sizeof *request);
    enum status status = armour_read(REQUEST_LABEL, text, &w);
    bool is_bare = status == STATUS_NOT_FOUND;
    if (is_bare) {
        status = armour_read_bare(text, &w);
    }
    if (status == STATUS_OK) {
        status = parse_request(writer_span(&w), request);
    }
    if (is_bare && status == STATUS_NEWER_VERSION) {
        status = STATUS_MALFORMED; /* any word may look like that */
    }
    if (status != STATUS_OK) {
        memset(request, 0, sizeof *request);
        return enrolment_unreadable(name, "request", status, error);
    }
    return STATUS_OK;
}
