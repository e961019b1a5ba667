/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/enrolment.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "crypto/secret.h"

#define REQUEST_LABEL "MUSTER REQUEST"
#define BUNDLE_LABEL  "MUSTER BUNDLE"

enum {
    FORMAT_VERSION = 1,
    CHECKSUM_SIZE = 8,
    BOX_MAX = CREDENTIAL_SIZE_MAX + SEAL_BOX_OVERHEAD,
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
    write_u8(&w, FORMAT_VERSION);
    write_text_u8(&w, request->identity);
    write_text_u8(&w, request->display_name);
    write_span(&w, SPAN_OF(request->device_key));
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

/* What a person reads about a request or bundle that cannot be read. */
static enum status unreadable(const char *name, const char *what, enum status status,
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
    if (status == STATUS_OK) {
        status = parse_request(writer_span(&w), request);
    }
    if (status != STATUS_OK) {
        memset(request, 0, sizeof *request);
        return unreadable(name, "request", status, error);
    }
    return STATUS_OK;
}

static enum status box_credential(const struct credential *credential,
                                  const uint8_t device_key[DEVICE_KEY_SIZE], struct writer *out) {
    struct secret *plain = secret_new(CREDENTIAL_SIZE_MAX);
    if (plain == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(plain->octets, plain->length);
    enum status status = credential_write(credential, &w);
    if (status == STATUS_OK) {
        status = seal_box_close(device_key, writer_span(&w), out);
    }
    secret_free(plain);
    return status;
}

enum status enrolment_bundle_seal(const struct credential *credential,
                                  const uint8_t device_key[DEVICE_KEY_SIZE], struct writer *out) {
    uint8_t octets[ARMOUR_OCTETS_MAX], box[BOX_MAX];
    struct writer boxed = writer_into(box, sizeof box);
    enum status status = box_credential(credential, device_key, &boxed);
    if (status != STATUS_OK) {
        return status;
    }
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_text_u8(&w, credential->identity);
    write_span(&w, (struct span){device_key, DEVICE_KEY_SIZE});
    write_span_u16(&w, writer_span(&boxed));
    status = writer_finish(&w);
    return status == STATUS_OK ? armour_write(BUNDLE_LABEL, writer_span(&w), out) : status;
}

struct bundle {
    char identity[IDENTITY_SIZE];
    uint8_t device_key[DEVICE_KEY_SIZE];
    struct span box;
};

static enum status parse_bundle(struct span octets, struct bundle *bundle) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, bundle->identity, sizeof bundle->identity);
    read_octets(&r, bundle->device_key, sizeof bundle->device_key);
    bundle->box = read_span_u16(&r);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK && version != FORMAT_VERSION) {
        status = STATUS_MALFORMED;
    }
    return status == STATUS_OK ? identity_check(bundle->identity) : status;
}

static enum status check_keys_in(const struct credential *credential,
                                 const struct provider *provider, const struct domain_key *domain) {
    struct signing_key *signing = NULL;
    struct receiver_key *receiver = NULL;
    struct span identifier = identifier_span(&credential->identifier);
    enum status status =
        provider->signing_key_load(domain, identifier, credential->ssk, credential->pvt, &signing);
    if (status == STATUS_OK) {
        status = provider->receiver_key_load(domain, identifier, credential->rsk, &receiver);
        provider->signing_key_free(signing);
    }
    if (status == STATUS_OK) {
        provider->receiver_key_free(receiver);
    }
    return status;
}

enum status enrolment_keys_check(const struct credential *credential,
                                 const struct provider *provider) {
    struct domain_key *domain = NULL;
    enum status status = provider->domain_load(credential->z, credential->kpak, &domain);
    if (status != STATUS_OK) {
        return status;
    }
    status = check_keys_in(credential, provider, domain);
    if (status == STATUS_OK && credential->attestation.number != 0) {
        status = attestation_verify(&credential->attestation, credential->kms, credential->identity,
                                    provider, domain);
    }
    provider->domain_free(domain);
    return status;
}

