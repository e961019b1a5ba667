/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/audit.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/kms/domain.h"

#define END_KEY "end"

enum {
    FORMAT_VERSION = 1,
    NUMBER_SIZE = 8,
    RECORD_SIZE_MAX = 1 + 8 + 8 + 1 + 1 + IDENTITY_MAX + 1 + AUDIT_DETAIL_MAX,
};

_Static_assert(LOG_HEAD_HASH_SIZE / 2 * 5 == AUDIT_CHECK_VALUE_SIZE, "one form for both");

const char *audit_action_name(enum audit_action action) {
    switch (action) {
    case AUDIT_ENROL:
        return "enrol";
    case AUDIT_RENEW:
        return "renew";
    case AUDIT_REVOKE:
        return "revoke";
    case AUDIT_RECOVER:
        return "recover";
    case AUDIT_BROKER:
        return "broker";
    case AUDIT_ROOT:
        return "root";
    case AUDIT_CERTIFICATE:
        return "certify";
    case AUDIT_LIMITS:
        return "limits";
    case AUDIT_BACKUP:
        return "backup";
    case AUDIT_RESTORE:
        return "restore";
    case AUDIT_SETTLE:
        return "settle";
    case AUDIT_READMIT:
        return "readmit";
    case AUDIT_HALF:
        return "half";
    }
    return "unknown";
}

/* What the hash covers, beside the hash before it. */
static enum status write_covered(const struct audit_record *record, struct writer *out) {
    write_u8(out, FORMAT_VERSION);
    write_u64(out, record->number);
    write_u64(out, (uint64_t)record->utc_ms);
    write_u8(out, (uint8_t)record->action);
    write_text_u8(out, record->identity);
    write_text_u8(out, record->detail);
    return writer_finish(out);
}

