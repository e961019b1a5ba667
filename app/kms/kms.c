/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/kms.h"

#include <string.h>

#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/statements.h"
#include "crypto/secret.h"

#define DOMAIN_RECORD_KEY "domain"

enum {
    FORMAT_VERSION = 3,
    FORMAT_VERSION_WITHOUT_RECOVERY = 1,
    RECOVERY_SPLIT = 2, /* the setting, with the authority's key after it */
    DOMAIN_SIZE_MAX =
        2 + IDENTITY_MAX + SAKKE_FIELD_SIZE + ECCSI_SCALAR_SIZE + 1 + SAKKE_POINT_SIZE,
};

static enum status domain_failure(const char *uri, enum status status, struct error *error) {
    return error_set(error, status, "domain %.100s: %s", uri, status_text(status));
}

enum status kms_failure(const struct kms *kms, enum status status, struct error *error) {
    return domain_failure(kms->uri, status, error);
}

static enum status write_domain(const struct kms *kms, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_text_u8(out, kms->uri);
    write_span(out, SPAN_OF(kms->z_secret));
    write_span(out, SPAN_OF(kms->ksak));
    write_u8(out, kms_is_split(kms) ? RECOVERY_SPLIT : kms->recovery);
    if (kms_is_split(kms)) {
        write_span(out, SPAN_OF(kms->authority));
    }
    return writer_finish(out);
}

static enum status read_domain(struct span octets, struct kms *kms) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, kms->uri, sizeof kms->uri);
    read_octets(&r, kms->z_secret, sizeof kms->z_secret);
    read_octets(&r, kms->ksak, sizeof kms->ksak);
    uint8_t recovery = version > FORMAT_VERSION_WITHOUT_RECOVERY ? read_u8(&r) : 0;
    kms->recovery = recovery != 0;
    if (recovery == RECOVERY_SPLIT) {
        read_octets(&r, kms->authority, sizeof kms->authority);
    }
    enum status status = reader_finish(&r);
    bool is_known = version >= FORMAT_VERSION_WITHOUT_RECOVERY && recovery <= RECOVERY_SPLIT;
    return status == STATUS_OK && !is_known ? STATUS_MALFORMED : status;
}

void kms_close(struct kms *kms) {
    if (kms == NULL) {
        return;
    }
    if (kms->statements != NULL) {
        kms->provider->signing_key_free(kms->statements);
    }
    if (kms->domain != NULL) {
        kms->provider->domain_free(kms->domain);
    }
    if (kms->master != NULL) {
        kms->provider->master_free(kms->master);
    }
    continuity_note(kms);
    broker_free(kms->broker);
    store_close(kms->store);
    secret_object_free(kms);
}

/* The KMS's own signing key. It is issued anew whenever the domain is opened: all that were ever
 * issued sign alike, since a signature carries the public part (RFC 6507 5.2.1). */
static enum status issue_own_key(struct kms *kms, const struct entropy *entropy) {
    struct identifier identifier;
    uint8_t pvt[ECCSI_POINT_SIZE];
    struct secret *ssk = secret_new(ECCSI_SCALAR_SIZE);
    enum status status =
        ssk == NULL ? STATUS_NO_MEMORY : identifier_of_statements(kms->uri, &identifier);
    if (status == STATUS_OK) {
        status = kms->provider->issue_signing_key(kms->master, identifier_span(&identifier),
                                                  entropy, ssk->octets, pvt);
    }
    if (status == STATUS_OK) {
        status = kms->provider->signing_key_load(kms->domain, identifier_span(&identifier),
                                                 ssk->octets, pvt, &kms->statements);
    }
    secret_free(ssk);
    return status;
}

/* The handles of the master key and of the domain's public keys, from its secrets. */
static enum status load_master(struct kms *kms, const struct entropy *entropy) {
    enum status status = kms->provider->master_load(kms->z_secret, kms->ksak, &kms->master);
    if (status == STATUS_OK) {
        status = kms->provider->public_keys(kms->master, kms->z, kms->kpak);
    }
    if (status == STATUS_OK) {
        status = kms->provider->domain_load(kms->z, kms->kpak, &kms->domain);
    }
    return status == STATUS_OK ? issue_own_key(kms, entropy) : status;
}

enum status kms_init_in_memory(const char *uri, bool recovery, const struct provider *provider,
                               const struct entropy *entropy, struct kms **kms,
                               struct error *error) {
    *kms = NULL;
    enum status status = kms_uri_check(uri);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "%.100s: not a URI for a KMS; one looks like sip:kms@county.example", uri);
    }
    struct kms *made = secret_object_new(sizeof *made);
    if (made == NULL) {
        return domain_failure(uri, STATUS_NO_MEMORY, error);
    }
    made->provider = provider;
    made->recovery = recovery;
    memcpy(made->uri, uri, strlen(uri) + 1);
    status = provider->master_generate(entropy, made->z_secret, made->ksak);
    if (status == STATUS_OK) {
        status = load_master(made, entropy);
    }
    if (status != STATUS_OK) {
        kms_close(made);
        return domain_failure(uri, status, error);
    }
    *kms = made;
    return STATUS_OK;
}

