/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One enrolment (kms.h): who may be enrolled, and keeping it. */
#include <stdio.h>
#include <string.h>

#include "app/identity/alike.h"
#include "app/identity/month.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"

static enum status keep_enrolment(struct kms *kms, const struct enrolment_request *request,
                                  const struct kms_terms *terms, struct register_entry *entry,
                                  struct error *error) {
    struct audit_record record;
    kms_fill_entry(entry, request, terms);
    kms_fill_record(&record, AUDIT_ENROL, request, terms);
    struct batch *batch = batch_new();
    enum status status = batch != NULL ? register_put(entry, batch) : STATUS_NO_MEMORY;
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
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
