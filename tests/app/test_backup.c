/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Backups of a domain, and what becomes of the revoked when an older state is put back
 * (app/kms/backup.h, app/kms/continuity.h, app/store/archive.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/kms/backup.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/revoked_list.h"
#include "app/store/archive.h"
#include "app/store/head.h"
#include "scratch.h"

#define PASSPHRASE span_of_text("correct horse")
#define ANNA       "sip:anna@county.example"
#define BEN        "sip:ben@county.example"
#define DORA       "sip:dora@county.example"
#define DAY_MS     INT64_C(86400000)
#define NOW_MS     (INT64_C(1793491200000) + 10 * DAY_MS)

static struct kms *kms;
static struct error error;

static void open_at(void **state, const char *name) {
    kms_close(kms);
    assert_int_equal(
        kms_open(scratch_path(state, name), PASSPHRASE, provider_find("native"), &kms, &error),
        STATUS_OK);
}

static enum status try_enroll(const char *identity) {
    static uint8_t text[ENROLMENT_TEXT_MAX];
    const struct kms_terms terms = {.now_ms = NOW_MS, .max_key_period_ms = DAY_MS};
    struct enrolment_request request = {.display_name = ""};
    struct device_key *key;
    struct writer bundle = writer_into(text, sizeof text);
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    enum status status = kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error);
    device_key_free(key);
    return status;
}

static void revoke(const char *identity) {
    assert_int_equal(register_revoke(kms, identity, "", NOW_MS, &error), STATUS_OK);
}

static struct revocation list_at(int64_t now_ms) {
    struct revocation list;
    assert_int_equal(revoked_list_make(kms, now_ms, &entropy_system, &list, &error), STATUS_OK);
    assert_int_equal(revocation_verify(&list, kms->provider, kms->domain), STATUS_OK);
    return list;
}

static struct backup back_up(void **state, const char *name) {
    struct backup made;
    assert_int_equal(kms_backup(kms, scratch_path(state, name), PASSPHRASE, STORE_QUICK, NOW_MS,
                                &entropy_system, &made, &error),
                     STATUS_OK);
    return made;
}

/* Opens what was restored. */
static void restore(void **state, const char *name, const char *backup) {
    struct audit_record record;
    struct kms *made;
    kms_close(kms);
    kms = NULL;
    assert_int_equal(kms_restore(scratch_path(state, name), scratch_path(state, backup), PASSPHRASE,
                                 STORE_QUICK, provider_find("native"), NOW_MS + DAY_MS,
                                 &entropy_system, &made, &record, &error),
                     STATUS_OK);
    assert_int_equal(kms_restore_finish(made, scratch_path(state, name), &error), STATUS_OK);
    open_at(state, name);
}

static int setup(void **state) {
    assert_int_equal(scratch_setup(state), 0);
    assert_int_equal(kms_init(scratch_path(state, "kms"), "sip:kms@county.example", false,
                              PASSPHRASE, STORE_QUICK, provider_find("native"), &entropy_system,
                              &kms, &error),
                     STATUS_OK);
    assert_int_equal(try_enroll(ANNA), STATUS_OK);
    assert_int_equal(try_enroll(BEN), STATUS_OK);
    return 0;
}

static int teardown(void **state) {
    kms_close(kms);
    kms = NULL;
    return scratch_teardown(state);
}

/* --- The revoked ---------------------------------------------------------------------------- */

/* Also whom the restored state has never known, however many lists come after. */
static void later_lists_name_all_whom_the_lost_state_revoked(void **state) {
    struct settlement done;
    back_up(state, "backup");
    assert_int_equal(try_enroll(DORA), STATUS_OK);
    revoke(BEN);
    revoke(DORA);
    struct revocation list = list_at(NOW_MS + DAY_MS / 2);
    restore(state, "restored", "backup");
    struct revocation early;
    assert_int_equal(revoked_list_make(kms, NOW_MS + DAY_MS, &entropy_system, &early, &error),
                     STATUS_NOT_ALLOWED);
    assert_int_equal(try_enroll(ANNA), STATUS_NOT_ALLOWED);
    assert_int_equal(kms_settle(kms, &list, NOW_MS + DAY_MS, &done, &error), STATUS_OK);
    assert_int_equal(done.named, 2);
    assert_int_equal(done.revoked, 1);
    assert_int_equal(done.unknown, 1);
    open_at(state, "restored");
    assert_int_equal(try_enroll(BEN), STATUS_NOT_ALLOWED);
    assert_int_equal(try_enroll(DORA), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "revoked, by a list"));
    for (int n = 0; n < 2; n++) {
        struct revocation later = list_at(NOW_MS + DAY_MS / 2); /* by a clock that stands */
        assert_true(later.number > list.number);
        assert_true(revocation_names(&later, BEN) && revocation_names(&later, DORA));
        assert_false(revocation_names(&later, ANNA));
        list = later;
    }
}