enum status kms_put_domain(const struct kms *kms, struct batch *batch) {
    struct secret *value = secret_new(DOMAIN_SIZE_MAX);
    if (value == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(value->octets, value->length);
    enum status status = write_domain(kms, &w);
    if (status == STATUS_OK) {
        status =
            batch_put(batch, RECORD_KMS_DOMAIN, span_of_text(DOMAIN_RECORD_KEY), writer_span(&w));
    }
    secret_free(value);
    return status;
}

static enum status keep_domain(struct kms *kms, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : kms_put_domain(kms, batch);
    if (status != STATUS_OK) {
        domain_failure(kms->uri, status, error);
    } else {
        status = store_apply(kms->store, batch, error);
    }
    batch_free(batch);
    return status;
}

enum status kms_init(const char *path, const char *uri, bool recovery, struct span passphrase,
                     enum store_strength strength, const struct provider *provider,
                     const struct entropy *entropy, struct kms **kms, struct error *error) {
    struct kms *made;
    *kms = NULL;
    enum status status = kms_init_in_memory(uri, recovery, provider, entropy, &made, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = store_create(path, passphrase, strength, entropy, &made->store, error);
    bool created = status == STATUS_OK;
    if (created) {
        status = keep_domain(made, error);
    }
    if (status != STATUS_OK) {
        kms_close(made);
        if (created) {
            store_discard(path);
        }
        return status;
    }
    *kms = made;
    return STATUS_OK;
}

static enum status load_log(struct kms *kms, struct error *error) {
    struct audit_head head;
    enum status status = audit_head(kms, &head, error);
    if (status == STATUS_OK) {
        kms->log = audit_head_short(&head);
    }
    return status;
}

static enum status take_domain(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    (void)kind;
    (void)key;
    return read_domain(value, context);
}

static enum status load_rest(struct kms *kms, struct error *error) {
    enum status status = load_master(kms, &entropy_system);
    if (status != STATUS_OK) {
        return domain_failure(kms->uri, status, error);
    }
    status = kms_load_broker(kms, error);
    if (status == STATUS_OK) {
        status = statements_load(kms, error);
    }
    if (status == STATUS_OK) {
        status = load_log(kms, error);
    }
    return status == STATUS_OK ? continuity_load(kms, error) : status;
}

enum status kms_load(struct kms *kms, const char *path, struct error *error) {
    bool found;
    enum status status = store_find(kms->store, RECORD_KMS_DOMAIN, span_of_text(DOMAIN_RECORD_KEY),
                                    take_domain, kms, &found, error);
    if (status == STATUS_OK && !found) {
        status = error_set(error, STATUS_NOT_FOUND,
                           "%.150s: a store without a domain (a handset's?); give the file that "
                           "muster-kms init made",
                           path);
    }
    return status == STATUS_OK ? load_rest(kms, error) : status;
}

enum status kms_open(const char *path, struct span passphrase, const struct provider *provider,
                     struct kms **kms, struct error *error) {
    *kms = NULL;
    struct kms *opened = secret_object_new(sizeof *opened);
    if (opened == NULL) {
        return domain_failure(path, STATUS_NO_MEMORY, error);
    }
    opened->provider = provider;
    enum status status = store_open(path, passphrase, &opened->store, error);
    if (status == STATUS_OK) {
        status = kms_load(opened, path, error);
    }
    if (status != STATUS_OK) {
        kms_close(opened);
        return status;
    }
    *kms = opened;
    return STATUS_OK;
}

const char *kms_uri(const struct kms *kms) {
    return kms->uri;
}

bool kms_has_recovery(const struct kms *kms) {
    return kms->recovery;
}

bool kms_is_split(const struct kms *kms) {
    return kms->authority[0] != 0; /* a point begins with 4 */
}

void kms_describe_domain(const struct kms *kms, struct credential *credential) {
    memcpy(credential->kms, kms->uri, sizeof credential->kms);
    memcpy(credential->z, kms->z, sizeof credential->z);
    memcpy(credential->kpak, kms->kpak, sizeof credential->kpak);
    credential->recovery = kms->recovery;
    memcpy(credential->authority, kms->authority, sizeof credential->authority);
    credential->certificate = kms->certificate;
    credential->limits = kms->limits;
    credential->log = kms->log;
}

void kms_fingerprint(const struct kms *kms, char out[FINGERPRINT_SIZE]) {
    struct credential domain = {0};
    kms_describe_domain(kms, &domain);
    credential_fingerprint(&domain, out);
}
