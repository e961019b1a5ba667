/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/continuity.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"

enum {
    BATCHES = REVOCATION_NAMES_MAX / AUDIT_APPEND_MAX + 2 /* the last one is for what is no entry */
};

/* What a list does to the register. */
struct joining {
    const struct revocation *list;
    struct revocation unknown; /* those of the list whom the register does not have */
    struct register_entry entries[REVOCATION_NAMES_MAX]; /* to be revoked */
    struct audit_record records[REVOCATION_NAMES_MAX + 1];
    size_t count;
    struct batch *batches[BATCHES];
};

static struct joining *joining_new(const struct revocation *list) {
    struct joining *joining = calloc(1, sizeof *joining);
    bool all = joining != NULL;
    for (size_t i = 0; all && i < BATCHES; i++) {
        joining->batches[i] = batch_new();
        all = joining->batches[i] != NULL;
    }
    if (all && list != NULL) {
        joining->list = list;
        joining->unknown = *list;
    }
    if (!all && joining != NULL) {
        for (size_t i = 0; i < BATCHES; i++) {
            batch_free(joining->batches[i]);
        }
        free(joining);
        joining = NULL;
    }
    return joining;
}

static void joining_free(struct joining *joining) {
    for (size_t i = 0; i < BATCHES; i++) {
        batch_free(joining->batches[i]);
    }
    free(joining);
}

static void join_entry(void *context, const struct register_entry *entry) {
    struct joining *joining = context;
    if (!revocation_names(joining->list, entry->identity)) {
        return;
    }
    revocation_remove(&joining->unknown, entry->identity);
    if (entry->revoked_ms == 0 && joining->count < REVOCATION_NAMES_MAX) {
        joining->entries[joining->count++] = *entry;
    }
}

/* --- Which list is taken -------------------------------------------------------------------- */

/* A clock that is behind would number what comes next below what was said before. */
static enum status check_clock(struct kms *kms, const struct revocation *list, int64_t now_ms,
                               struct error *error) {
    struct audit_record last;
    bool found;
    enum status status = audit_last(kms, &last, &found, error);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t known_ms = found ? last.utc_ms : 0;
    if (list != NULL && list->issued_ms > known_ms) {
        known_ms = list->issued_ms;
    }
    char today[DAY_TEXT_SIZE], day[DAY_TEXT_SIZE];
    day_print(now_ms, today);
    day_print(known_ms, day);
    return now_ms >= known_ms
               ? STATUS_OK
               : error_set(error, STATUS_NOT_ALLOWED,
                           "this machine's clock says %s, and what is known of the domain is of "
                           "%s: set the clock first",
                           today, day);
}

static enum status check_list(struct kms *kms, const struct revocation *list, struct error *error) {
    uint64_t last;
    if (strcmp(list->kms, kms->uri) != 0) {
        return error_set(error, STATUS_DOMAIN_UNKNOWN,
                         "this list of the revoked is of %.100s, not of %.100s", list->kms,
                         kms->uri);
    }
    enum status status = revocation_verify(list, kms->provider, kms->domain);
    if (status != STATUS_OK) {
        return error_set(error, status,
                         "this list of the revoked is not as the domain %.100s signed it: take it "
                         "anew",
                         kms->uri);
    }
    status = revoked_list_last(kms, &last, error);
    if (status == STATUS_OK && list->number < last) {
        status = error_set(error, STATUS_NOT_ALLOWED,
                           "this list of the revoked is older than one that this file itself knows "
                           "of (number %" PRIu64 "; the newest has %" PRIu64 " at least)",
                           list->number, last);
    }
    return status;
}

/* --- The change ----------------------------------------------------------------------------- */

static enum status put_entries(struct joining *joining, int64_t now_ms) {
    char day[DAY_TEXT_SIZE];
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < joining->count; i++) {
        struct register_entry *entry = &joining->entries[i];
        struct audit_record *record = &joining->records[i];
        day_print(joining->list->issued_ms, day);
        entry->revoked_ms = now_ms;
        snprintf(entry->reason, sizeof entry->reason, "on the list of %s", day);
        *record = (struct audit_record){.utc_ms = now_ms, .action = AUDIT_REVOKE};
        memcpy(record->identity, entry->identity, sizeof record->identity);
        snprintf(record->detail, sizeof record->detail, "%s", entry->reason);
        status = register_put(entry, joining->batches[i / AUDIT_APPEND_MAX]);
    }
    return status;
}

static void say(const struct kms *kms, struct joining *joining, int64_t now_ms) {
    struct audit_record *record = &joining->records[joining->count];
    *record = (struct audit_record){.utc_ms = now_ms, .action = AUDIT_SETTLE};
    memcpy(record->identity, kms->uri, sizeof record->identity);
    if (joining->list == NULL) {
        snprintf(record->detail, sizeof record->detail,
                 "the operator says that nobody was revoked since");
        return;
    }
    char day[DAY_TEXT_SIZE];
    day_print(joining->list->issued_ms, day);
    snprintf(record->detail, sizeof record->detail,
             "with the list of the revoked of %s, number %" PRIu64
             ": %zu revoked, %zu not enrolled "
             "here",
             day, joining->list->number, joining->count, joining->unknown.count);
}

static enum status keep(struct kms *kms, struct joining *joining, int64_t now_ms,
                        struct error *error) {
    struct batch *rest = joining->batches[BATCHES - 1];
    enum status status = put_entries(joining, now_ms);
    say(kms, joining, now_ms);
    if (status == STATUS_OK) {
        status = continuity_put_settled(joining->list == NULL ? NULL : &joining->unknown, rest);
    }
    if (status == STATUS_OK && joining->list != NULL) {
        status = revoked_list_put_last(joining->list->number, rest);
    }
    if (status != STATUS_OK) {
        return kms_failure(kms, status, error);
    }
    status = audit_append_all(kms, joining->records, joining->count + 1, joining->batches, error);
    return status == STATUS_OK
               ? store_apply_all(kms->store, (const struct batch *const *)joining->batches, BATCHES,
                                 error)
               : status;
}

static enum status join(struct kms *kms, struct joining *joining, int64_t now_ms,
                        struct settlement *settlement, struct error *error) {
    enum status status =
        joining->list == NULL ? STATUS_OK : register_list(kms, join_entry, joining, error);
    if (status == STATUS_OK) {
        status = keep(kms, joining, now_ms, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    kms->unsettled = (struct unsettled){0};
    if (joining->list != NULL) {
        kms->carried = joining->unknown;
        *settlement = (struct settlement){.named = joining->list->count,
                                          .revoked = joining->count,
                                          .unknown = joining->unknown.count};
    }
    return STATUS_OK;
}

enum status kms_settle(struct kms *kms, const struct revocation *list, int64_t now_ms,
                       struct settlement *settlement, struct error *error) {
    *settlement = (struct settlement){0};
    if (list == NULL && !kms->unsettled.is_set) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "domain %.100s: no older state was put back; there is nothing to settle",
                         kms->uri);
    }
    enum status status = check_clock(kms, list, now_ms, error);
    if (status == STATUS_OK && list != NULL) {
        status = check_list(kms, list, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct joining *joining = joining_new(list);
    if (joining == NULL) {
        return kms_failure(kms, STATUS_NO_MEMORY, error);
    }
    status = join(kms, joining, now_ms, settlement, error);
    joining_free(joining);
    return status;
}
