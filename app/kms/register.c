/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/register.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "app/kms/audit.h"
#include "app/kms/domain.h"

enum {
    FORMAT_VERSION = 5,
    VERSION_WITH_GROUPS = 2,
    VERSION_WITH_REVOCATION = 3,
    VERSION_WITH_NUMBER = 4,
    VERSION_WITH_TERM = 5,
    ENTRY_SIZE_MAX = 4 + IDENTITY_MAX + DISPLAY_NAME_MAX + DEVICE_KEY_SIZE + 6 * 8 +
                     GROUP_LIST_SIZE_MAX + REGISTER_REASON_MAX,
};

static enum status write_entry(const struct register_entry *entry, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_text_u8(out, entry->identity);
    write_text_u8(out, entry->display_name);
    write_span(out, SPAN_OF(entry->device_key));
    write_u64(out, (uint64_t)entry->enrolled_ms);
    write_u64(out, (uint64_t)entry->until_ms);
    write_u64(out, (uint64_t)entry->max_key_period_ms);
    group_list_write(out, &entry->groups);
    write_u64(out, (uint64_t)entry->revoked_ms);
    write_text_u8(out, entry->reason);
    write_u64(out, entry->number);
    write_u64(out, entry->term);
    return writer_finish(out);
}

static enum status read_entry(struct span octets, struct register_entry *entry) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    read_text_u8(&r, entry->identity, sizeof entry->identity);
    read_text_u8(&r, entry->display_name, sizeof entry->display_name);
    read_octets(&r, entry->device_key, sizeof entry->device_key);
    entry->enrolled_ms = (int64_t)read_u64(&r);
    entry->until_ms = (int64_t)read_u64(&r);
    entry->max_key_period_ms = (int64_t)read_u64(&r);
    enum status status = STATUS_OK;
    if (version >= VERSION_WITH_GROUPS) {
        status = group_list_read(&r, &entry->groups);
    }
    if (status == STATUS_OK && version >= VERSION_WITH_REVOCATION) {
        entry->revoked_ms = (int64_t)read_u64(&r);
        read_text_u8(&r, entry->reason, sizeof entry->reason);
    }
    if (status == STATUS_OK && version >= VERSION_WITH_NUMBER) {
        entry->number = read_u64(&r);
    }
    if (status == STATUS_OK && version >= VERSION_WITH_TERM) {
        entry->term = read_u64(&r);
    }
    if (status == STATUS_OK) {
        status = reader_finish(&r);
    }
    return status == STATUS_OK && version == 0 ? STATUS_MALFORMED : status;
}

struct listing {
    register_entry_fn *on_entry;
    void *context;
};

static enum status list_record(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    const struct listing *listing = context;
    struct register_entry entry = {0};
    (void)key;
    if (kind != RECORD_KMS_ENROLMENT) {
        return STATUS_OK;
    }
    enum status status = read_entry(value, &entry);
    if (status == STATUS_OK) {
        listing->on_entry(listing->context, &entry);
    }
    return status;
}

enum status register_list(struct kms *kms, register_entry_fn *on_entry, void *context,
                          struct error *error) {
    struct listing listing = {on_entry, context};
    return kms->store == NULL ? STATUS_OK : store_load(kms->store, list_record, &listing, error);
}

static enum status take_entry(void *context, enum record_kind kind, struct span key,
                              struct span value) {
    (void)kind;
    (void)key;
    return read_entry(value, context);
}

enum status register_find(struct kms *kms, const char *identity, struct register_entry *entry,
                          struct error *error) {
    bool found = false;
    enum status status = STATUS_OK;
    *entry = (struct register_entry){0};
    if (kms->store != NULL && identity_check(identity) == STATUS_OK) {
        status = store_find(kms->store, RECORD_KMS_ENROLMENT, span_of_text(identity), take_entry,
                            entry, &found, error);
    }
    if (status == STATUS_OK && !found) {
        status = error_set(error, STATUS_NOT_FOUND, "%.100s: not enrolled in the domain %.100s",
                           identity, kms->uri);
    }
    return status;
}

enum status register_put(const struct register_entry *entry, struct batch *batch) {
    uint8_t octets[ENTRY_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    enum status status = write_entry(entry, &w);
    if (status == STATUS_OK) {
        status =
            batch_put(batch, RECORD_KMS_ENROLMENT, span_of_text(entry->identity), writer_span(&w));
    }
    return status;
}

enum status register_check_revoked(const struct register_entry *entry, struct error *error) {
    if (entry->revoked_ms == 0) {
        return STATUS_OK;
    }
    time_t seconds = (time_t)(entry->revoked_ms / 1000);
    struct tm date;
    char day[16] = "";
    if (gmtime_r(&seconds, &date) != NULL) {
        strftime(day, sizeof day, "%Y-%m-%d", &date);
    }
    return error_set(error, STATUS_NOT_ALLOWED,
                     "%.100s: revoked on %s%s%.120s; it gets no new keys", entry->identity, day,
                     entry->reason[0] == '\0' ? "" : ": ", entry->reason);
}

static enum status keep_revocation(struct kms *kms, const struct register_entry *entry,
                                   struct error *error) {
    struct audit_record record = {.utc_ms = entry->revoked_ms, .action = AUDIT_REVOKE};
    memcpy(record.identity, entry->identity, sizeof record.identity);
    snprintf(record.detail, sizeof record.detail, "%s", entry->reason);
    struct batch *batch = batch_new();
    enum status status = batch != NULL ? register_put(entry, batch) : STATUS_NO_MEMORY;
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

enum status register_check_reason(const char *reason, struct error *error) {
    return display_text_is_valid(reason, REGISTER_REASON_MAX)
               ? STATUS_OK
               : error_set(error, STATUS_MALFORMED,
                           "the reason: at most %d octets of plain letters, digits and symbols",
                           REGISTER_REASON_MAX);
}

enum status register_revoke(struct kms *kms, const char *identity, const char *reason,
                            int64_t now_ms, struct error *error) {
    struct register_entry entry;
    enum status status = register_check_reason(reason, error);
    if (status == STATUS_OK) {
        status = register_find(kms, identity, &entry, error);
    }
    if (status == STATUS_OK && register_check_revoked(&entry, error) != STATUS_OK) {
        return error->status = STATUS_ALREADY_DONE;
    }
    if (status != STATUS_OK) {
        return status;
    }
    entry.revoked_ms = now_ms;
    memcpy(entry.reason, reason, strlen(reason) + 1);
    return keep_revocation(kms, &entry, error);
}
