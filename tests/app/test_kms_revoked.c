/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked as the KMS makes it (app/kms/revoked_list.h): whom it names and for how
 * long, and its number, which never falls behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/file.h"
#include "app/installation.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/readmission.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "app/kms/revoked_list.h"
#include "scratch.h"

#define PASSPHRASE  span_of_text("correct horse")
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define ANNA        "sip:anna@county.example"
#define BEN         "sip:ben@county.example"
#define DAY_MS      INT64_C(86400000)
#define NOVEMBER_MS INT64_C(1793491200000)
#define DECEMBER_MS INT64_C(1796083200000)
#define NOW_MS      (NOVEMBER_MS + 10 * DAY_MS)

static struct kms *kms;
static struct error error;

static void open_again(void **state) {
    kms_close(kms);
    assert_int_equal(
        kms_open(scratch_path(state, "kms"), PASSPHRASE, provider_find("native"), &kms, &error),
        STATUS_OK);
}

static uint8_t text[ENROLMENT_TEXT_MAX];

static struct span enroll(const char *identity) {
    const struct kms_terms terms = {.now_ms = NOW_MS, .max_key_period_ms = DAY_MS, .replace = true};
    struct enrolment_request request = {.display_name = ""};
    struct device_key *key;
    struct writer bundle = writer_into(text, sizeof text);
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    assert_int_equal(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error),
                     STATUS_OK);
    device_key_free(key);
    return writer_span(&bundle);
}

static int setup(void **state) {
    assert_int_equal(scratch_setup(state), 0);
    assert_int_equal(kms_init(scratch_path(state, "kms"), "sip:kms@county.example", false,
                              PASSPHRASE, STORE_QUICK, provider_find("native"), &entropy_system,
                              &kms, &error),
                     STATUS_OK);
    (void)enroll(ANNA);
    (void)enroll(BEN);
    (void)enroll(ME_IDENTITY);
    return 0;
}

static int teardown(void **state) {
    kms_close(kms);
    kms = NULL;
    return scratch_teardown(state);
}

static void shut_out(const char *identity) {
    assert_int_equal(register_revoke(kms, identity, "", NOW_MS, &error), STATUS_OK);
}

static struct revocation list_at(int64_t now_ms) {
    struct revocation list;
    assert_int_equal(revoked_list_make(kms, now_ms, &entropy_system, &list, &error), STATUS_OK);
    assert_int_equal(revocation_verify(&list, kms->provider, kms->domain), STATUS_OK);
    assert_int_equal(list.issued_ms, now_ms);
    return list;
}

static void it_names_who_is_revoked_and_nobody_else(void **state) {
    (void)state;
    assert_int_equal(list_at(NOW_MS).count, 0);
    shut_out(ANNA);
    const struct revocation list = list_at(NOW_MS + 1000);
    assert_int_equal(list.count, 1);
    assert_true(revocation_names(&list, ANNA));
    assert_false(revocation_names(&list, BEN) || revocation_names(&list, ME_IDENTITY));
}

static void who_has_no_keys_that_others_could_take_leaves_it_but_not_an_me(void **state) {
    (void)state;
    shut_out(ANNA);
    shut_out(ME_IDENTITY);
    assert_int_equal(list_at(DECEMBER_MS + REVOKED_LIST_KEEP_MS - 1).count, 2);
    const struct revocation list = list_at(DECEMBER_MS + REVOKED_LIST_KEEP_MS);
    assert_int_equal(list.count, 1);
    assert_true(revocation_names(&list, ME_IDENTITY));
    assert_int_equal(list_at(NOW_MS + 3650 * DAY_MS).count, 1);
}

static void its_number_is_the_time_or_one_more_than_the_last(void **state) {
    uint64_t seconds = (uint64_t)(NOW_MS / 1000);
    assert_int_equal(list_at(NOW_MS).number, seconds);
    assert_int_equal(list_at(NOW_MS).number, seconds + 1);
    open_again(state);
    assert_int_equal(list_at(NOW_MS - DAY_MS).number, seconds + 2); /* a clock set back */
    assert_int_equal(list_at(NOW_MS + DAY_MS).number, seconds + DAY_MS / 1000);
    assert_int_equal(list_at(0).number, seconds + DAY_MS / 1000 + 1);
}

/* All files of the store, from one name to another. */
static void copy_store(void **state, const char *from, const char *to) {
    static const char *const ends[] = {"", "-keys", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char source[300], copy[300], name[64];
        snprintf(name, sizeof name, "%s%s", from, ends[i]);
        snprintf(source, sizeof source, "%s", scratch_path(state, name));
        snprintf(name, sizeof name, "%s%s", to, ends[i]);
        snprintf(copy, sizeof copy, "%s", scratch_path(state, name));
        scratch_copy(source, copy);
    }
}

