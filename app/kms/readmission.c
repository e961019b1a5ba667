/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/readmission.h"

#include <stdio.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/revoked_list.h"

/* A register that was restored does not know of the last renewals, but keys are made for the next
 * month at most. */
int64_t readmission_from_ms(const struct register_entry *entry) {
    int64_t latest_ms = month_start(entry->revoked_ms, 2);
    if (entry->until_ms == 0) {
        return 0;
    }
    return (entry->until_ms > latest_ms ? entry->until_ms : latest_ms) + REVOKED_LIST_KEEP_MS;
}

static enum status check_keys(const struct register_entry *entry, int64_t now_ms,
                              struct error *error) {
    char day[DAY_TEXT_SIZE];
    int64_t from_ms = readmission_from_ms(entry);
    if (from_ms == 0) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: an ME's keys are fixed and never end, so it stays revoked",
                         entry->identity);
    }
    if (now_ms >= from_ms) {
        return STATUS_OK;
    }
    day_print(from_ms + INT64_C(24) * 3600 * 1000 - 1, day);
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.100s: the keys of its revoked handset may still be taken somewhere; it can "
                     "be readmitted from %s on",
                     entry->identity, day);
}

static enum status check(const struct kms *kms, const struct register_entry *entry, int64_t now_ms,
                         struct error *error) {
    if (revocation_names(&kms->carried, entry->identity)) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.100s: revoked, by a list from after the state that this domain was "
                         "restored from; nobody knows here when its keys end",
                         entry->identity);
    }
    if (entry->revoked_ms == 0) {
        return error_set(error, STATUS_ALREADY_DONE, "%.100s: it is not revoked", entry->identity);
    }
    enum status status = check_keys(entry, now_ms, error);
    if (status == STATUS_OK && entry->number >= kms_number_after(0, now_ms)) {
        status = error_set(error, STATUS_NOT_ALLOWED,
                           "%.100s: its last bundle's number is ahead of this machine's clock, and "
                           "handsets would take the next one for old; set the clock",
                           entry->identity);
    }
    return status;
}

static enum status keep(struct kms *kms, const char *identity, const char *reason, int64_t now_ms,
                        struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = AUDIT_READMIT};
    snprintf(record.identity, sizeof record.identity, "%s", identity);
    snprintf(record.detail, sizeof record.detail, "%s", reason);
    struct batch *batch = batch_new();
    enum status status = batch != NULL
                             ? batch_delete(batch, RECORD_KMS_ENROLMENT, span_of_text(identity))
                             : STATUS_NO_MEMORY;
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

enum status register_readmit(struct kms *kms, const char *identity, const char *reason,
                             int64_t now_ms, struct error *error) {
    struct register_entry entry;
    enum status status = register_check_reason(reason, error);
    if (status == STATUS_OK) {
        status = kms_check_settled(kms, error);
    }
    if (status == STATUS_OK) {
        status = register_find(kms, identity, &entry, error);
    }
    if (status == STATUS_OK) {
        status = check(kms, &entry, now_ms, error);
    }
    return status == STATUS_OK ? keep(kms, identity, reason, now_ms, error) : status;
}
