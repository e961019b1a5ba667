/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/continuity.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/identity/month.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"

#define RESTORED_KEY "restored"
#define CARRIED_KEY  "list"

enum {
    FORMAT_VERSION = 1,
    WITNESS_PATH_SIZE = PATH_MAX + sizeof "-witness",
    NUMBER_DIGITS = 20,
    WITNESS_SIZE = NUMBER_DIGITS + 1 + 2 * AUDIT_HASH_SIZE + 1
};

const struct unsettled *kms_unsettled(const struct kms *kms) {
    return &kms->unsettled;
}

enum status kms_check_settled(const struct kms *kms, struct error *error) {
    const struct unsettled *unsettled = &kms->unsettled;
    char noticed[DAY_TEXT_SIZE], state[DAY_TEXT_SIZE];
    if (!unsettled->is_set) {
        return STATUS_OK;
    }
    day_print(unsettled->noticed_ms, noticed);
    day_print(unsettled->state_ms, state);
    return error_set(error, STATUS_NOT_ALLOWED,
                     "domain %.60s: on %s its state of %s was put back; who was revoked since is "
                     "not in it. First give the newest list of the revoked (muster-kms settle "
                     "--revoked LIST), or say that nobody was (settle --none-revoked)",
                     kms->uri, noticed, state);
}

/* --- What is in the store: writer above reader ---------------------------------------------- */

static enum status put_unsettled(const struct unsettled *unsettled, struct batch *batch) {
    uint8_t octets[1 + 1 + 3 * 8];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, FORMAT_VERSION);
    write_u8(&w, unsettled->by_hand);
    write_u64(&w, (uint64_t)unsettled->noticed_ms);
    write_u64(&w, (uint64_t)unsettled->state_ms);
    write_u64(&w, unsettled->missing);
    return batch_put(batch, RECORD_KMS_RESTORED, span_of_text(RESTORED_KEY), writer_span(&w));
}

static enum status take_unsettled(void *context, enum record_kind kind, struct span key,
                                  struct span value) {
    struct unsettled *unsettled = context;
    struct reader r = reader_of(value);
    (void)kind;
    (void)key;
    if (read_u8(&r) > FORMAT_VERSION) {
        return STATUS_NEWER_VERSION;
    }
    unsettled->is_set = true;
    unsettled->by_hand = read_u8(&r) == 1;
    unsettled->noticed_ms = (int64_t)read_u64(&r);
    unsettled->state_ms = (int64_t)read_u64(&r);
    unsettled->missing = read_u64(&r);
    return reader_finish(&r);
}