/* What it has made since the copy is older than what it makes next. */
static void a_kms_restored_from_a_copy_does_not_fall_behind(void **state) {
    kms_close(kms);
    kms = NULL;
    copy_store(state, "kms", "copy");
    open_again(state);
    const struct revocation lost = list_at(NOW_MS + DAY_MS);
    kms_close(kms);
    kms = NULL;
    copy_store(state, "copy", "kms");
    open_again(state);
    assert_true(list_at(NOW_MS + DAY_MS + 1000).number > lost.number);
}

static void more_than_a_list_can_name_is_said(void **state) {
    (void)state;
    struct revocation list;
    struct batch *batch = batch_new();
    assert_non_null(batch);
    for (unsigned n = 0; n <= REVOCATION_NAMES_MAX; n++) {
        struct register_entry entry = {.enrolled_ms = NOW_MS,
                                       .max_key_period_ms = DAY_MS,
                                       .revoked_ms = NOW_MS,
                                       .until_ms = DECEMBER_MS};
        snprintf(entry.identity, sizeof entry.identity, "sip:u%u@county.example", n);
        assert_int_equal(register_put(&entry, batch), STATUS_OK);
        if (n % BATCH_CHANGES_MAX == BATCH_CHANGES_MAX - 1 || n == REVOCATION_NAMES_MAX) {
            assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
            batch_free(batch);
            batch = batch_new();
        }
    }
    batch_free(batch);
    assert_int_equal(revoked_list_make(kms, NOW_MS, &entropy_system, &list, &error),
                     STATUS_TOO_LONG);
    assert_non_null(strstr(error.text, "181 revoked identities still hold keys, more than 180"));
    assert_non_null(strstr(error.text, "the last one stays in force"));
    assert_non_null(strstr(error.text, "There is room from 2027-01-01"));
    assert_int_equal(list_at(DECEMBER_MS + REVOKED_LIST_KEEP_MS).count, 0);
}

/* --- In bundles ------------------------------------------------------------------------------- */

static void a_bundle_has_the_latest_list_where_there_is_one(void **state) {
    struct revocation list, made;
    assert_int_equal(revocation_read_text(enroll("sip:carl@county.example"), &list),
                     STATUS_NOT_FOUND);
    shut_out(ANNA);
    assert_int_equal(revocation_read_text(enroll("sip:carl@county.example"), &list), STATUS_OK);
    assert_int_equal(revocation_verify(&list, kms->provider, kms->domain), STATUS_OK);
    assert_true(list.count == 1 && revocation_names(&list, ANNA));
    uint64_t number = list.number;
    open_again(state);
    assert_int_equal(revocation_read_text(enroll("sip:dora@county.example"), &list), STATUS_OK);
    assert_int_equal(list.number, number); /* nothing has changed: no new one */
    made = list_at(NOW_MS);
    assert_int_equal(revocation_read_text(enroll("sip:dora@county.example"), &list), STATUS_OK);
    assert_int_equal(list.number, made.number);
    shut_out(BEN);
    assert_int_equal(revocation_read_text(enroll("sip:dora@county.example"), &list), STATUS_OK);
    assert_true(list.count == 2 && list.number > made.number && revocation_names(&list, BEN));
}

static struct revocation newest_at(int64_t now_ms) {
    struct revocation list;
    assert_int_equal(revoked_list_newest(kms, now_ms, &entropy_system, &list, &error), STATUS_OK);
    return list;
}

static void an_old_list_is_made_anew(void **state) {
    (void)state;
    shut_out(ANNA);
    const struct revocation first = newest_at(NOW_MS);
    assert_int_equal(newest_at(NOW_MS + REVOKED_LIST_FRESH_MS - 1).number, first.number);
    const struct revocation next = newest_at(NOW_MS + REVOKED_LIST_FRESH_MS);
    assert_true(next.number > first.number);
    assert_int_equal(next.issued_ms, NOW_MS + REVOKED_LIST_FRESH_MS);
}

static void ignore_progress(void *context, size_t done, size_t total) {
    (void)context;
    (void)done;
    (void)total;
}

/* Somebody is revoked, and the list made, after the run has begun to issue. */
static void revoke_meanwhile(void *context, size_t done, size_t total) {
    bool *is_done = context;
    (void)total;
    if (!*is_done && done > 0) {
        *is_done = true;
        shut_out(ANNA);
        (void)newest_at(NOW_MS);
    }
}