/* The credential in the box, as far as it belongs under the bundle's clear text. */
static enum status open_box(const struct bundle *bundle, const struct device_key *key,
                            struct credential *credential) {
    struct secret *plain = secret_new(CREDENTIAL_SIZE_MAX);
    if (plain == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(plain->octets, plain->length);
    enum status status = seal_box_open(key->public_key, key->private_key, bundle->box, &w);
    if (status == STATUS_OK) {
        status = credential_read(writer_span(&w), credential);
    }
    if (status == STATUS_OK && strcmp(credential->identity, bundle->identity) != 0) {
        status = STATUS_SEAL_BROKEN;
    }
    secret_free(plain);
    return status;
}

static enum status open_bundle(const char *name, struct span octets, const struct device_key *key,
                               const struct provider *provider, struct credential *credential,
                               struct error *error) {
    struct bundle bundle = {0};
    enum status status = parse_bundle(octets, &bundle);
    if (status != STATUS_OK) {
        return unreadable(name, "bundle", status, error);
    }
    if (memcmp(bundle.device_key, key->public_key, DEVICE_KEY_SIZE) != 0) {
        return error_set(error, STATUS_WRONG_RECIPIENT,
                         "%.120s: this bundle is for %s on another handset; install it there, or "
                         "make a request with this handset",
                         name, bundle.identity);
    }
    status = open_box(&bundle, key, credential);
    if (status == STATUS_SEAL_BROKEN) {
        return error_set(error, status,
                         "%.150s: the bundle was changed after it was sealed; fetch it again from "
                         "the KMS",
                         name);
    }
    if (status != STATUS_OK) {
        return unreadable(name, "bundle", status, error);
    }
    status = enrolment_keys_check(credential, provider);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "%.120s: the keys in the bundle are not those of %s in its domain (%s); "
                         "tell the KMS's operator",
                         name, bundle.identity, status_text(status));
    }
    return STATUS_OK;
}

enum status enrolment_bundle_open(const char *name, struct span text, const struct device_key *key,
                                  const struct provider *provider, struct credential **credential,
                                  struct error *error) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    *credential = NULL;
    enum status status = armour_read(BUNDLE_LABEL, text, &w);
    if (status != STATUS_OK) {
        return unreadable(name, "bundle", status, error);
    }
    struct credential *opened = credential_new();
    if (opened == NULL) {
        return unreadable(name, "bundle", STATUS_NO_MEMORY, error);
    }
    status = open_bundle(name, writer_span(&w), key, provider, opened, error);
    if (status != STATUS_OK) {
        credential_free(opened);
        return status;
    }
    *credential = opened;
    return STATUS_OK;
}

/* "IDENTITY" or "IDENTITY YYYY-MM". */
static void record_key(const struct credential *credential,
                       char key[IDENTITY_SIZE + MONTH_TEXT_SIZE]) {
    char month[MONTH_TEXT_SIZE] = "";
    if (!identity_is_me(credential->identity)) {
        month_print(credential->period_start_ms, month);
    }
    snprintf(key, IDENTITY_SIZE + MONTH_TEXT_SIZE, "%s%s%s", credential->identity,
             month[0] == '\0' ? "" : " ", month);
}

enum status enrolment_install(const struct credential *credential, enum record_kind kind,
                              struct batch *batch) {
    struct secret *value = secret_new(CREDENTIAL_SIZE_MAX);
    if (value == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(value->octets, value->length);
    enum status status = credential_write(credential, &w);
    char key[IDENTITY_SIZE + MONTH_TEXT_SIZE];
    record_key(credential, key);
    if (status == STATUS_OK) {
        status = batch_put(batch, kind, span_of_text(key), writer_span(&w));
    }
    secret_free(value);
    return status;
}