static void a_clock_that_is_behind_settles_nothing(void **state) {
    struct settlement done;
    back_up(state, "backup");
    struct revocation list = list_at(NOW_MS + 3 * DAY_MS);
    restore(state, "restored", "backup");
    assert_int_equal(kms_settle(kms, &list, NOW_MS + 2 * DAY_MS, &done, &error),
                     STATUS_NOT_ALLOWED);
    assert_int_equal(kms_settle(kms, NULL, NOW_MS, &done, &error), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "set the clock"));
    assert_true(kms_unsettled(kms)->is_set);
    assert_int_equal(kms_settle(kms, &list, NOW_MS + 3 * DAY_MS, &done, &error), STATUS_OK);
}

/* A list that one octet was changed of is not the domain's word. */
static void a_changed_list_settles_nothing(void **state) {
    struct settlement done;
    back_up(state, "backup");
    revoke(BEN);
    struct revocation list = list_at(NOW_MS + DAY_MS / 2);
    restore(state, "restored", "backup");
    list.number++;
    assert_int_equal(kms_settle(kms, &list, NOW_MS + DAY_MS, &done, &error),
                     STATUS_SIGNATURE_INVALID);
    list.number--;
    list.count = 0;
    assert_int_equal(kms_settle(kms, &list, NOW_MS + DAY_MS, &done, &error),
                     STATUS_SIGNATURE_INVALID);
    assert_true(kms_unsettled(kms)->is_set);
}

/* --- Put back by hand ----------------------------------------------------------------------- */

static void watch(void) {
    assert_int_equal(kms_watch(kms, NOW_MS + DAY_MS, &error), STATUS_OK);
}

static void keep_aside(void **state) {
    kms_close(kms);
    kms = NULL;
    scratch_copy(scratch_path(state, "kms"), scratch_path(state, "old"));
    scratch_copy(scratch_path(state, "kms-keys"), scratch_path(state, "old-keys"));
}

static void put_back(void **state) {
    kms_close(kms);
    kms = NULL;
    scratch_copy(scratch_path(state, "old"), scratch_path(state, "kms"));
    scratch_copy(scratch_path(state, "old-keys"), scratch_path(state, "kms-keys"));
    open_at(state, "kms");
}

static void an_older_state_is_noticed_once(void **state) {
    struct settlement done;
    watch();
    keep_aside(state);
    open_at(state, "kms");
    watch();
    assert_false(kms_unsettled(kms)->is_set);
    revoke(BEN);
    put_back(state);
    watch();
    assert_true(kms_unsettled(kms)->is_set && kms_unsettled(kms)->by_hand);
    assert_int_equal(kms_unsettled(kms)->missing, 1);
    assert_int_equal(kms_settle(kms, NULL, NOW_MS + DAY_MS, &done, &error), STATUS_OK);
    open_at(state, "kms");
    watch();
    assert_false(kms_unsettled(kms)->is_set);
}

/* It has as many records by now, or more. */
static void an_older_state_that_went_on_is_noticed(void **state) {
    watch();
    keep_aside(state);
    open_at(state, "kms");
    watch();
    revoke(BEN);
    put_back(state);
    revoke(ANNA); /* by a program that does not watch */
    assert_int_equal(try_enroll(DORA), STATUS_OK);
    watch();
    assert_true(kms_unsettled(kms)->is_set);
    assert_int_equal(kms_unsettled(kms)->missing, 0);
}

/* One that was killed before it could write, or that a power cut left half written. */
static void a_witness_that_lags_or_is_spoilt_accuses_nobody(void **state) {
    watch();
    keep_aside(state);
    scratch_copy(scratch_path(state, "kms-witness"), scratch_path(state, "old-witness"));
    open_at(state, "kms");
    watch();
    revoke(BEN);
    open_at(state, "kms");
    scratch_copy(scratch_path(state, "old-witness"), scratch_path(state, "kms-witness"));
    watch();
    assert_false(kms_unsettled(kms)->is_set);
    kms_close(kms);
    kms = NULL;
    scratch_write(scratch_path(state, "kms-witness"), span_of_text("00000000000000000009 zz"));
    open_at(state, "kms");
    watch();
    assert_false(kms_unsettled(kms)->is_set);
}

/* --- The file ------------------------------------------------------------------------------- */

static enum status ignore(void *context, enum record_kind kind, struct span key,
                          struct span value) {
    (void)kind;
    (void)key;
    *(size_t *)context += value.length;
    return STATUS_OK;
}

static enum status read_changed(void **state, struct span octets) {
    size_t length = 0;
    const char *path = scratch_path(state, "changed");
    scratch_write(path, octets);
    return archive_read(path, PASSPHRASE, ignore, &length, &error);
}