static enum status read_record(struct span octets, struct audit_record *record) {
    struct reader r = reader_of(octets);
    uint8_t version = read_u8(&r);
    if (version > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    record->number = read_u64(&r);
    record->utc_ms = (int64_t)read_u64(&r);
    record->action = (enum audit_action)read_u8(&r);
    read_text_u8(&r, record->identity, sizeof record->identity);
    read_text_u8(&r, record->detail, sizeof record->detail);
    read_octets(&r, record->hash, sizeof record->hash);
    enum status status = reader_finish(&r);
    return status == STATUS_OK && version != FORMAT_VERSION ? STATUS_MALFORMED : status;
}

/* The record's hash: over the one before it and itself. */
static enum status hash_after(const uint8_t before[AUDIT_HASH_SIZE],
                              const struct audit_record *record, uint8_t hash[AUDIT_HASH_SIZE]) {
    uint8_t octets[AUDIT_HASH_SIZE + RECORD_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    write_span(&w, (struct span){before, AUDIT_HASH_SIZE});
    enum status status = write_covered(record, &w);
    if (status == STATUS_OK) {
        crypto_hash_sha256(hash, w.octets, w.length);
    }
    return status;
}

/* --- Appending ------------------------------------------------------------------------------ */

static enum status take_end(void *context, enum record_kind kind, struct span key,
                            struct span value) {
    struct audit_head *end = context;
    (void)kind;
    (void)key;
    struct reader r = reader_of(value);
    end->number = read_u64(&r);
    read_octets(&r, end->hash, sizeof end->hash);
    return reader_finish(&r);
}

static enum status read_end(struct kms *kms, struct audit_head *end, struct error *error) {
    bool found;
    *end = (struct audit_head){0};
    return store_find(kms->store, RECORD_KMS_AUDIT_END, span_of_text(END_KEY), take_end, end,
                      &found, error);
}

static enum status put_end(const struct audit_head *end, struct batch *batch) {
    uint8_t octets[8 + AUDIT_HASH_SIZE];
    struct writer w = writer_into(octets, sizeof octets);
    write_u64(&w, end->number);
    write_span(&w, SPAN_OF(end->hash));
    return batch_put(batch, RECORD_KMS_AUDIT_END, span_of_text(END_KEY), writer_span(&w));
}

/* Numbers big-endian, so that the store's order is the log's. */
static enum status put_record(const struct audit_record *record, struct batch *batch) {
    uint8_t number[NUMBER_SIZE], octets[RECORD_SIZE_MAX + AUDIT_HASH_SIZE];
    struct writer key = writer_into(number, sizeof number);
    struct writer value = writer_into(octets, sizeof octets);
    write_u64(&key, record->number);
    enum status status = write_covered(record, &value);
    if (status != STATUS_OK) {
        return status;
    }
    write_span(&value, SPAN_OF(record->hash));
    return batch_put(batch, RECORD_KMS_AUDIT, writer_span(&key), writer_span(&value));
}

static enum status append_one(struct audit_head *end, struct audit_record *record,
                              struct batch *batch) {
    record->number = end->number + 1;
    enum status status = hash_after(end->hash, record, record->hash);
    if (status == STATUS_OK) {
        status = put_record(record, batch);
    }
    if (status == STATUS_OK) {
        end->number = record->number;
        memcpy(end->hash, record->hash, sizeof end->hash);
    }
    return status;
}

enum status audit_append_all(struct kms *kms, struct audit_record records[], size_t count,
                             struct batch *const batches[], struct error *error) {
    struct audit_head end;
    if (kms->store == NULL || count == 0) {
        return STATUS_OK;
    }
    enum status status = read_end(kms, &end, error);
    if (status != STATUS_OK) {
        return status;
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = append_one(&end, &records[i], batches[i / AUDIT_APPEND_MAX]);
    }
    if (status == STATUS_OK) {
        status = put_end(&end, batches[(count - 1) / AUDIT_APPEND_MAX]);
    }
    return status == STATUS_OK
               ? STATUS_OK
               : error_set(error, status, "domain %.100s: cannot write the audit log: %s", kms->uri,
                           status_text(status));
}

enum status audit_append(struct kms *kms, struct audit_record records[], size_t count,
                         struct batch *batch, struct error *error) {
    return audit_append_all(kms, records, count, &batch, error);
}

enum status audit_apply(struct kms *kms, struct audit_record *record, struct batch *batch,
                        struct error *error) {
    enum status status = audit_append(kms, record, 1, batch, error);
    return status == STATUS_OK && kms->store != NULL ? store_apply(kms->store, batch, error)
                                                     : status;
}

/* --- One record ----------------------------------------------------------------------------- */

static enum status take_record(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    (void)kind;
    (void)key;
    return read_record(value, context);
}

enum status audit_find(struct kms *kms, uint64_t number, struct audit_record *record, bool *found,
                       struct error *error) {
    uint8_t octets[NUMBER_SIZE];
    struct writer key = writer_into(octets, sizeof octets);
    *record = (struct audit_record){0};
    write_u64(&key, number);
    return store_find(kms->store, RECORD_KMS_AUDIT, writer_span(&key), take_record, record, found,
                      error);
}

enum status audit_last(struct kms *kms, struct audit_record *record, bool *found,
                       struct error *error) {
    struct audit_head end;
    *found = false;
    enum status status = read_end(kms, &end, error);
    return status == STATUS_OK ? audit_find(kms, end.number, record, found, error) : status;
}

void audit_check_value(const uint8_t hash[AUDIT_HASH_SIZE], char out[AUDIT_CHECK_VALUE_SIZE]) {
    static const char number[] = "1: ";
    char text[LOG_HEAD_TEXT_SIZE];
    struct log_head log = {.number = 1};
    memcpy(log.hash, hash, sizeof log.hash);
    log_head_print(&log, text);
    memcpy(out, text + strlen(number), AUDIT_CHECK_VALUE_SIZE); /* with its end */
}

enum status audit_head(struct kms *kms, struct audit_head *head, struct error *error) {
    *head = (struct audit_head){0};
    return kms->store == NULL ? STATUS_OK : read_end(kms, head, error);
}

struct log_head audit_head_short(const struct audit_head *head) {
    struct log_head log = {.number = head->number};
    memcpy(log.hash, head->hash, sizeof log.hash);
    return log;
}

enum status audit_mark_read(const char *text, struct audit_mark *mark) {
    char *end;
    *mark = (struct audit_mark){0};
    if (*text < '1' || *text > '9') {
        return STATUS_MALFORMED;
    }
    errno = 0;
    mark->number = strtoull(text, &end, 10);
    if (errno != 0 || *end != ':') {
        return STATUS_MALFORMED;
    }
    const char *digits = end + 1, *last;
    bool is_hex = sodium_hex2bin(mark->hash, sizeof mark->hash, digits, strlen(digits), " ",
                                 &mark->length, &last) == 0;
    return is_hex && *last == '\0' && mark->length >= LOG_HEAD_HASH_SIZE ? STATUS_OK
                                                                         : STATUS_MALFORMED;
}

bool audit_mark_fits(const struct audit_mark *mark, const struct audit_record *record) {
    return record->number == mark->number && memcmp(record->hash, mark->hash, mark->length) == 0;
}

/* --- Checking ------------------------------------------------------------------------------- */

struct check {
    audit_record_fn *on_record;
    void *context;
    struct audit_head so_far;
    bool broken;
};

static enum status check_record(void *context, enum record_kind kind, struct span key,
                                struct span value) {
    struct check *check = context;
    struct audit_record record = {0};
    uint8_t expected[AUDIT_HASH_SIZE];
    (void)key;
    if (kind != RECORD_KMS_AUDIT || check->broken) {
        return STATUS_OK;
    }
    enum status status = read_record(value, &record);
    if (status == STATUS_OK) {
        status = hash_after(check->so_far.hash, &record, expected);
    }
    if (status == STATUS_NEWER_VERSION) {
        return status;
    }
    check->broken = status != STATUS_OK || memcmp(expected, record.hash, sizeof expected) != 0;
    if (check->broken) {
        return STATUS_OK;
    }
    check->so_far.number++;
    memcpy(check->so_far.hash, record.hash, sizeof record.hash);
    check->on_record(check->context, &record);
    return STATUS_OK;
}

enum status audit_check(struct kms *kms, audit_record_fn *on_record, void *context,
                        struct error *error) {
    struct check check = {.on_record = on_record, .context = context};
    struct audit_head end;
    if (kms->store == NULL) {
        return STATUS_OK;
    }
    enum status status = read_end(kms, &end, error);
    if (status == STATUS_OK) {
        status = store_load(kms->store, check_record, &check, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool whole = !check.broken && check.so_far.number == end.number &&
                 memcmp(check.so_far.hash, end.hash, sizeof end.hash) == 0;
    return whole ? STATUS_OK
                 : error_set(error, STATUS_SEAL_BROKEN,
                             "domain %.100s: the audit log is broken at record %llu: somebody "
                             "changed, removed or added it",
                             kms->uri, (unsigned long long)check.so_far.number + 1);
}
