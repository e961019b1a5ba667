/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/half.h"

#include <string.h>

#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "crypto/secret.h"

#define HALF_RECORD_KEY    "half"
#define WITNESS_RECORD_KEY "head"

enum {
    FORMAT_VERSION = 1,
    HALF_SIZE_MAX = 1 + 1 + IDENTITY_MAX + SAKKE_FIELD_SIZE + ECCSI_SCALAR_SIZE,
    WITNESS_SIZE = 1 + 8 + AUDIT_HASH_SIZE
};

/* Lives in secret memory. Nothing is signed with its KSAK, which is there because a module makes
 * and loads master secrets in pairs. */
struct half {
    struct store *store;
    const struct provider *provider;
    struct master_key *master;
    struct domain_key *domain;
    char uri[IDENTITY_SIZE];
    uint8_t z_secret[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    uint8_t z[SAKKE_POINT_SIZE];
    struct audit_head seen; /* number 0: none yet */
};

const struct domain_key *half_domain(const struct half *half) {
    return half->domain;
}

const struct master_key *half_master(const struct half *half) {
    return half->master;
}

void half_close(struct half *half) {
    if (half == NULL) {
        return;
    }
    if (half->domain != NULL) {
        half->provider->domain_free(half->domain);
    }
    if (half->master != NULL) {
        half->provider->master_free(half->master);
    }
    store_close(half->store);
    secret_object_free(half);
}

static enum status half_failure(const struct half *half, enum status status, struct error *error) {
    return error_set(error, status, "the authority's half of domain %.100s: %s", half->uri,
                     status_text(status));
}

/* --- Records: writer above reader ----------------------------------------------------------- */

static enum status put_half(const struct half *half, struct batch *batch) {
    struct secret *octets = secret_new(HALF_SIZE_MAX);
    if (octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into(octets->octets, octets->length);
    write_u8(&w, FORMAT_VERSION);
    write_text_u8(&w, half->uri);
    write_span(&w, SPAN_OF(half->z_secret));
    write_span(&w, SPAN_OF(half->ksak));
    enum status status = writer_finish(&w);
    if (status == STATUS_OK) {
        status = batch_put(batch, RECORD_KMS_HALF, span_of_text(HALF_RECORD_KEY), writer_span(&w));
    }
    secret_free(octets);
    return status;
}

static enum status take_half(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    struct half *half = context;
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, half->uri, sizeof half->uri);
    read_octets(&r, half->z_secret, sizeof half->z_secret);
    read_octets(&r, half->ksak, sizeof half->ksak);
    return reader_finish(&r);
}

static enum status put_witness(const struct audit_head *head, struct batch *batch) {
    uint8_t octets[WITNESS_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_u64(&w, head->number);
    write_span(&w, SPAN_OF(head->hash));
    return batch_put(batch, RECORD_KMS_WITNESS, span_of_text(WITNESS_RECORD_KEY), writer_span(&w));
}

static enum status take_witness(void *context, enum record_kind kind, struct span key,
                                struct span value) {
    struct audit_head *head = context;
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    head->number = read_u64(&r);
    read_octets(&r, head->hash, sizeof head->hash);
    return reader_finish(&r);
}

/* --- Opening -------------------------------------------------------------------------------- */

/* The handles of the secrets. */
static enum status load_secrets(struct half *half) {
    uint8_t kpak[ECCSI_POINT_SIZE];
    enum status status = half->provider->master_load(half->z_secret, half->ksak, &half->master);
    if (status == STATUS_OK) {
        status = half->provider->public_keys(half->master, half->z, kpak);
    }
    return status == STATUS_OK ? half->provider->domain_load(half->z, kpak, &half->domain) : status;
}

static enum status read_store(struct half *half, const char *path, struct error *error) {
    bool found = false, was_used;
    enum status status = store_find(half->store, RECORD_KMS_HALF, span_of_text(HALF_RECORD_KEY),
                                    take_half, half, &found, error);
    if (status == STATUS_OK && !found) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: an authority's half is not in it; name the file that muster-kms "
                         "init --half wrote",
                         path);
    }
    if (status == STATUS_OK) {
        status = store_find(half->store, RECORD_KMS_WITNESS, span_of_text(WITNESS_RECORD_KEY),
                            take_witness, &half->seen, &was_used, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = load_secrets(half);
    return status == STATUS_OK ? STATUS_OK : half_failure(half, status, error);
}

static struct half *half_new(const struct provider *provider) {
    struct half *half = secret_object_new(sizeof *half);
    if (half != NULL) {
        half->provider = provider;
    }
    return half;
}

enum status half_open(const char *path, struct span passphrase, const struct provider *provider,
                      struct half **half, struct error *error) {
    *half = NULL;
    struct half *opened = half_new(provider);
    if (opened == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    enum status status = store_open(path, passphrase, &opened->store, error);
    if (status == STATUS_OK) {
        status = read_store(opened, path, error);
    }
    if (status != STATUS_OK) {
        half_close(opened);
        return status;
    }
    *half = opened;
    return STATUS_OK;
}

/* --- Splitting ------------------------------------------------------------------------------ */

static void count_entry(void *context, const struct register_entry *entry) {
    (void)entry;
    ++*(size_t *)context;
}

/* What handsets and certificates already say cannot be said otherwise. */
static enum status check_new(struct kms *kms, struct error *error) {
    size_t count = 0;
    enum status status =
        kms->store == NULL ? STATUS_OK : register_list(kms, count_entry, &count, error);
    if (status != STATUS_OK) {
        return status;
    }
    bool is_new = count == 0 && kms->certificate.number == 0 && !kms_is_split(kms);
    if (kms->recovery && is_new) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "domain %.100s: the authority's half is made with a new domain that has "
                     "recovery on, and not afterwards",
                     kms->uri);
}

static enum status create_store(struct half *half, const char *path, struct span passphrase,
                                enum store_strength strength, const struct entropy *entropy,
                                struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_half(half, batch);
    if (status != STATUS_OK) {
        half_failure(half, status, error);
    } else {
        status = store_create(path, passphrase, strength, entropy, &half->store, error);
    }
    if (status == STATUS_OK) {
        status = store_apply(half->store, batch, error);
        if (status != STATUS_OK) {
            store_discard(path);
        }
    }
    batch_free(batch);
    return status;
}

/* The public key becomes part of the domain. */
static enum status keep_in_domain(struct kms *kms, int64_t now_ms, struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = AUDIT_HALF};
    memcpy(record.identity, kms->uri, sizeof record.identity);
    strcpy(record.detail, "recovery needs the authority's half as well");
    if (kms->store == NULL) {
        return STATUS_OK;
    }
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : kms_put_domain(kms, batch);
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

static enum status draw(struct half *half, const struct kms *kms, const struct entropy *entropy) {
    memcpy(half->uri, kms->uri, sizeof half->uri);
    enum status status = half->provider->master_generate(entropy, half->z_secret, half->ksak);
    return status == STATUS_OK ? load_secrets(half) : status;
}

enum status half_make(struct kms *kms, const char *path, struct span passphrase,
                      enum store_strength strength, int64_t now_ms, const struct entropy *entropy,
                      struct error *error) {
    enum status status = check_new(kms, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct half *half = half_new(kms->provider);
    status = half == NULL ? STATUS_NO_MEMORY : draw(half, kms, entropy);
    if (status != STATUS_OK) {
        half_close(half);
        return kms_failure(kms, status, error);
    }
    status = create_store(half, path, passphrase, strength, entropy, error);
    if (status == STATUS_OK) {
        memcpy(kms->authority, half->z, sizeof kms->authority);
        status = keep_in_domain(kms, now_ms, error);
        if (status != STATUS_OK) {
            memset(kms->authority, 0, sizeof kms->authority);
            store_discard(path);
        }
    }
    half_close(half);
    return status;
}

/* --- Using it ------------------------------------------------------------------------------- */

enum status half_check(const struct half *half, const struct kms *kms, struct error *error) {
    bool is_split = kms_is_split(kms);
    if (half == NULL && is_split) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "domain %.100s: its messages are opened with the authority's half alone; "
                         "have the authority bring its file and name it, with --half",
                         kms->uri);
    }
    if (half != NULL && !is_split) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "domain %.100s: its recovery is not split; leave --half out", kms->uri);
    }
    if (half != NULL && memcmp(half->z, kms->authority, sizeof half->z) != 0) {
        return error_set(error, STATUS_KEY_INVALID,
                         "the authority's half is that of another domain (%.100s), not of this one",
                         half->uri);
    }
    return STATUS_OK;
}

