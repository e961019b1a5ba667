/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/backup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/kms/domain.h"
#include "app/store/archive.h"

#define BACKUP_KEY "last"

enum {
    FORMAT_VERSION = 1
};

/* --- The last one: writer above reader ------------------------------------------------------ */

static enum status put_last(const struct backup *last, struct batch *batch) {
    uint8_t octets[1 + 8 + 8 + AUDIT_HASH_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_u64(&w, last->number);
    write_u64(&w, (uint64_t)last->utc_ms);
    write_span(&w, SPAN_OF(last->hash));
    return batch_put(batch, RECORD_KMS_BACKUP, span_of_text(BACKUP_KEY), writer_span(&w));
}

static enum status take_last(void *context, enum record_kind kind, struct span key,
                             struct span value) {
    struct backup *last = context;
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    last->number = read_u64(&r);
    last->utc_ms = (int64_t)read_u64(&r);
    read_octets(&r, last->hash, sizeof last->hash);
    return reader_finish(&r);
}

enum status kms_last_backup(struct kms *kms, struct backup *last, struct error *error) {
    bool found;
    *last = (struct backup){0};
    return store_find(kms->store, RECORD_KMS_BACKUP, span_of_text(BACKUP_KEY), take_last, last,
                      &found, error);
}

static enum status keep_last(struct kms *kms, const struct backup *last, struct error *error) {
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_last(last, batch);
    status = status == STATUS_OK ? store_apply(kms->store, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    return status;
}

/* --- A backup ------------------------------------------------------------------------------- */

static enum status say(struct kms *kms, struct audit_record *record, struct error *error) {
    char value[AUDIT_CHECK_VALUE_SIZE];
    struct backup before;
    enum status status = kms_last_backup(kms, &before, error);
    if (status != STATUS_OK) {
        return status;
    }
    memcpy(record->identity, kms->uri, sizeof record->identity);
    audit_check_value(before.hash, value);
    if (before.number == 0) {
        snprintf(record->detail, sizeof record->detail, "the first one");
    } else {
        snprintf(record->detail, sizeof record->detail,
                 "the one before is record %" PRIu64 ", check value %s", before.number, value);
    }
    struct batch *batch = batch_new();
    status = batch == NULL ? kms_failure(kms, STATUS_NO_MEMORY, error)
                           : audit_apply(kms, record, batch, error);
    batch_free(batch);
    return status;
}

enum status kms_backup(struct kms *kms, const char *path, struct span passphrase,
                       enum store_strength strength, int64_t now_ms, const struct entropy *entropy,
                       struct backup *made, struct error *error) {
    struct audit_record record = {.utc_ms = now_ms, .action = AUDIT_BACKUP};
    *made = (struct backup){0};
    enum status status = say(kms, &record, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = archive_write(kms->store, path, passphrase, strength, entropy, error);
    if (status != STATUS_OK) {
        error_add(error, "; no backup was made (audit record %" PRIu64 ")", record.number);
        return status;
    }
    made->number = record.number;
    made->utc_ms = record.utc_ms;
    memcpy(made->hash, record.hash, sizeof made->hash);
    return keep_last(kms, made, error);
}
