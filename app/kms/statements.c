/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/statements.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/text/duration.h"
#include "crypto/secret.h"

#define ROOT_RECORD_KEY   "root"
#define LIMITS_RECORD_KEY "limits"

enum {
    FORMAT_VERSION = 1,
    ROOT_SIZE_MAX = 1 + CERTIFICATE_SIZE_MAX + 1 + ROOT_SEED_SIZE
};

const struct certificate *kms_certificate(const struct kms *kms) {
    return &kms->certificate;
}

const struct limits *kms_limits(const struct kms *kms) {
    return &kms->limits;
}

bool kms_has_root_secret(const struct kms *kms) {
    return kms->has_root_secret;
}

static struct domain_keys keys_of(const struct kms *kms) {
    return (struct domain_keys){.kms = kms->uri,
                                .z = kms->z,
                                .kpak = kms->kpak,
                                .recovery = kms->recovery,
                                .authority = kms_is_split(kms) ? kms->authority : NULL};
}

/* --- Records: writer above reader ----------------------------------------------------------- */

/* The root's record; the secret is in it unless it is NULL. */
static enum status put_root(const struct certificate *certificate, const uint8_t *secret,
                            struct batch *batch) {
    uint8_t octets[ROOT_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    certificate_write(&w, certificate);
    write_u8(&w, secret != NULL);
    if (secret != NULL) {
        write_span(&w, (struct span){secret, ROOT_SEED_SIZE});
    }
    enum status status =
        batch_put(batch, RECORD_KMS_ROOT, span_of_text(ROOT_RECORD_KEY), writer_span(&w));
    secret_wipe(octets, sizeof octets);
    return status;
}

/* What the root's record says. */
struct root_record {
    struct certificate certificate;
    bool has_secret;
    uint8_t secret[ROOT_SEED_SIZE];
};

static enum status take_root(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    struct root_record *record = context;
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    enum status status = certificate_read(&r, &record->certificate);
    record->has_secret = read_u8(&r) == 1;
    if (record->has_secret) {
        read_octets(&r, record->secret, sizeof record->secret);
    }
    return status == STATUS_OK ? reader_finish(&r) : status;
}

static enum status put_limits(const struct limits *limits, struct batch *batch) {
    uint8_t octets[1 + LIMITS_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    limits_write(&w, limits);
    return batch_put(batch, RECORD_KMS_LIMITS, span_of_text(LIMITS_RECORD_KEY), writer_span(&w));
}

static enum status take_limits(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    enum status status = limits_read(&r, context);
    return status == STATUS_OK ? reader_finish(&r) : status;
}

/* --- Opening, issuing ----------------------------------------------------------------------- */

/* What was read must be about this domain's keys. */
static enum status check_loaded(const struct kms *kms) {
    const struct domain_keys keys = keys_of(kms);
    enum status status =
        kms->certificate.number == 0 ? STATUS_OK : certificate_verify(&kms->certificate, &keys);
    if (status == STATUS_OK && kms->limits.number != 0) {
        status = limits_verify(&kms->limits, kms->uri, kms->provider, kms->domain);
    }
    return status == STATUS_OK ? STATUS_OK : STATUS_SEAL_BROKEN;
}

enum status statements_load(struct kms *kms, struct error *error) {
    bool found;
    struct root_record record = {0};
    enum status status = store_find(kms->store, RECORD_KMS_ROOT, span_of_text(ROOT_RECORD_KEY),
                                    take_root, &record, &found, error);
    if (status == STATUS_OK) {
        kms->certificate = record.certificate;
        kms->has_root_secret = record.has_secret;
        memcpy(kms->root_secret, record.secret, sizeof kms->root_secret);
        status = store_find(kms->store, RECORD_KMS_LIMITS, span_of_text(LIMITS_RECORD_KEY),
                            take_limits, &kms->limits, &found, error);
    }
    secret_wipe(record.secret, sizeof record.secret);
    if (status == STATUS_OK) {
        status = check_loaded(kms);
        if (status != STATUS_OK) {
            kms_failure(kms, status, error);
        }
    }
    return status;
}

enum status statements_check(const struct kms *kms, int64_t now_ms, int64_t month_ms,
                             struct error *error) {
    int64_t until_ms = kms->certificate.until_ms;
    char day[DAY_TEXT_SIZE];
    if (kms->certificate.number == 0 ||
        (now_ms < until_ms && month_start(month_ms, 0) < until_ms)) {
        return STATUS_OK;
    }
    day_print(until_ms - 1, day);
    return error_set(error, STATUS_NOT_ALLOWED,
                     "domain %.100s: its root has certified these keys until %s alone; renew that "
                     "first, with muster-kms certify",
                     kms->uri, day);
}

enum status statements_check_same(const struct kms *kms, struct error *error) {
    struct root_record record = {0};
    struct limits limits = {0};
    bool found;
    enum status status = store_find(kms->store, RECORD_KMS_ROOT, span_of_text(ROOT_RECORD_KEY),
                                    take_root, &record, &found, error);
    if (status == STATUS_OK) {
        status = store_find(kms->store, RECORD_KMS_LIMITS, span_of_text(LIMITS_RECORD_KEY),
                            take_limits, &limits, &found, error);
    }
    secret_wipe(record.secret, sizeof record.secret);
    bool is_same =
        record.certificate.number == kms->certificate.number && limits.number == kms->limits.number;
    return status != STATUS_OK || is_same
               ? status
               : error_set(error, STATUS_NOT_ALLOWED,
                           "domain %.100s: its certificate or its limits were set anew meanwhile",
                           kms->uri);
}

/* --- The root ------------------------------------------------------------------------------- */

/* Makes what is in `batch` durable together with a record of the audit log. */
static enum status apply(struct kms *kms, enum audit_action action, const char *detail,
                         int64_t now_ms, struct batch *batch, struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = action};
    memcpy(record.identity, kms->uri, sizeof record.identity);
    snprintf(record.detail, sizeof record.detail, "%s", detail);
    return audit_apply(kms, &record, batch, error);
}

/* Keeps the certificate, and the root's secret beside it unless that is NULL. */
static enum status keep_certificate(struct kms *kms, const struct certificate *certificate,
                                    const uint8_t *secret, int64_t now_ms, struct error *error) {
    char detail[AUDIT_DETAIL_SIZE], day[DAY_TEXT_SIZE];
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_root(certificate, secret, batch);
    day_print(certificate->until_ms - 1, day);
    snprintf(detail, sizeof detail, "the domain's keys until %s", day);
    status = status == STATUS_OK ? apply(kms, AUDIT_CERTIFICATE, detail, now_ms, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

static enum status certify(struct kms *kms, const uint8_t *secret, bool keeps_secret,
                           int64_t now_ms, struct error *error) {
    struct certificate certificate = {.number = kms_number_after(kms->certificate.number, now_ms),
                                      .until_ms = now_ms + CERTIFICATE_PERIOD_MS};
    const struct domain_keys keys = keys_of(kms);
    enum status status = certificate_sign(&certificate, &keys, secret);
    if (status != STATUS_OK) {
        return kms_failure(kms, status, error);
    }
    if (kms->certificate.number != 0 &&
        memcmp(certificate.root, kms->certificate.root, sizeof certificate.root) != 0) {
        return error_set(error, STATUS_KEY_INVALID,
                         "this is the root of another domain, not that of %.100s", kms->uri);
    }
    status = keep_certificate(kms, &certificate, keeps_secret ? secret : NULL, now_ms, error);
    if (status == STATUS_OK) {
        kms->certificate = certificate;
    }
    return status;
}

/* Of a domain without a root. */
static enum status make_root(struct kms *kms, int64_t now_ms, const struct entropy *entropy,
                             struct error *error) {
    struct secret *secret = secret_new(ROOT_SEED_SIZE);
    enum status status =
        secret == NULL ? STATUS_NO_MEMORY : entropy_draw(entropy, secret->octets, ROOT_SEED_SIZE);
    status = status == STATUS_OK ? certify(kms, secret->octets, true, now_ms, error)
                                 : kms_failure(kms, status, error);
    if (status == STATUS_OK) {
        memcpy(kms->root_secret, secret->octets, sizeof kms->root_secret);
        kms->has_root_secret = true;
    }
    secret_free(secret);
    return status;
}

static enum status without_secret(const struct kms *kms, struct error *error) {
    return error_set(error, STATUS_NOT_FOUND,
                     "domain %.100s: the secret of its root was taken out; name the file that has "
                     "it, with --root",
                     kms->uri);
}

enum status kms_certify(struct kms *kms, const uint8_t *secret, int64_t now_ms,
                        const struct entropy *entropy, struct error *error) {
    if (secret == NULL && kms->certificate.number == 0) {
        return make_root(kms, now_ms, entropy, error);
    }
    if (kms->has_root_secret) {
        return certify(kms, secret != NULL ? secret : kms->root_secret, true, now_ms, error);
    }
    return secret == NULL ? without_secret(kms, error) : certify(kms, secret, false, now_ms, error);
}

/* The store of the root alone. */
static enum status make_root_store(const struct kms *kms, const char *path, struct span passphrase,
                                   enum store_strength strength, const struct entropy *entropy,
                                   struct error *error) {
    struct store *store;
    struct batch *batch = batch_new();
    enum status status =
        batch == NULL ? STATUS_NO_MEMORY : put_root(&kms->certificate, kms->root_secret, batch);
    if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    } else {
        status = store_create(path, passphrase, strength, entropy, &store, error);
    }
    if (status == STATUS_OK) {
        status = store_apply(store, batch, error);
        store_close(store);
        if (status != STATUS_OK) {
            store_discard(path);
        }
    }
    batch_free(batch);
    return status;
}

enum status kms_take_root(struct kms *kms, const char *path, struct span passphrase,
                          enum store_strength strength, int64_t now_ms,
                          const struct entropy *entropy, struct error *error) {
    if (!kms->has_root_secret) {
        return kms->certificate.number != 0
                   ? without_secret(kms, error)
                   : error_set(error, STATUS_NOT_FOUND,
                               "domain %.100s: it has no root yet; muster-kms certify makes one",
                               kms->uri);
    }
    enum status status = make_root_store(kms, path, passphrase, strength, entropy, error);
    if (status != STATUS_OK) {
        return status;
    }
    struct batch *batch = batch_new();
    status = batch == NULL ? STATUS_NO_MEMORY : put_root(&kms->certificate, NULL, batch);
    status = status == STATUS_OK
                 ? apply(kms, AUDIT_ROOT, "its secret taken out of this file", now_ms, batch, error)
                 : kms_failure(kms, status, error);
    batch_free(batch);
    if (status == STATUS_OK) {
        secret_wipe(kms->root_secret, sizeof kms->root_secret);
        kms->has_root_secret = false;
    }
    return status;
}

enum status root_secret_read(const char *path, struct span passphrase, struct secret **secret,
                             struct error *error) {
    struct store *store;
    struct root_record record = {0};
    bool found = false;
    *secret = NULL;
    enum status status = store_open(path, passphrase, &store, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = store_find(store, RECORD_KMS_ROOT, span_of_text(ROOT_RECORD_KEY), take_root, &record,
                        &found, error);
    store_close(store);
    if (status == STATUS_OK && !record.has_secret) {
        status = error_set(error, STATUS_NOT_FOUND,
                           "%.150s: the secret of a root is not in it; name the file that "
                           "muster-kms root wrote",
                           path);
    }
    if (status == STATUS_OK && (*secret = secret_copy(SPAN_OF(record.secret))) == NULL) {
        status = error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    secret_wipe(&record, sizeof record);
    return status;
}

/* --- The limits ----------------------------------------------------------------------------- */

static enum status keep_limits(struct kms *kms, const struct limits *limits, int64_t now_ms,
                               struct error *error) {
    char detail[AUDIT_DETAIL_SIZE];
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_limits(limits, batch);
    char period[DURATION_TEXT_SIZE], tolerance[DURATION_TEXT_SIZE];
    duration_print(limits->longest_period_ms, period);
    duration_print(limits->tolerance_ms, tolerance);
    snprintf(detail, sizeof detail, "keys of groups at most %s, clocks apart at most %s", period,
             tolerance);
    status = status == STATUS_OK ? apply(kms, AUDIT_LIMITS, detail, now_ms, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

enum status kms_set_limits(struct kms *kms, int64_t longest_period_ms, int64_t tolerance_ms,
                           int64_t now_ms, const struct entropy *entropy, struct error *error) {
    struct limits limits = {.number = kms_number_after(kms->limits.number, now_ms),
                            .longest_period_ms = longest_period_ms,
                            .tolerance_ms = tolerance_ms};
    if (!limits_are_valid(&limits)) {
        return error_set(error, STATUS_MALFORMED,
                         "a group's key may have a period of 400 days at most, and clocks may be "
                         "7 days apart at most");
    }
    enum status status = limits_sign(&limits, kms->uri, kms->provider, kms->statements, entropy);
    if (status != STATUS_OK) {
        return kms_failure(kms, status, error);
    }
    status = keep_limits(kms, &limits, now_ms, error);
    if (status == STATUS_OK) {
        kms->limits = limits;
    }
    return status;
}