struct look {
    struct audit_mark wanted;
    bool found;
};

static void look_at(void *context, const struct audit_record *record) {
    struct look *look = context;
    look->found = look->found || audit_mark_fits(&look->wanted, record);
}

enum status half_check_log(const struct half *half, struct kms *kms, struct error *error) {
    struct look look = {.wanted = {half->seen.number, sizeof half->seen.hash, {0}},
                        .found = half->seen.number == 0 || kms->store == NULL};
    memcpy(look.wanted.hash, half->seen.hash, sizeof look.wanted.hash);
    enum status status = audit_check(kms, look_at, &look, error);
    if (status != STATUS_OK || look.found) {
        return status;
    }
    return error_set(error, STATUS_SEAL_BROKEN,
                     "domain %.100s: its audit log lacks record %llu, which the authority's half "
                     "saw when it was last used: a copy of the domain was used then, or this is an "
                     "older state of it. Find out which; to go on all the same, add --other-log",
                     kms->uri, (unsigned long long)half->seen.number);
}

enum status half_note(struct half *half, const struct audit_head *head, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_witness(head, batch);
    if (status != STATUS_OK) {
        half_failure(half, status, error);
    } else {
        status = store_apply(half->store, batch, error);
    }
    batch_free(batch);
    if (status == STATUS_OK) {
        half->seen = *head;
    }
    return status;
}
