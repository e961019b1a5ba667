/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/bundle.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "crypto/secret.h"

#define BUNDLE_LABEL "MUSTER BUNDLE"

enum {
    FORMAT_VERSION = 2,
    VERSION_WITHOUT_SIGNATURE = 1,
    LENGTH_SIZE = 2, /* of the credential, before it */
    PLAIN_MAX = LENGTH_SIZE + CREDENTIAL_SIZE_MAX + ISSUANCE_SIZE,
    BOX_MAX = PLAIN_MAX + SEAL_BOX_OVERHEAD,
};

static enum status box_credential(const struct credential *credential,
                                  const uint8_t device_key[DEVICE_KEY_SIZE], struct writer *out) {
    struct secret *plain = secret_new(PLAIN_MAX);
    if (plain == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(plain->octets, plain->length);
    struct writer inner = writer_into(plain->octets + LENGTH_SIZE, CREDENTIAL_SIZE_MAX);
    enum status status = credential_write(credential, &inner);
    if (status == STATUS_OK) {
        write_u16(&w, (uint16_t)inner.length);
        write_room(&w, inner.length);
        issuance_write(&w, &credential->issue);
        status = writer_finish(&w);
    }
    if (status == STATUS_OK) {
        status = seal_box_close(device_key, writer_span(&w), out);
    }
    secret_free(plain);
    return status;
}

/* Hash of all that the credential says and holds. */
static enum status hash_credential(const struct credential *credential,
                                   uint8_t hash[SEAL_HASH_SIZE]) {
    struct secret *octets = secret_new(CREDENTIAL_SIZE_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    enum status status = credential_write(credential, &w);
    if (status == STATUS_OK) {
        status = seal_checksum(writer_span(&w), hash);
    }
    secret_free(octets);
    return status;
}

enum status enrolment_bundle_sign(struct credential *credential,
                                  const struct enrolment_request *request,
                                  const uint8_t access[SEAL_HASH_SIZE], uint64_t number,
                                  const struct provider *provider, const struct signing_key *key,
                                  const struct entropy *entropy) {
    char fingerprint[FINGERPRINT_SIZE];
    struct issuance *issue = &credential->issue;
    *issue = (struct issuance){.number = number};
    credential_fingerprint(credential, fingerprint);
    if (access != NULL) {
        memcpy(issue->access, access, sizeof issue->access);
    }
    enum status status = enrolment_request_hash(request, issue->request);
    if (status == STATUS_OK) {
        status = hash_credential(credential, issue->credential);
    }
    const struct issuer issuer = {credential->kms, credential->identity, fingerprint};
    return status == STATUS_OK ? issuance_sign(issue, &issuer, provider, key, entropy) : status;
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
        status = version == VERSION_WITHOUT_SIGNATURE ? STATUS_SIGNATURE_INVALID : STATUS_MALFORMED;
    }
    return status == STATUS_OK ? identity_check(bundle->identity) : status;
}

enum status enrolment_bundle_owner(struct span text, char identity[IDENTITY_SIZE],
                                   uint8_t device_key[DEVICE_KEY_SIZE]) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct bundle bundle = {0};
    struct writer w = writer_into(octets, sizeof octets);
    enum status status = armour_read(BUNDLE_LABEL, text, &w);
    if (status == STATUS_OK) {
        status = parse_bundle(writer_span(&w), &bundle);
    }
    if (status == STATUS_OK) {
        memcpy(identity, bundle.identity, IDENTITY_SIZE);
        memcpy(device_key, bundle.device_key, DEVICE_KEY_SIZE);
    }
    return status;
}

/* Is the authority's key, if there is one, a key? */
static enum status check_authority(const struct credential *credential,
                                   const struct provider *provider) {
    struct domain_key *authority;
    if (!credential_has_authority(credential)) {
        return STATUS_OK;
    }
    enum status status = provider->domain_load(credential->authority, credential->kpak, &authority);
    if (status == STATUS_OK) {
        provider->domain_free(authority);
    }
    return status;
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
    if (status == STATUS_OK) {
        status = check_authority(credential, provider);
    }
    if (status == STATUS_OK && credential->attestation.number != 0) {
        status = attestation_verify(&credential->attestation, credential->kms, credential->identity,
                                    provider, domain);
    }
    if (status == STATUS_OK && credential->limits.number != 0) {
        status = limits_verify(&credential->limits, credential->kms, provider, domain);
    }
    provider->domain_free(domain);
    return status;
}

/* Did the KMS sign what the bundle gives, and the root that the keys are the domain's? */
static enum status check_issue(const struct credential *credential,
                               const struct provider *provider) {
    char fingerprint[FINGERPRINT_SIZE];
    struct domain_key *domain = NULL;
    const struct domain_keys keys = credential_domain(credential);
    const struct issuer issuer = {credential->kms, credential->identity, fingerprint};
    credential_fingerprint(credential, fingerprint);
    enum status status = credential->certificate.number == 0
                             ? STATUS_OK
                             : certificate_verify(&credential->certificate, &keys);
    if (status == STATUS_OK) {
        status = provider->domain_load(credential->z, credential->kpak, &domain);
    }
    if (status == STATUS_OK) {
        status = issuance_verify(&credential->issue, &issuer, provider, domain);
        provider->domain_free(domain);
    }
    return status;
}

