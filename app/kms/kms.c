/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/kms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/identity/alike.h"
#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/issuing.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"
#include "app/kms/shut_out.h"
#include "app/kms/statements.h"
#include "crypto/secret.h"

#define DOMAIN_RECORD_KEY "domain"
#define BROKER_RECORD_KEY "broker"

enum {
    FORMAT_VERSION = 3,
    FORMAT_VERSION_WITHOUT_RECOVERY = 1,
    RECOVERY_SPLIT = 2,                     /* the setting, with the authority's key after it */
    ACCESS_GRACE_MS = 2 * 24 * 3600 * 1000, /* access outlasts the keys: clocks differ */
    DOMAIN_SIZE_MAX =
        2 + IDENTITY_MAX + SAKKE_FIELD_SIZE + ECCSI_SCALAR_SIZE + 1 + SAKKE_POINT_SIZE,
};

static const int64_t me_fetch_ms = INT64_C(366) * 24 * 3600 * 1000; /* an ME's keys have no end */

/* For how long who did not come for its renewal still fetches what the broker keeps. Who is revoked
 * is shut out for longer than that. */
#define ACCESS_FETCH_MS (30 * INT64_C(24) * 3600 * 1000)
_Static_assert(ACCESS_FETCH_MS < REVOKED_LIST_KEEP_MS, "no access outlives a revocation");

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

static enum status take_broker(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    struct kms *kms = context;
    (void)kind;
    (void)key;
    kms->broker = broker_new();
    return kms->broker == NULL ? STATUS_NO_MEMORY : broker_read(value, kms->broker);
}

static enum status load_broker(struct kms *kms, struct error *error) {
    bool found;
    return store_find(kms->store, RECORD_KMS_BROKER, span_of_text(BROKER_RECORD_KEY), take_broker,
                      kms, &found, error);
}