/* Somebody is revoked, and whoever does that is killed before he makes the list. */
static void revoke_and_be_killed(void *context, size_t done, size_t total) {
    bool *is_done = context;
    (void)total;
    if (!*is_done && done > 0) {
        *is_done = true;
        shut_out(ANNA);
    }
}

static void expect_in_renewed(void **state, const char *folder, const char *who) {
    struct revocation list;
    struct secret *bundle;
    char name[FILE_NAME_SIZE], path[600];
    renewal_file_name(BEN, DECEMBER_MS, name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)state;
    assert_int_equal(file_read(path, ENROLMENT_FILE_MAX, &bundle, &error), STATUS_OK);
    assert_int_equal(revocation_read_text(secret_span(bundle), &list), STATUS_OK);
    assert_int_equal(revocation_verify(&list, kms->provider, kms->domain), STATUS_OK);
    assert_true(revocation_names(&list, who));
    secret_free(bundle);
}

static void renewed_bundles_have_the_list(void **state) {
    char folder[512];
    struct renewal_result result;
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "."));
    const struct renewal_terms terms = {.now_ms = NOW_MS, .folder = folder, .threads = 1};
    shut_out(ME_IDENTITY);
    assert_int_equal(renewal_run(kms, &terms, ignore_progress, NULL, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 2);
    expect_in_renewed(state, folder, ME_IDENTITY);
}

static void
so_is_who_was_revoked_by_somebody_who_was_killed_before_the_list_was_made(void **state) {
    char folder[512];
    bool is_done = false;
    struct renewal_result result;
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "."));
    const struct renewal_terms terms = {.now_ms = NOW_MS, .folder = folder, .threads = 1};
    assert_int_equal(renewal_run(kms, &terms, revoke_and_be_killed, &is_done, &result, &error),
                     STATUS_OK);
    assert_int_equal(result.bundles, 1);
    expect_in_renewed(state, folder, ANNA);
}

static void who_is_revoked_meanwhile_is_on_the_list_of_what_is_written_then(void **state) {
    char folder[512];
    bool is_done = false;
    struct renewal_result result;
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "."));
    const struct renewal_terms terms = {.now_ms = NOW_MS, .folder = folder, .threads = 1};
    assert_int_equal(renewal_run(kms, &terms, revoke_meanwhile, &is_done, &result, &error),
                     STATUS_OK);
    assert_int_equal(result.bundles, 1);
    expect_in_renewed(state, folder, ANNA);
}

/* --- On its way into a store ------------------------------------------------------------------ */

static void a_store_takes_a_newer_list_of_its_own_kms_alone(void **state) {
    struct revocation list;
    struct store *store;
    static uint8_t said[2 * REVOCATION_TEXT_MAX];
    struct credential *credential = credential_new();
    struct writer w = writer_into(said, sizeof said);
    assert_non_null(credential);
    memcpy(credential->kms, kms->uri, sizeof credential->kms);
    memcpy(credential->z, kms->z, sizeof credential->z);
    memcpy(credential->kpak, kms->kpak, sizeof credential->kpak);
    assert_int_equal(store_create(scratch_path(state, "handset"), PASSPHRASE, STORE_QUICK,
                                  &entropy_system, &store, &error),
                     STATUS_OK);
    assert_int_equal(
        installation_list(store, span_of_text("no list"), credential, kms->provider, &list, &error),
        STATUS_OK);
    assert_int_equal(list.number, 0);
    const struct revocation made = list_at(NOW_MS);
    assert_int_equal(revocation_write_text(&w, &made), STATUS_OK);
    assert_int_equal(
        installation_list(store, writer_span(&w), credential, kms->provider, &list, &error),
        STATUS_OK);
    assert_int_equal(list.number, made.number);
    /* Another domain's, and one that somebody changed. */
    struct revocation changed = made;
    changed.issued_ms++;
    w = writer_into(said, sizeof said);
    assert_int_equal(revocation_write_text(&w, &changed), STATUS_OK);
    assert_int_equal(
        installation_list(store, writer_span(&w), credential, kms->provider, &list, &error),
        STATUS_SIGNATURE_INVALID);
    assert_non_null(strstr(error.text, "nothing was installed"));
    strcpy(credential->kms, "sip:kms@other.example");
    w = writer_into(said, sizeof said);
    assert_int_equal(revocation_write_text(&w, &made), STATUS_OK);
    assert_int_equal(
        installation_list(store, writer_span(&w), credential, kms->provider, &list, &error),
        STATUS_SIGNATURE_INVALID);
    store_close(store);
    credential_free(credential);
}