/* Is it the answer to what this device asks for under that identity and name? */
static enum status check_answer(const struct credential *credential, const struct device_key *key) {
    uint8_t hash[SEAL_HASH_SIZE];
    struct enrolment_request request = {0};
    memcpy(request.identity, credential->identity, sizeof request.identity);
    memcpy(request.display_name, credential->display_name, sizeof request.display_name);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    enum status status = enrolment_request_hash(&request, hash);
    return status == STATUS_OK && memcmp(hash, credential->issue.request, sizeof hash) != 0
               ? STATUS_WRONG_RECIPIENT
               : status;
}

/* Has the root certified the KMS's keys for the month of these? */
static bool is_certified(const struct credential *credential) {
    return credential->certificate.number == 0 ||
           credential->certificate.until_ms > credential->period_start_ms;
}

/* What is in the box: the credential, and the issue; one of another credential counts as none. */
static enum status take_plain(struct span plain, struct credential *credential) {
    uint8_t hash[SEAL_HASH_SIZE];
    struct issuance issue;
    struct reader r = reader_of(plain);
    struct span octets = read_span_u16(&r);
    issuance_read(&r, &issue);
    enum status status = reader_finish(&r);
    if (status == STATUS_OK) {
        status = credential_read(octets, credential);
    }
    if (status == STATUS_OK) {
        status = seal_checksum(octets, hash);
    }
    if (status == STATUS_OK && memcmp(hash, issue.credential, sizeof hash) == 0) {
        credential->issue = issue;
    }
    return status;
}

/* The credential in the box, as far as it belongs under the bundle's clear text. */
static enum status open_box(const struct bundle *bundle, const struct device_key *key,
                            struct credential *credential) {
    struct secret *plain = secret_new(PLAIN_MAX);
    if (plain == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(plain->octets, plain->length);
    enum status status = seal_box_open(key->public_key, key->private_key, bundle->box, &w);
    if (status == STATUS_OK) {
        status = take_plain(writer_span(&w), credential);
    }
    if (status == STATUS_OK && strcmp(credential->identity, bundle->identity) != 0) {
        status = STATUS_SEAL_BROKEN;
    }
    secret_free(plain);
    return status;
}

static enum status not_signed(const char *name, struct error *error) {
    return error_set(error, STATUS_SIGNATURE_INVALID,
                     "%.120s: this is not what the KMS signed: somebody else made or changed the "
                     "bundle; fetch it from the KMS itself",
                     name);
}

/* What the KMS has signed. */
static enum status check_signed(const char *name, const struct credential *credential,
                                const struct device_key *key, const struct provider *provider,
                                struct error *error) {
    char day[DAY_TEXT_SIZE];
    enum status status = check_issue(credential, provider);
    if (status == STATUS_SIGNATURE_INVALID) {
        return not_signed(name, error);
    }
    if (status == STATUS_OK) {
        status = check_answer(credential, key);
    }
    if (status == STATUS_WRONG_RECIPIENT) {
        return error_set(error, status,
                         "%.120s: this bundle answers another handset's request; make a request "
                         "with this handset",
                         name);
    }
    if (status == STATUS_OK && !is_certified(credential)) {
        day_print(credential->certificate.until_ms - 1, day);
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.120s: the root of its domain certified the KMS's keys until %s alone; "
                         "the KMS's operator has to renew that (muster-kms certify)",
                         name, day);
    }
    return status == STATUS_OK ? STATUS_OK : enrolment_unreadable(name, "bundle", status, error);
}

static enum status open_bundle(const char *name, struct span octets, const struct device_key *key,
                               const struct provider *provider, struct credential *credential,
                               struct error *error) {
    struct bundle bundle = {0};
    enum status status = parse_bundle(octets, &bundle);
    if (status == STATUS_SIGNATURE_INVALID) {
        return error_set(error, status,
                         "%.120s: the bundle is from an older version of Muster, in which the KMS "
                         "signed none; have the KMS make a new one",
                         name);
    }
    if (status != STATUS_OK) {
        return enrolment_unreadable(name, "bundle", status, error);
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
        return enrolment_unreadable(name, "bundle", status, error);
    }
    status = enrolment_keys_check(credential, provider);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "%.120s: the keys in the bundle are not those of %s in its domain (%s); "
                         "tell the KMS's operator",
                         name, bundle.identity, status_text(status));
    }
    return check_signed(name, credential, key, provider, error);
}

enum status enrolment_bundle_open(const char *name, struct span text, const struct device_key *key,
                                  const struct provider *provider, struct credential **credential,
                                  struct error *error) {
    uint8_t octets[ARMOUR_OCTETS_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    *credential = NULL;
    enum status status = armour_read(BUNDLE_LABEL, text, &w);
    if (status != STATUS_OK) {
        return enrolment_unreadable(name, "bundle", status, error);
    }
    struct credential *opened = credential_new();
    if (opened == NULL) {
        return enrolment_unreadable(name, "bundle", STATUS_NO_MEMORY, error);
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