/* As large as several pieces. */
static struct secret *large_backup(void **state) {
    static uint8_t value[RECORD_VALUE_MAX];
    struct secret *octets;
    for (uint8_t n = 0; n < 7; n++) {
        struct batch *batch = batch_new();
        assert_int_equal(batch_put(batch, RECORD_SETTING, (struct span){&n, 1}, SPAN_OF(value)),
                         STATUS_OK);
        assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
        batch_free(batch);
    }
    back_up(state, "backup");
    assert_int_equal(file_read(scratch_path(state, "backup"), 1 << 20, &octets, &error), STATUS_OK);
    return octets;
}

static void what_is_changed_left_out_or_moved_is_noticed(void **state) {
    struct secret *octets = large_backup(state);
    struct span whole = secret_span(octets);
    size_t starts[16] = {sizeof "MUSTER BACKUP 1\n" - 1 + HEAD_SIZE}, pieces = 0;
    while (starts[pieces] < whole.length) {
        struct reader r = reader_of((struct span){whole.octets + starts[pieces], 4});
        size_t next = starts[pieces] + 4 + read_u32(&r);
        starts[++pieces] = next;
    }
    assert_in_range(pieces, 4, 15);
    assert_int_equal(starts[pieces], whole.length);
    assert_int_equal(read_changed(state, whole), STATUS_OK);

    for (size_t i = 0; i <= pieces; i++) { /* cut at each piece, or an octet before */
        size_t length = starts[i] - (i == pieces);
        assert_int_equal(read_changed(state, (struct span){whole.octets, length}),
                         STATUS_SEAL_BROKEN);
    }
    for (size_t at = 16; at < whole.length; at += whole.length / 50) {
        octets->octets[at] ^= 1;
        assert_int_not_equal(read_changed(state, whole), STATUS_OK);
        octets->octets[at] ^= 1;
    }
    /* Without the first piece, and with the first twice. */
    struct secret *other = secret_new(2 * whole.length);
    size_t first = starts[1] - starts[0], rest = whole.length - starts[1];
    memcpy(other->octets, whole.octets, starts[0]);
    memcpy(other->octets + starts[0], whole.octets + starts[1], rest);
    assert_int_equal(read_changed(state, (struct span){other->octets, starts[0] + rest}),
                     STATUS_SEAL_BROKEN);
    memcpy(other->octets, whole.octets, starts[1]);
    memcpy(other->octets + starts[1], whole.octets + starts[0], first + rest);
    assert_int_equal(read_changed(state, (struct span){other->octets, starts[1] + first + rest}),
                     STATUS_SEAL_BROKEN);
    secret_free(other);
    secret_free(octets);
}

struct sum {
    size_t records, octets;
};

static enum status add(void *context, enum record_kind kind, struct span key, struct span value) {
    struct sum *sum = context;
    sum->records += kind != RECORD_KMS_BACKUP;
    sum->octets += kind != RECORD_KMS_BACKUP ? key.length + value.length : 0;
    return STATUS_OK;
}

static void all_records_come_back(void **state) {
    struct sum before = {0}, after = {0};
    secret_free(large_backup(state));
    assert_int_equal(store_load(kms->store, add, &before, &error), STATUS_OK);
    assert_int_equal(archive_read(scratch_path(state, "backup"), PASSPHRASE, add, &after, &error),
                     STATUS_OK);
    assert_int_equal(after.records, before.records);
    assert_int_equal(after.octets, before.octets);
    restore(state, "restored", "backup");
    struct register_entry entry;
    assert_int_equal(register_find(kms, ANNA, &entry, &error), STATUS_OK);
}

static void the_next_backup_carries_the_check_value(void **state) {
    struct audit_record record;
    char value[AUDIT_CHECK_VALUE_SIZE];
    bool found;
    struct backup first = back_up(state, "first");
    revoke(BEN);
    struct backup second = back_up(state, "second");
    audit_check_value(first.hash, value);
    assert_int_equal(strlen(value), 19);
    assert_int_equal(audit_find(kms, second.number, &record, &found, &error), STATUS_OK);
    assert_true(found && strstr(record.detail, value) != NULL);
    assert_memory_equal(record.hash, second.hash, sizeof record.hash);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(later_lists_name_all_whom_the_lost_state_revoked),
        TEST(a_clock_that_is_behind_settles_nothing),
        TEST(a_changed_list_settles_nothing),
        TEST(an_older_state_is_noticed_once),
        TEST(an_older_state_that_went_on_is_noticed),
        TEST(a_witness_that_lags_or_is_spoilt_accuses_nobody),
        TEST(what_is_changed_left_out_or_moved_is_noticed),
        TEST(all_records_come_back),
        TEST(the_next_backup_carries_the_check_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