/* --- Readmission ---------------------------------------------------------------------------- */

static enum status readmit_at(const char *identity, int64_t now_ms) {
    return register_readmit(kms, identity, "a new handset", now_ms, &error);
}

static void find_last(void *context, const struct audit_record *record) {
    *(struct audit_record *)context = *record;
}

/* Revoked in November, with keys for that month: others may hold that it has December's. */
static void who_was_revoked_is_enrolled_again_once_its_keys_are_surely_over(void **state) {
    const int64_t from_ms = INT64_C(1798761600000) + REVOKED_LIST_KEEP_MS; /* 2027-01-01 */
    struct audit_record last;
    struct register_entry entry;
    shut_out(ANNA);
    assert_int_equal(readmit_at(ANNA, from_ms - 1), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "from 2027-02-01 on"));
    assert_int_equal(readmit_at(ANNA, from_ms), STATUS_OK);
    assert_int_equal(audit_check(kms, find_last, &last, &error), STATUS_OK);
    assert_int_equal(last.action, AUDIT_READMIT);
    assert_string_equal(last.identity, ANNA);
    assert_string_equal(last.detail, "a new handset");
    open_again(state);
    assert_int_equal(register_find(kms, ANNA, &entry, &error), STATUS_NOT_FOUND);
    assert_int_equal(list_at(from_ms).count, 0);

    const struct kms_terms terms = {.now_ms = from_ms, .max_key_period_ms = DAY_MS};
    struct batch *batch = batch_new();
    assert_int_equal(
        kms_enroll_in_memory(kms, ANNA, "Anna", &terms, &entropy_system, batch, &error), STATUS_OK);
    batch_free(batch);
    assert_int_equal(register_find(kms, ANNA, &entry, &error), STATUS_OK);
    assert_int_equal(entry.revoked_ms, 0);
}

/* Next month's keys were made before it was revoked. */
static void the_last_keys_that_were_made_are_waited_for(void **state) {
    (void)state;
    struct register_entry entry;
    struct batch *batch = batch_new();
    assert_int_equal(register_find(kms, BEN, &entry, &error), STATUS_OK);
    entry.until_ms = NOW_MS + 200 * DAY_MS;
    assert_int_equal(register_put(&entry, batch), STATUS_OK);
    assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
    batch_free(batch);
    shut_out(BEN);
    assert_int_equal(readmit_at(BEN, entry.until_ms + REVOKED_LIST_KEEP_MS - 1),
                     STATUS_NOT_ALLOWED);
    assert_int_equal(readmit_at(BEN, entry.until_ms + REVOKED_LIST_KEEP_MS), STATUS_OK);
}

static void nobody_else_is_readmitted(void **state) {
    (void)state;
    const int64_t later_ms = NOW_MS + 3650 * DAY_MS;
    shut_out(ME_IDENTITY);
    assert_int_equal(readmit_at(ME_IDENTITY, later_ms), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "never end"));
    assert_int_equal(readmit_at(ANNA, later_ms), STATUS_ALREADY_DONE);
    assert_int_equal(readmit_at("sip:nobody@county.example", later_ms), STATUS_NOT_FOUND);
    shut_out(ANNA);
    assert_int_equal(register_readmit(kms, ANNA, "\033[2J", later_ms, &error), STATUS_MALFORMED);
    assert_int_equal(revocation_add(&kms->carried, ANNA), STATUS_OK);
    assert_int_equal(readmit_at(ANNA, later_ms), STATUS_NOT_ALLOWED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(it_names_who_is_revoked_and_nobody_else),
        TEST(who_has_no_keys_that_others_could_take_leaves_it_but_not_an_me),
        TEST(its_number_is_the_time_or_one_more_than_the_last),
        TEST(a_kms_restored_from_a_copy_does_not_fall_behind),
        TEST(more_than_a_list_can_name_is_said),
        TEST(a_bundle_has_the_latest_list_where_there_is_one),
        TEST(an_old_list_is_made_anew),
        TEST(renewed_bundles_have_the_list),
        TEST(who_is_revoked_meanwhile_is_on_the_list_of_what_is_written_then),
        TEST(so_is_who_was_revoked_by_somebody_who_was_killed_before_the_list_was_made),
        TEST(a_store_takes_a_newer_list_of_its_own_kms_alone),
        TEST(who_was_revoked_is_enrolled_again_once_its_keys_are_surely_over),
        TEST(the_last_keys_that_were_made_are_waited_for),
        TEST(nobody_else_is_readmitted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
