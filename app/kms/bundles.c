/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a domain's bundles say, and making them (domain.h). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/domain.h"
#include "app/kms/issuing.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"
#include "app/kms/statements.h"
#include "crypto/secret.h"

enum {
    ACCESS_GRACE_MS = 2 * 24 * 3600 * 1000 /* access outlasts the keys: clocks differ */
};

static const int64_t me_fetch_ms = INT64_C(366) * 24 * 3600 * 1000; /* an ME's keys have no end */

/* For how long who did not come for its renewal still fetches what the broker keeps. Who is revoked
 * is shut out for longer than that. */
#define ACCESS_FETCH_MS (30 * INT64_C(24) * 3600 * 1000)
_Static_assert(ACCESS_FETCH_MS < REVOKED_LIST_KEEP_MS, "no access outlives a revocation");

static void make_topic_key(const struct kms *kms, struct topic_key *key) {
    struct credential domain = {0};
    kms_describe_domain(kms, &domain);
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
    kms_describe_domain(kms, credential);
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
    /* Armour never fills the room that it may take. */
    if (status == STATUS_OK && access != NULL) {
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