/* Its signature is that of the list that it was taken from. */
static enum status put_carried(const struct revocation *carried, struct batch *batch) {
    uint8_t octets[REVOCATION_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    revocation_write(&w, carried);
    return batch_put(batch, RECORD_KMS_CARRIED, span_of_text(CARRIED_KEY), writer_span(&w));
}

static enum status take_carried(void *context, enum record_kind kind, struct span key,
                                struct span value) {
    (void)kind;
    (void)key;
    return revocation_read(value, context);
}

enum status continuity_put_settled(const struct revocation *carried, struct batch *batch) {
    enum status status = batch_delete(batch, RECORD_KMS_RESTORED, span_of_text(RESTORED_KEY));
    return status == STATUS_OK && carried != NULL ? put_carried(carried, batch) : status;
}

enum status continuity_load(struct kms *kms, struct error *error) {
    bool found;
    enum status status = store_find(kms->store, RECORD_KMS_RESTORED, span_of_text(RESTORED_KEY),
                                    take_unsettled, &kms->unsettled, &found, error);
    return status == STATUS_OK
               ? store_find(kms->store, RECORD_KMS_CARRIED, span_of_text(CARRIED_KEY), take_carried,
                            &kms->carried, &found, error)
               : status;
}

enum status continuity_unsettle(struct kms *kms, const struct unsettled *unsettled,
                                const char *detail, struct error *error) {
    struct audit_record record = {.utc_ms = unsettled->noticed_ms, .action = AUDIT_RESTORE};
    struct batch *batch = batch_new();
    enum status status = batch == NULL ? STATUS_NO_MEMORY : put_unsettled(unsettled, batch);
    memcpy(record.identity, kms->uri, sizeof record.identity);
    snprintf(record.detail, sizeof record.detail, "%s", detail);
    status = status == STATUS_OK ? audit_apply(kms, &record, batch, error)
                                 : kms_failure(kms, status, error);
    batch_free(batch);
    if (status == STATUS_OK) {
        kms->unsettled = *unsettled;
        kms->unsettled.is_set = true;
    }
    return status;
}

/* --- The witness ---------------------------------------------------------------------------- */

static void witness_path(const char *path, char out[WITNESS_PATH_SIZE]) {
    snprintf(out, WITNESS_PATH_SIZE, "%.*s-witness", PATH_MAX - 1, path);
}

void kms_forget_witness(const char *path) {
    char witness[WITNESS_PATH_SIZE];
    witness_path(path, witness);
    unlink(witness);
}

/* What it says; its number is 0 where it says nothing. */
static void read_witness(const char *path, struct audit_record *said) {
    char name[WITNESS_PATH_SIZE], line[WITNESS_SIZE + 1] = "";
    witness_path(path, name);
    int file = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    size_t length = 0;
    *said = (struct audit_record){0};
    if (file < 0) {
        return;
    }
    bool is_whole = read(file, line, WITNESS_SIZE) == (ssize_t)WITNESS_SIZE;
    close(file);
    is_whole = is_whole && strspn(line, "0123456789") == NUMBER_DIGITS &&
               sodium_hex2bin(said->hash, sizeof said->hash, line + NUMBER_DIGITS + 1,
                              2 * AUDIT_HASH_SIZE, NULL, &length, NULL) == 0;
    if (is_whole && length == AUDIT_HASH_SIZE) {
        sscanf(line, "%20" SCNu64, &said->number);
    }
}

uint64_t continuity_known(const char *path) {
    struct audit_record said;
    read_witness(path, &said);
    return said.number;
}

/* In place and without waiting for the disk: one that lags behind is true all the same. */
static void write_witness(const char *path, const struct audit_record *last) {
    char name[WITNESS_PATH_SIZE], line[WITNESS_SIZE + 1], hex[2 * AUDIT_HASH_SIZE + 1];
    witness_path(path, name);
    sodium_bin2hex(hex, sizeof hex, last->hash, sizeof last->hash);
    snprintf(line, sizeof line, "%020" PRIu64 " %s\n", last->number, hex);
    int file = open(name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
    if (file >= 0) {
        ssize_t written = pwrite(file, line, WITNESS_SIZE, 0);
        (void)written;
        close(file);
    }
}

void continuity_note(struct kms *kms) {
    struct audit_record last;
    struct error error;
    bool found;
    if (kms->is_watched && audit_last(kms, &last, &found, &error) == STATUS_OK && found) {
        write_witness(store_path(kms->store), &last);
    }
}

static enum status notice(struct kms *kms, const struct audit_record *last,
                          const struct audit_record *witness, int64_t now_ms, struct error *error) {
    char detail[AUDIT_DETAIL_SIZE], day[DAY_TEXT_SIZE];
    const struct unsettled unsettled = {
        .by_hand = true,
        .noticed_ms = now_ms,
        .state_ms = last->utc_ms,
        .missing = witness->number > last->number ? witness->number - last->number : 0};
    day_print(last->utc_ms, day);
    if (unsettled.missing > 0) {
        snprintf(detail, sizeof detail,
                 "an older state was put back by hand: that of %s, without the last %" PRIu64
                 " records",
                 day, unsettled.missing);
    } else {
        snprintf(detail, sizeof detail,
                 "another state was put back by hand: that of %s, with another log", day);
    }
    return continuity_unsettle(kms, &unsettled, detail, error);
}

enum status kms_watch(struct kms *kms, int64_t now_ms, struct error *error) {
    struct audit_record witness, last, same;
    bool found, is_there;
    read_witness(store_path(kms->store), &witness);
    enum status status = audit_last(kms, &last, &found, error);
    if (status == STATUS_OK) {
        status = audit_find(kms, witness.number, &same, &is_there, error);
    }
    if (status != STATUS_OK) {
        return status;
    }
    bool is_newest = witness.number == 0 ||
                     (is_there && memcmp(same.hash, witness.hash, sizeof witness.hash) == 0);
    if (!is_newest) {
        status = notice(kms, &last, &witness, now_ms, error);
    }
    if (status == STATUS_OK) {
        kms->is_watched = true;
        continuity_note(kms);
    }
    return status;
}