/* Other threads may read what is loaded: it is not touched. */
enum status kms_check_broker(const struct kms *kms, struct error *error) {
    struct kms now = {.store = kms->store};
    enum status status = load_broker(&now, error);
    const struct broker *held = kms->broker;
    bool is_same = held == NULL || now.broker == NULL ? held == now.broker
                                                      : memcmp(held, now.broker, sizeof *held) == 0;
    broker_free(now.broker);
    if (status == STATUS_OK && !is_same) {
        status = error_set(error, STATUS_NOT_ALLOWED,
                           "domain %.100s: its broker was set anew meanwhile", kms->uri);
    }
    return status;
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
    status = load_broker(kms, error);
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

/* What every credential of the domain says about it. */
static void describe_domain(const struct kms *kms, struct credential *credential) {
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
    describe_domain(kms, &domain);
    credential_fingerprint(&domain, out);
}

static void make_topic_key(const struct kms *kms, struct topic_key *key) {
    struct credential domain = {0};
    describe_domain(kms, &domain);
    topic_key_of(&domain, key);
}

/* A moment of the month whose keys are wanted. */
static int64_t month_of(const struct kms_terms *terms) {
    return terms->month_ms == 0 ? terms->now_ms : terms->month_ms;
}

uint64_t kms_number_after(uint64_t last, int64_t now_ms) {
    uint64_t seconds = now_ms > 0 ? (uint64_t)(now_ms / 1000) : 1;
    return seconds > last ? seconds : last + 1;
}

uint64_t kms_number(const struct kms_terms *terms) {
    return kms_number_after(terms->after, terms->now_ms);
}

uint64_t kms_term(const struct enrolment_request *request, const struct kms_terms *terms) {
    struct group_list list = {0};
    if (group_list_add(&list, request->identity) != STATUS_OK) {
        return 0;
    }
    return terms->term != 0 ? terms->term : kms_number(terms);
}

uint64_t kms_held_term(const struct register_entry *held, const struct enrolment_request *request) {
    bool is_same_device = memcmp(held->device_key, request->device_key, DEVICE_KEY_SIZE) == 0;
    return is_same_device ? held->term : 0;
}

/* Who manages it, where it may be a group's identity: any sip: identity may. */
static enum status describe_manager(const struct kms_issue *issue, struct credential *credential) {
    struct manager_certificate *manager = &credential->manager;
    manager->term = kms_term(issue->request, issue->terms);
    manager->month = manager_month_of(credential->period_start_ms);
    return manager_name_of(SPAN_OF(issue->request->device_key), manager->name);
}

/* All of the credential but its keys, and what is made with them. */
static enum status describe(const struct kms *kms, const struct enrolment_request *request,
                            const struct kms_terms *terms, struct credential *credential) {
    int64_t month_ms = month_of(terms);
    describe_domain(kms, credential);
    memcpy(credential->identity, request->identity, sizeof credential->identity);
    memcpy(credential->display_name, request->display_name, sizeof credential->display_name);
    credential->max_key_period_ms = terms->max_key_period_ms;
    if (terms->groups != NULL) {
        credential->groups = *terms->groups;
    }
    enum status status = identifier_of(request->identity, month_ms, &credential->identifier);
    if (status == STATUS_OK && !identity_is_me(request->identity)) {
        credential->period_start_ms = month_start(month_ms, 0);
    }
    return status;
}

static enum status attest(const struct kms *kms, const struct kms_terms *terms,
                          const struct entropy *entropy, struct credential *credential) {
    return attestation_sign(&credential->attestation, kms->uri, credential->identity,
                            credential->display_name, kms_number(terms), kms->provider,
                            kms->statements, entropy);
}

int64_t kms_me_access_ends_ms(int64_t issued_ms) {
    return month_start(issued_ms, 2);
}

/* Access to the broker for as long as the keys of `terms`, and a little longer. Those of an ME have
 * no end: it comes for its access as others come for their keys, or fetches alone. */
static enum status issue_access(const struct kms *kms, const struct enrolment_request *request,
                                const struct kms_terms *terms, struct access *access) {
    struct topic_key key;
    bool is_me = identity_is_me(request->identity);
    int64_t end_ms = is_me ? kms_me_access_ends_ms(terms->now_ms) : month_start(month_of(terms), 1);
    make_topic_key(kms, &key);
    const struct broker_terms until = {.now_ms = terms->now_ms,
                                       .until_ms = end_ms + ACCESS_GRACE_MS,
                                       .groups = terms->groups,
                                       .fetch_until_ms = is_me ? terms->now_ms + me_fetch_ms
                                                               : end_ms + ACCESS_FETCH_MS};
    return broker_issue(kms->broker, &key, request->identity, &until, access);
}

/* The bundle with what was issued, `access` too unless that is NULL, signed. */
static enum status write_bundle(const struct kms *kms, const struct enrolment_request *request,
                                uint64_t number, struct credential *credential,
                                const struct access *access, const struct entropy *entropy,
                                struct writer *bundle) {
    uint8_t hash[SEAL_HASH_SIZE];
    enum status status = access == NULL ? STATUS_OK : access_hash(access, hash);
    if (status == STATUS_OK) {
        status = enrolment_bundle_sign(credential, request, access == NULL ? NULL : hash, number,
                                       kms->provider, kms->statements, entropy);
    }
    /* A manager's programs fetch no renewals. Armour never fills the room that it may take. */
    if (status == STATUS_OK && access != NULL && access->fetch_until_ms != 0) {
        access_write_mailbox(access, bundle);
    }
    if (status == STATUS_OK) {
        status = enrolment_bundle_seal(credential, request->device_key, bundle);
    }
    return status == STATUS_OK && access != NULL ? access_seal(access, request->device_key, bundle)
                                                 : status;
}

/* The bundle of one whose keys are made. */
static enum status finish(const struct kms *kms, const struct kms_issue *issue,
                          const struct entropy *entropy, struct credential *credential) {
    struct access *access = NULL;
    enum status status = attest(kms, issue->terms, entropy, credential);
    if (status == STATUS_OK && credential->manager.term != 0) {
        status = manager_certificate_sign(&credential->manager, kms->uri, credential->identity,
                                          kms->provider, kms->statements, entropy);
    }
    if (status == STATUS_OK && kms->broker != NULL) {
        access = access_new();
        status = access == NULL ? STATUS_NO_MEMORY
                                : issue_access(kms, issue->request, issue->terms, access);
    }
    if (status == STATUS_OK) {
        status = write_bundle(kms, issue->request, kms_number(issue->terms), credential, access,
                              entropy, issue->bundle);
    }
    access_free(access);
    return status;
}

static enum status describe_each(const struct kms *kms, const struct kms_issue issues[],
                                 size_t count, struct credential *const credentials[],
                                 size_t *which) {
    for (*which = 0; *which < count; ++*which) {
        const struct kms_issue *issue = &issues[*which];
        enum status status = describe(kms, issue->request, issue->terms, credentials[*which]);
        if (status == STATUS_OK && kms_term(issue->request, issue->terms) != 0) {
            status = describe_manager(issue, credentials[*which]);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status finish_each(const struct kms *kms, const struct kms_issue issues[], size_t count,
                               const struct entropy *entropy, struct credential *credentials[],
                               size_t *which) {
    for (*which = 0; *which < count; ++*which) {
        enum status status = finish(kms, &issues[*which], entropy, credentials[*which]);
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status issue_in(const struct kms *kms, const struct kms_issue issues[], size_t count,
                            struct credential room[], const struct entropy *entropy,
                            struct error *error) {
    struct credential *credentials[KMS_ISSUE_MAX];
    size_t which; /* the one that a failure is of */
    for (size_t i = 0; i < count; i++) {
        credentials[i] = &room[i];
    }
    enum status status = describe_each(kms, issues, count, credentials, &which);
    if (status == STATUS_OK) {
        status = issuing_make_keys(kms, credentials, count, entropy, &which);
    }
    if (status == STATUS_OK) {
        status = finish_each(kms, issues, count, entropy, credentials, &which);
    }
    return status == STATUS_OK ? STATUS_OK
                               : error_set(error, status, "%.100s: no keys could be issued: %s",
                                           issues[which].request->identity, status_text(status));
}

enum status kms_issue_each(const struct kms *kms, const struct kms_issue issues[], size_t count,
                           const struct entropy *entropy, struct error *error) {
    for (size_t i = 0; i < count; i++) {
        const struct kms_terms *terms = issues[i].terms;
        enum status stated = statements_check(kms, terms->now_ms, month_of(terms), error);
        if (stated != STATUS_OK) {
            return stated;
        }
    }
    struct credential *room = secret_object_new(count * sizeof *room);
    enum status status = room == NULL ? kms_failure(kms, STATUS_NO_MEMORY, error)
                                      : issue_in(kms, issues, count, room, entropy, error);
    secret_object_free(room);
    return status;
}

enum status kms_issue(const struct kms *kms, const struct enrolment_request *request,
                      const struct kms_terms *terms, const struct entropy *entropy,
                      struct writer *bundle, struct error *error) {
    const struct kms_issue issue = {request, terms, bundle};
    return kms_issue_each(kms, &issue, 1, entropy, error);
}

void kms_fill_entry(struct register_entry *entry, const struct enrolment_request *request,
                    const struct kms_terms *terms) {
    int64_t until_ms = identity_is_me(request->identity) ? 0 : month_start(month_of(terms), 1);
    bool is_same_device = memcmp(entry->device_key, request->device_key, DEVICE_KEY_SIZE) == 0;
    if (is_same_device && entry->until_ms > until_ms) {
        until_ms = entry->until_ms; /* it has a later month's keys already */
    }
    *entry = (struct register_entry){.enrolled_ms = terms->now_ms,
                                     .until_ms = until_ms,
                                     .number = kms_number(terms),
                                     .term = kms_term(request, terms),
                                     .max_key_period_ms = terms->max_key_period_ms};
    if (terms->groups != NULL) {
        entry->groups = *terms->groups;
    }
    memcpy(entry->identity, request->identity, sizeof entry->identity);
    memcpy(entry->display_name, request->display_name, sizeof entry->display_name);
    memcpy(entry->device_key, request->device_key, sizeof entry->device_key);
}

void kms_fill_record(struct audit_record *record, enum audit_action action,
                     const struct enrolment_request *request, const struct kms_terms *terms) {
    char fingerprint[FINGERPRINT_SIZE], month[MONTH_TEXT_SIZE] = "the ME", term[48] = "";
    uint64_t number = kms_term(request, terms);
    device_key_fingerprint(request->device_key, fingerprint);
    if (!identity_is_me(request->identity)) {
        month_print(month_of(terms), month);
    }
    if (number != 0) {
        snprintf(term, sizeof term, ", for a group in term %" PRIu64, number);
    }
    *record = (struct audit_record){.utc_ms = terms->now_ms, .action = action};
    memcpy(record->identity, request->identity, sizeof record->identity);
    snprintf(record->detail, sizeof record->detail, "keys of %s for device key %s%s", month,
             fingerprint, term);
}

static enum status keep_enrolment(struct kms *kms, const struct enrolment_request *request,
                                  const struct kms_terms *terms, struct register_entry *entry,
                                  struct error *error) {
    struct audit_record record;
    kms_fill_entry(entry, request, terms);
    kms_fill_record(&record, AUDIT_ENROL, request, terms);
    struct batch *batch = batch_new();
    enum status status = batch != NULL ? register_put(entry, batch) : STATUS_NO_MEMORY;
    if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    }
    if (status == STATUS_OK) {
        status = audit_append(kms, &record, 1, batch, error);
    }
    if (status == STATUS_OK) {
        status = store_apply(kms->store, batch, error);
    }
    batch_free(batch);
    return status;
}

/* Keys are issued for this month and, in advance, for the next. */
static enum status check_month(const struct enrolment_request *request,
                               const struct kms_terms *terms, struct error *error) {
    if (terms->month_ms == 0) {
        return STATUS_OK;
    }
    if (identity_is_me(request->identity)) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: an ME's keys are fixed and have no month", request->identity);
    }
    char month[MONTH_TEXT_SIZE], this_month[MONTH_TEXT_SIZE], next_month[MONTH_TEXT_SIZE];
    month_print(terms->month_ms, month);
    month_print(terms->now_ms, this_month);
    month_print(month_start(terms->now_ms, 1), next_month);
    if (strcmp(month, this_month) == 0 || strcmp(month, next_month) == 0) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.100s: keys are issued for %s and, in advance, for %s, not for %s",
                     request->identity, this_month, next_month, month);
}

/* Whom the register has under a name that people may take for the one asked for. */
struct comparison {
    const struct alike *alike;
    const struct enrolment_request *request;
    struct look look;
    struct register_entry found; /* its identity is empty while there is none */
};

/* Names of the revoked are free: somebody has their task now. */
static void compare_name(void *context, const struct register_entry *entry) {
    struct comparison *comparison = context;
    const struct enrolment_request *request = comparison->request;
    if (comparison->found.identity[0] == '\0' && entry->revoked_ms == 0 &&
        strcmp(entry->identity, request->identity) != 0 &&
        (looks_alike(comparison->look, alike_look(comparison->alike, entry->display_name)) ||
         alike_name_says(request->display_name, entry->identity))) {
        comparison->found = *entry;
    }
}

/* What the KMS attests must not pass for what it has attested to another. */
static enum status check_name(struct kms *kms, const struct enrolment_request *request,
                              struct error *error) {
    struct comparison comparison = {.request = request};
    struct alike *alike;
    enum status status = alike_new(&alike);
    if (status != STATUS_OK) {
        return kms_failure(kms, status, error);
    }
    comparison.alike = alike;
    comparison.look = alike_look(alike, request->display_name);
    status = register_list(kms, compare_name, &comparison, error);
    alike_free(alike);
    if (status != STATUS_OK || comparison.found.identity[0] == '\0') {
        return status;
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.100s: its name “%s” looks like that of %.100s, “%s”, or like its number; "
                     "have another one asked for, or add --alike to attest it all the same",
                     request->identity, request->display_name, comparison.found.identity,
                     comparison.found.display_name);
}

enum status kms_check_terms(const struct kms *kms, const struct enrolment_request *request,
                            const struct kms_terms *terms, struct error *error) {
    if (strcmp(request->identity, kms->uri) == 0 ||
        (terms->groups != NULL && group_list_has(terms->groups, kms->uri))) {
        return error_set(
            error, STATUS_NOT_ALLOWED,
            "%.100s: the domain's own name cannot be the identity of a handset or a group",
            kms->uri);
    }
    if (terms->max_key_period_ms <= 0) {
        return error_set(error, STATUS_MALFORMED,
                         "%.100s: the maximum key period must be longer than 0", request->identity);
    }
    if (revocation_names(&kms->carried, request->identity)) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: revoked, by a list from after the state that this domain was "
                         "restored from; it gets no new keys",
                         request->identity);
    }
    return check_month(request, terms, error);
}

enum status kms_refuse_other_device(const struct enrolment_request *request,
                                    const uint8_t device_key[DEVICE_KEY_SIZE],
                                    struct error *error) {
    char fingerprint[FINGERPRINT_SIZE];
    device_key_fingerprint(device_key, fingerprint);
    return error_set(
        error, STATUS_ALREADY_DONE,
        "%.100s: already enrolled, for device key %s; to enrol it for this one, add --replace",
        request->identity, fingerprint);
}

/* May this identity be enrolled for this device key? Its entry so far goes to *held. */
static enum status check_request(struct kms *kms, const struct enrolment_request *request,
                                 const struct kms_terms *terms, struct register_entry *held,
                                 struct error *error) {
    *held = (struct register_entry){0};
    enum status status = kms_check_terms(kms, request, terms, error);
    if (status != STATUS_OK || kms->store == NULL) {
        return status;
    }
    if (terms->refuse_alike) {
        status = check_name(kms, request, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = register_find(kms, request->identity, held, error);
    if (status == STATUS_NOT_FOUND) {
        return STATUS_OK;
    }
    if (status == STATUS_OK) {
        status = register_check_revoked(held, error);
    }
    if (status != STATUS_OK || terms->replace ||
        memcmp(held->device_key, request->device_key, DEVICE_KEY_SIZE) == 0) {
        return status;
    }
    return kms_refuse_other_device(request, held->device_key, error);
}

enum status kms_enroll(struct kms *kms, const struct enrolment_request *request,
                       const struct kms_terms *terms, const struct entropy *entropy,
                       struct writer *bundle, struct error *error) {
    struct register_entry entry;
    enum status status = kms_check_settled(kms, error);
    if (status == STATUS_OK) {
        status = check_request(kms, request, terms, &entry, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct kms_terms numbered = *terms;
    struct writer before = *bundle;
    numbered.after = entry.number;
    numbered.term = kms_held_term(&entry, request);
    status = kms_issue(kms, request, &numbered, entropy, bundle, error);
    if (status == STATUS_OK) {
        status = revoked_list_append(kms, terms->now_ms, entropy, bundle, error);
    }
    if (status == STATUS_OK && kms->store != NULL) {
        status = keep_enrolment(kms, request, &numbered, &entry, error);
    }
    if (status != STATUS_OK) {
        *bundle = before;
    }
    return status;
}

/* The handset's side of an enrolment in one place: the request through its text, and back. */
static enum status exchange(struct kms *kms, struct enrolment_request *request,
                            const struct device_key *key, const struct kms_terms *terms,
                            const struct entropy *entropy, struct credential **credential,
                            struct error *error) {
    uint8_t asked[ENROLMENT_TEXT_MAX], given[ENROLMENT_TEXT_MAX];
    struct writer question = writer_into(asked, sizeof asked);
    struct writer answer = writer_into(given, sizeof given);
    memcpy(request->device_key, key->public_key, DEVICE_KEY_SIZE);
    enum status status = enrolment_request_write(request, &question);
    if (status != STATUS_OK) {
        return error_set(error, status, "%.100s: %s", request->identity, status_text(status));
    }
    status = enrolment_request_read("request", writer_span(&question), request, error);
    if (status == STATUS_OK) {
        status = kms_enroll(kms, request, terms, entropy, &answer, error);
    }
    if (status == STATUS_OK) {
        status = enrolment_bundle_open("bundle", writer_span(&answer), key, kms->provider,
                                       credential, error);
    }
    return status;
}

enum status kms_enroll_in_memory(struct kms *kms, const char *identity, const char *display_name,
                                 const struct kms_terms *terms, const struct entropy *entropy,
                                 struct batch *batch, struct error *error) {
    struct enrolment_request request = {0};
    if (strlen(identity) > IDENTITY_MAX) {
        return error_set(error, STATUS_TOO_LONG, "%.100s: identity too long", identity);
    }
    enum status status = display_name_make(display_name, request.display_name);
    if (status != STATUS_OK) {
        return error_set(error, status, "%.100s: " DISPLAY_NAME_RULE, identity);
    }
    memcpy(request.identity, identity, strlen(identity));
    struct device_key *key = NULL;
    struct credential *credential = NULL;
    status = device_key_new(entropy, &key);
    if (status != STATUS_OK) {
        return error_set(error, status, "%.100s: %s", identity, status_text(status));
    }
    status = exchange(kms, &request, key, terms, entropy, &credential, error);
    if (status == STATUS_OK) {
        status = device_key_put(key, batch);
        if (status == STATUS_OK) {
            status = enrolment_install(credential, RECORD_CREDENTIAL, batch);
        }
        if (status != STATUS_OK) {
            error_set(error, status, "%.100s: %s", identity, status_text(status));
        }
    }
    credential_free(credential);
    device_key_free(key);
    return status;
}

/* --- The broker ----------------------------------------------------------------------------- */

/* Addresses as handsets take them: tls://host:port, separated by commas. */
static bool are_servers(const char *servers) {
    static const char scheme[] = "tls://";
    if (!display_text_is_valid(servers, ACCESS_SERVERS_MAX) || strchr(servers, ' ') != NULL) {
        return false;
    }
    for (const char *server = servers; server != NULL;) {
        const char *end = strchr(server, ',');
        size_t length = end == NULL ? strlen(server) : (size_t)(end - server);
        if (length <= sizeof scheme || strncmp(server, scheme, sizeof scheme - 1) != 0) {
            return false;
        }
        server = end == NULL ? NULL : end + 1;
    }
    return true;
}

static enum status fill_broker(const struct kms *kms, const char *servers, struct span ca,
                               bool replace, const struct entropy *entropy, struct broker *broker) {
    enum status status = STATUS_OK;
    strcpy(broker->servers, servers);
    if (ca.octets == NULL) {
        strcpy(broker->ca, kms->broker->ca);
    } else {
        status = broker_set_ca(broker, ca);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (kms->broker == NULL || replace) {
        return entropy_draw(entropy, broker->secret, sizeof broker->secret);
    }
    memcpy(broker->secret, kms->broker->secret, sizeof broker->secret);
    return STATUS_OK;
}

static enum status keep_broker(struct kms *kms, const struct broker *broker, bool replace,
                               int64_t now_ms, struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = AUDIT_BROKER};
    struct secret *value = secret_new(BROKER_OCTETS_MAX);
    struct batch *batch = batch_new();
    enum status status = value == NULL || batch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    memcpy(record.identity, kms->uri, sizeof record.identity);
    snprintf(record.detail, sizeof record.detail, "%s at %.200s",
             kms->broker == NULL || replace ? "new keys" : "the same keys", broker->servers);
    if (status == STATUS_OK) {
        struct writer w = writer_into(value->octets, value->length);
        status = broker_write(broker, &w);
        if (status == STATUS_OK) {
            status = batch_put(batch, RECORD_KMS_BROKER, span_of_text(BROKER_RECORD_KEY),
                               writer_span(&w));
        }
    }
    if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    }
    if (status == STATUS_OK) {
        status = audit_append(kms, &record, 1, batch, error);
    }
    if (status == STATUS_OK) {
        status = store_apply(kms->store, batch, error);
    }
    secret_free(value);
    batch_free(batch);
    return status;
}

enum status kms_set_broker(struct kms *kms, const char *servers, struct span ca, bool replace,
                           int64_t now_ms, const struct entropy *entropy,
                           struct writer *configuration, struct error *error) {
    if (kms->broker == NULL && (servers == NULL || ca.octets == NULL)) {
        return error_set(error, STATUS_NOT_FOUND,
                         "domain %.100s: it has no broker yet; say where it is with --servers, and "
                         "with --ca whose CA signs its certificate",
                         kms->uri);
    }
    if (servers == NULL) {
        servers = kms->broker->servers;
    }
    if (strlen(servers) > ACCESS_SERVERS_MAX || !are_servers(servers)) {
        return error_set(
            error, STATUS_MALFORMED,
            "%.100s: not the address of a broker, such as tls://broker.county.example:4222; "
            "separate several with commas, %d characters at most",
            servers, ACCESS_SERVERS_MAX);
    }
    struct broker *broker = broker_new();
    if (broker == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    enum status status = fill_broker(kms, servers, ca, replace, entropy, broker);
    if (status == STATUS_MALFORMED || status == STATUS_TOO_LONG) {
        error_set(error, status,
                  "the CA's file must hold its certificate, as PEM text of at most %d octets",
                  ACCESS_CA_MAX);
    } else if (status != STATUS_OK) {
        kms_failure(kms, status, error);
    } else {
        status = shut_out_configure(kms, broker, now_ms, configuration, error);
    }
    if (status == STATUS_OK) {
        status = keep_broker(kms, broker, replace, now_ms, error);
    }
    if (status != STATUS_OK) {
        broker_free(broker);
        return status;
    }
    broker_free(kms->broker);
    kms->broker = broker;
    return STATUS_OK;
}

const char *kms_broker_servers(const struct kms *kms) {
    return kms->broker == NULL ? NULL : kms->broker->servers;
}

enum status kms_operator_access(const struct kms *kms, int64_t now_ms, struct writer *out,
                                struct error *error) {
    struct access *access = access_new();
    enum status status =
        access == NULL ? STATUS_NO_MEMORY : broker_issue_operator(kms->broker, now_ms, access);
    if (status == STATUS_OK) {
        status = access_write_open(access, out);
    }
    access_free(access);
    return status == STATUS_OK ? STATUS_OK : kms_failure(kms, status, error);
}
