/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "app/kms/register.h"
#include "scratch.h"

#define KMS_URI        "sip:kms@county.example"
#define ME_IDENTITY    "urn:gsma:imei:90420156-025763-0"
#define USER_IDENTITY  "tel:+447700900123"
#define PASSPHRASE     span_of_text("correct horse")
#define GROUP_IDENTITY "sip:fire7@county.example"
#define MAY_2026_MS    INT64_C(1777593600000)
#define JUNE_2026_MS   INT64_C(1780272000000)
#define JULY_2026_MS   INT64_C(1782864000000)
#define TWELVE_HOURS   INT64_C(43200000)
#define MID_MAY_MS     (MAY_2026_MS + 15 * INT64_C(86400000) + 1)
#define LAST_OF_MAY_MS (JUNE_2026_MS - 1)

static const struct kms_terms terms = {.now_ms = MID_MAY_MS, .max_key_period_ms = TWELVE_HOURS};

static const struct provider *provider(void) {
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        if (provider_find(provider_name(n)) != NULL) {
            return provider_find(provider_name(n));
        }
    }
    fail_msg("no crypto module is present");
    return NULL;
}

static struct kms *init(const char *path) {
    struct kms *kms = NULL;
    struct error error = {0};
    enum status status = kms_init(path, KMS_URI, false, PASSPHRASE, STORE_QUICK, provider(),
                                  &entropy_system, &kms, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return kms;
}

static struct kms *reopen(const char *path) {
    struct kms *kms = NULL;
    struct error error = {0};
    enum status status = kms_open(path, PASSPHRASE, provider(), &kms, &error);
    assert_string_equal(error.text, "");
    assert_int_equal(status, STATUS_OK);
    return kms;
}

static struct enrolment_request request_of(const char *identity, const struct device_key *key) {
    struct enrolment_request request = {.display_name = "Fire 7"};
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    memcpy(request.device_key, key->public_key, DEVICE_KEY_SIZE);
    return request;
}

static struct device_key *draw_device_key(void) {
    struct device_key *key;
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    return key;
}

static enum status enroll(struct kms *kms, const char *identity, const struct device_key *key,
                          struct kms_terms how, struct error *error) {
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = request_of(identity, key);
    enum status status = kms_enroll(kms, &request, &how, &entropy_system, &bundle, error);
    assert_true((status == STATUS_OK) == (bundle.length > 0));
    return status;
}

/* Identities with when, until when and maximum key period, one after the other. */
static void add_to_list(void *context, const struct register_entry *enrolment) {
    char *list = context;
    size_t length = strlen(list);
    snprintf(list + length, 512 - length, "%s %lld %lld %lld;", enrolment->identity,
             (long long)enrolment->enrolled_ms, (long long)enrolment->until_ms,
             (long long)enrolment->max_key_period_ms);
}

static void assert_list(struct kms *kms, const char *expected) {
    char list[512] = "";
    struct error error;
    assert_int_equal(register_list(kms, add_to_list, list, &error), STATUS_OK);
    assert_string_equal(list, expected);
}

/* 6.X.3.3.3.4: an ME's keys are fixed, and it gets a maximum key period. */
static void an_me_gets_fixed_keys_and_its_maximum_key_period(void **state) {
    (void)state;
    struct kms *kms;
    struct error error;
    struct batch *batch = batch_new();
    struct credential *credential = credential_new();
    assert_int_equal(kms_init_in_memory(KMS_URI, false, provider(), &entropy_system, &kms, &error),
                     STATUS_OK);
    assert_int_equal(
        kms_enroll_in_memory(kms, ME_IDENTITY, "Fire 7", &terms, &entropy_system, batch, &error),
        STATUS_OK);
    assert_int_equal(batch->count, 2);
    assert_int_equal(batch->changes[0].kind, RECORD_DEVICE_KEY);
    assert_int_equal(batch->changes[1].kind, RECORD_CREDENTIAL);
    assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential), STATUS_OK);
    assert_string_equal(credential->identity, ME_IDENTITY);
    assert_string_equal(credential->kms, KMS_URI);
    assert_int_equal(credential->period_start_ms, 0);
    assert_int_equal(credential->max_key_period_ms, TWELVE_HOURS);
    struct span identifier = identifier_span(&credential->identifier);
    assert_true(identifier.length > 5 && memcmp(identifier.octets, "fixed", 6) == 0);
    credential_free(credential);
    batch_free(batch);
    kms_close(kms);
}

static void a_user_gets_the_keys_of_the_month(void **state) {
    (void)state;
    struct kms *kms;
    struct error error;
    const int64_t moments[] = {MAY_2026_MS, MID_MAY_MS, LAST_OF_MAY_MS, JUNE_2026_MS};
    assert_int_equal(kms_init_in_memory(KMS_URI, false, provider(), &entropy_system, &kms, &error),
                     STATUS_OK);
    for (size_t i = 0; i < 4; i++) {
        struct batch *batch = batch_new();
        struct credential *credential = credential_new();
        struct kms_terms how = {.now_ms = moments[i], .max_key_period_ms = TWELVE_HOURS};
        assert_int_equal(
            kms_enroll_in_memory(kms, USER_IDENTITY, "", &how, &entropy_system, batch, &error),
            STATUS_OK);
        assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential),
                         STATUS_OK);
        assert_int_equal(credential->period_start_ms, i < 3 ? MAY_2026_MS : JUNE_2026_MS);
        struct span identifier = identifier_span(&credential->identifier);
        assert_memory_equal(identifier.octets, i < 3 ? "2026-05" : "2026-06", 8);
        credential_free(credential);
        batch_free(batch);
    }
    kms_close(kms);
}

/* 6.X.3.3.2.2: each UE is given a list of group identities, a manager the keys of its group's. */
static void a_handset_gets_its_groups_and_a_manager_the_keys_of_a_group_identity(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key();
    struct error error = {0};
    struct register_entry enrolment;
    struct group_list groups = {0};
    struct kms_terms how = terms;
    assert_int_equal(group_list_add(&groups, GROUP_IDENTITY), STATUS_OK);
    assert_int_equal(group_list_add(&groups, "sip:rescue3@county.example"), STATUS_OK);
    how.groups = &groups;
    struct batch *batch = batch_new();
    struct credential *credential = credential_new();
    assert_int_equal(
        kms_enroll_in_memory(kms, USER_IDENTITY, "", &how, &entropy_system, batch, &error),
        STATUS_OK);
    assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential), STATUS_OK);
    assert_memory_equal(&credential->groups, &groups, sizeof groups);
    assert_int_equal(enroll(kms, GROUP_IDENTITY, key, terms, &error), STATUS_OK);
    kms_close(kms);
    kms = reopen(path);
    assert_int_equal(register_find(kms, USER_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_memory_equal(&enrolment.groups, &groups, sizeof groups);
    assert_int_equal(register_find(kms, GROUP_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_int_equal(enrolment.groups.count, 0);
    credential_free(credential);
    batch_free(batch);
    device_key_free(key);
    kms_close(kms);
}

static void an_enrolment_from_before_there_were_groups_is_still_read(void **state) {
    const char *path = scratch_path(state, "domain");
    kms_close(init(path));
    uint8_t octets[256];
    struct writer w = writer_into(octets, sizeof octets);
    write_u8(&w, 1);
    write_text_u8(&w, ME_IDENTITY);
    write_text_u8(&w, "Fire 7");
    memset(write_room(&w, DEVICE_KEY_SIZE), 7, DEVICE_KEY_SIZE);
    write_u64(&w, (uint64_t)MID_MAY_MS);
    write_u64(&w, 0);
    write_u64(&w, (uint64_t)TWELVE_HOURS);
    struct store *store;
    struct error error = {0};
    struct batch *batch = batch_new();
    assert_int_equal(
        batch_put(batch, RECORD_KMS_ENROLMENT, span_of_text(ME_IDENTITY), writer_span(&w)),
        STATUS_OK);
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    store_close(store);
    batch_free(batch);
    struct kms *kms = reopen(path);
    struct register_entry enrolment;
    assert_int_equal(register_find(kms, ME_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_int_equal(enrolment.max_key_period_ms, TWELVE_HOURS);
    assert_int_equal(enrolment.groups.count, 0);
    assert_int_equal(enrolment.revoked_ms, 0);
    kms_close(kms);
}

static void enrolments_are_listed_with_when_and_until_when(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key();
    struct error error = {0};
    assert_list(kms, "");
    assert_int_equal(enroll(kms, ME_IDENTITY, key, terms, &error), STATUS_OK);
    assert_int_equal(enroll(kms, USER_IDENTITY, key, terms, &error), STATUS_OK);
    char expected[300];
    snprintf(expected, sizeof expected,
             USER_IDENTITY " %lld %lld %lld;" ME_IDENTITY " %lld 0 %lld;", (long long)MID_MAY_MS,
             (long long)JUNE_2026_MS, (long long)TWELVE_HOURS, (long long)MID_MAY_MS,
             (long long)TWELVE_HOURS);
    assert_list(kms, expected);
    kms_close(kms);
    kms = reopen(path);
    assert_list(kms, expected);
    struct register_entry enrolment;
    assert_int_equal(register_find(kms, ME_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_memory_equal(enrolment.device_key, key->public_key, DEVICE_KEY_SIZE);
    assert_string_equal(enrolment.display_name, "Fire 7");
    assert_int_equal(register_find(kms, "tel:+1", &enrolment, &error), STATUS_NOT_FOUND);
    device_key_free(key);
    kms_close(kms);
}

static void a_domain_keeps_its_keys_when_it_is_opened_again(void **state) {
    const char *path = scratch_path(state, "domain");
    char one[FINGERPRINT_SIZE], two[FINGERPRINT_SIZE];
    struct kms *kms = init(path);
    kms_fingerprint(kms, one);
    kms_close(kms);
    kms = reopen(path);
    kms_fingerprint(kms, two);
    assert_string_equal(one, two);
    assert_string_equal(kms_uri(kms), KMS_URI);
    kms_close(kms);
    kms = init(scratch_path(state, "other"));
    kms_fingerprint(kms, two);
    assert_string_not_equal(one, two);
    kms_close(kms);
}

static void an_identity_goes_to_another_device_only_when_it_is_replaced(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key(), *stolen = draw_device_key();
    struct error error = {0};
    struct register_entry enrolment;
    assert_int_equal(enroll(kms, ME_IDENTITY, stolen, terms, &error), STATUS_OK);
    assert_int_equal(enroll(kms, ME_IDENTITY, stolen, terms, &error), STATUS_OK); /* renewed */
    assert_int_equal(enroll(kms, ME_IDENTITY, key, terms, &error), STATUS_ALREADY_DONE);
    assert_non_null(strstr(error.text, "--replace"));
    assert_int_equal(register_find(kms, ME_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_memory_equal(enrolment.device_key, stolen->public_key, DEVICE_KEY_SIZE);
    struct kms_terms replace = terms;
    replace.replace = true;
    assert_int_equal(enroll(kms, ME_IDENTITY, key, replace, &error), STATUS_OK);
    assert_int_equal(register_find(kms, ME_IDENTITY, &enrolment, &error), STATUS_OK);
    assert_memory_equal(enrolment.device_key, key->public_key, DEVICE_KEY_SIZE);
    device_key_free(key);
    device_key_free(stolen);
    kms_close(kms);
}

static void keys_of_the_next_month_are_issued_ahead_and_none_beyond(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key(), *other = draw_device_key();
    struct error error = {0};
    struct register_entry entry;
    struct kms_terms how = terms;
    how.month_ms = JUNE_2026_MS;
    assert_int_equal(enroll(kms, USER_IDENTITY, key, how, &error), STATUS_OK);
    assert_int_equal(register_find(kms, USER_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.until_ms, JULY_2026_MS);
    /* This month's after it: the next month's stay on record, for this device key alone. */
    how.month_ms = MAY_2026_MS;
    assert_int_equal(enroll(kms, USER_IDENTITY, key, how, &error), STATUS_OK);
    assert_int_equal(register_find(kms, USER_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.until_ms, JULY_2026_MS);
    how.replace = true;
    assert_int_equal(enroll(kms, USER_IDENTITY, other, how, &error), STATUS_OK);
    assert_int_equal(register_find(kms, USER_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.until_ms, JUNE_2026_MS);
    how.month_ms = JULY_2026_MS;
    assert_int_equal(enroll(kms, USER_IDENTITY, other, how, &error), STATUS_NOT_ALLOWED);
    assert_non_null(strstr(error.text, "2026-07"));
    how.month_ms = MAY_2026_MS - 1;
    assert_int_equal(enroll(kms, USER_IDENTITY, other, how, &error), STATUS_NOT_ALLOWED);
    device_key_free(key);
    device_key_free(other);
    kms_close(kms);
}

static void an_mes_fixed_keys_have_no_month(void **state) {
    struct kms *kms = init(scratch_path(state, "domain"));
    struct device_key *key = draw_device_key();
    struct error error = {0};
    struct kms_terms how = terms;
    how.month_ms = JUNE_2026_MS;
    assert_int_equal(enroll(kms, ME_IDENTITY, key, how, &error), STATUS_NOT_ALLOWED);
    assert_list(kms, "");
    device_key_free(key);
    kms_close(kms);
}

static void a_revoked_identity_gets_no_new_keys_whatever_device_asks(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key(), *other = draw_device_key();
    struct error error = {0};
    struct register_entry entry;
    struct kms_terms replace = terms;
    replace.replace = true;
    assert_int_equal(enroll(kms, ME_IDENTITY, key, terms, &error), STATUS_OK);
    assert_int_equal(enroll(kms, USER_IDENTITY, key, terms, &error), STATUS_OK);
    assert_int_equal(register_revoke(kms, ME_IDENTITY, "stolen", MID_MAY_MS, &error), STATUS_OK);
    assert_int_equal(enroll(kms, ME_IDENTITY, key, terms, &error), STATUS_NOT_ALLOWED);
    assert_string_equal(error.text,
                        ME_IDENTITY ": revoked on 2026-05-16: stolen; it gets no new keys");
    kms_close(kms);
    kms = reopen(path);
    assert_int_equal(enroll(kms, ME_IDENTITY, other, replace, &error), STATUS_NOT_ALLOWED);
    assert_int_equal(enroll(kms, USER_IDENTITY, key, terms, &error), STATUS_OK);
    assert_int_equal(register_find(kms, ME_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.revoked_ms, MID_MAY_MS);
    assert_string_equal(entry.reason, "stolen");
    assert_memory_equal(entry.device_key, key->public_key, DEVICE_KEY_SIZE);
    device_key_free(key);
    device_key_free(other);
    kms_close(kms);
}

static void who_was_never_enrolled_or_is_revoked_is_not_revoked_again(void **state) {
    struct kms *kms = init(scratch_path(state, "domain"));
    struct device_key *key = draw_device_key();
    struct error error = {0};
    struct register_entry entry;
    char long_reason[REGISTER_REASON_MAX + 2];
    memset(long_reason, 'x', sizeof long_reason - 1);
    long_reason[sizeof long_reason - 1] = '\0';
    assert_int_equal(enroll(kms, USER_IDENTITY, key, terms, &error), STATUS_OK);
    assert_int_equal(register_revoke(kms, ME_IDENTITY, "", MID_MAY_MS, &error), STATUS_NOT_FOUND);
    assert_int_equal(register_revoke(kms, USER_IDENTITY, "a\nb", MID_MAY_MS, &error),
                     STATUS_MALFORMED);
    assert_int_equal(register_revoke(kms, USER_IDENTITY, long_reason, MID_MAY_MS, &error),
                     STATUS_MALFORMED);
    assert_int_equal(register_revoke(kms, USER_IDENTITY, long_reason + 1, MID_MAY_MS, &error),
                     STATUS_OK);
    assert_int_equal(register_revoke(kms, USER_IDENTITY, "again", LAST_OF_MAY_MS, &error),
                     STATUS_ALREADY_DONE);
    assert_int_equal(register_find(kms, USER_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.revoked_ms, MID_MAY_MS);
    assert_string_equal(entry.reason, long_reason + 1);
    device_key_free(key);
    kms_close(kms);
}

/* A register that was written before there were revocations. */
static void an_entry_from_before_there_were_revocations_is_read_as_not_revoked(void **state) {
    const char *path = scratch_path(state, "domain");
    struct error error;
    struct store *store;
    struct register_entry entry;
    struct group_list groups = {0};
    uint8_t octets[256];
    struct writer w = writer_into(octets, sizeof octets);
    struct batch *batch = batch_new();
    kms_close(init(path));
    assert_int_equal(group_list_add(&groups, GROUP_IDENTITY), STATUS_OK);
    write_u8(&w, 2);
    write_text_u8(&w, USER_IDENTITY);
    write_text_u8(&w, "Fire 7");
    memset(write_room(&w, DEVICE_KEY_SIZE), 7, DEVICE_KEY_SIZE);
    write_u64(&w, (uint64_t)MAY_2026_MS);
    write_u64(&w, (uint64_t)JUNE_2026_MS);
    write_u64(&w, (uint64_t)TWELVE_HOURS);
    group_list_write(&w, &groups);
    assert_int_equal(
        batch_put(batch, RECORD_KMS_ENROLMENT, span_of_text(USER_IDENTITY), writer_span(&w)),
        STATUS_OK);
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    store_close(store);
    batch_free(batch);
    struct kms *kms = reopen(path);
    assert_int_equal(register_find(kms, USER_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.until_ms, JUNE_2026_MS);
    assert_int_equal(entry.revoked_ms, 0);
    assert_memory_equal(&entry.groups, &groups, sizeof groups);
    kms_close(kms);
}

static void what_must_not_be_enrolled_is_refused_and_not_recorded(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key();
    struct error error = {0};
    struct group_list own_uri = {0};
    assert_int_equal(group_list_add(&own_uri, KMS_URI), STATUS_OK);
    struct kms_terms in_own_uri = terms;
    in_own_uri.groups = &own_uri;
    struct kms_terms none = {.now_ms = MID_MAY_MS};
    struct kms_terms long_ago = {.now_ms = INT64_MIN, .max_key_period_ms = TWELVE_HOURS};
    assert_int_equal(enroll(kms, KMS_URI, key, terms, &error), STATUS_NOT_ALLOWED);
    assert_int_equal(enroll(kms, ME_IDENTITY, key, in_own_uri, &error), STATUS_NOT_ALLOWED);
    assert_int_equal(enroll(kms, "fire7", key, terms, &error), STATUS_IDENTITY_INVALID);
    assert_int_equal(enroll(kms, ME_IDENTITY, key, none, &error), STATUS_MALFORMED);
    assert_int_equal(enroll(kms, USER_IDENTITY, key, long_ago, &error), STATUS_TIME_OUT_OF_RANGE);
    memset(key->public_key, 0, DEVICE_KEY_SIZE);
    assert_int_equal(enroll(kms, ME_IDENTITY, key, terms, &error), STATUS_KEY_INVALID);
    assert_list(kms, "");
    device_key_free(key);
    kms_close(kms);
}

static void a_full_disk_loses_no_enrolment_and_gives_no_bundle(void **state) {
    const char *path = scratch_path(state, "domain");
    struct kms *kms = init(path);
    struct device_key *key = draw_device_key();
    struct error error = {0};
    struct rlimit limit;
    assert_int_equal(enroll(kms, USER_IDENTITY, key, terms, &error), STATUS_OK);
    char before[512] = "";
    assert_int_equal(register_list(kms, add_to_list, before, &error), STATUS_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct rlimit small = {100, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum status status = enroll(kms, ME_IDENTITY, key, terms, &error);
    struct kms *other;
    enum status init_status = kms_init(scratch_path(state, "other"), KMS_URI, false, PASSPHRASE,
                                       STORE_QUICK, provider(), &entropy_system, &other, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    assert_int_equal(status, STATUS_NO_SPACE);
    assert_int_equal(init_status, STATUS_NO_SPACE);
    assert_null(other);
    assert_int_equal(scratch_size(scratch_path(state, "other")), -1);
    assert_list(kms, before);
    kms_close(kms);
    kms = reopen(path);
    assert_list(kms, before);
    device_key_free(key);
    kms_close(kms);
}

static void what_is_no_domain_is_refused(void **state) {
    const char *path = scratch_path(state, "handset");
    struct store *store;
    struct kms *kms;
    struct error error;
    assert_int_equal(kms_init(path, "county", false, PASSPHRASE, STORE_QUICK, provider(),
                              &entropy_system, &kms, &error),
                     STATUS_IDENTITY_INVALID);
    assert_null(kms);
    assert_int_equal(scratch_size(path), -1);
    assert_int_equal(store_create(path, PASSPHRASE, STORE_QUICK, &entropy_system, &store, &error),
                     STATUS_OK);
    store_close(store);
    assert_int_equal(kms_open(path, PASSPHRASE, provider(), &kms, &error), STATUS_NOT_FOUND);
    assert_null(kms);
    assert_int_equal(kms_open(path, span_of_text("x"), provider(), &kms, &error),
                     STATUS_WRONG_PASSPHRASE);
}

/* Every module's keys are loaded by every other. */
static void keys_of_one_crypto_module_are_accepted_by_the_others(void **state) {
    (void)state;
    struct error error;
    for (unsigned n = 0; provider_name(n) != NULL; n++) {
        const struct provider *issuer = provider_find(provider_name(n));
        struct kms *kms;
        struct batch *batch = batch_new();
        struct credential *credential = credential_new();
        if (issuer != NULL) {
            assert_int_equal(
                kms_init_in_memory(KMS_URI, false, issuer, &entropy_system, &kms, &error),
                STATUS_OK);
            assert_int_equal(kms_enroll_in_memory(kms, USER_IDENTITY, "", &terms, &entropy_system,
                                                  batch, &error),
                             STATUS_OK);
            assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential),
                             STATUS_OK);
            for (unsigned m = 0; provider_name(m) != NULL; m++) {
                if (provider_find(provider_name(m)) != NULL) {
                    assert_int_equal(
                        enrolment_keys_check(credential, provider_find(provider_name(m))),
                        STATUS_OK);
                }
            }
            kms_close(kms);
        }
        credential_free(credential);
        batch_free(batch);
    }
}

/* --- Recovery ------------------------------------------------------------------------------- */

static enum status copy_domain(void *context, enum record_kind kind, struct span key,
                               struct span value) {
    (void)kind, (void)key;
    write_span(context, value);
    return writer_finish(context);
}

/* The domain's record as it was before there was the setting. */
static void write_first_version(const char *path) {
    static const char key[] = "domain";
    uint8_t octets[1024];
    struct writer w = writer_into(octets, sizeof octets);
    struct store *store;
    struct error error = {0};
    struct batch *batch = batch_new();
    bool found;
    assert_int_equal(store_open(path, PASSPHRASE, &store, &error), STATUS_OK);
    assert_int_equal(
        store_find(store, RECORD_KMS_DOMAIN, span_of_text(key), copy_domain, &w, &found, &error),
        STATUS_OK);
    assert_true(found);
    octets[0] = 1;
    assert_int_equal(
        batch_put(batch, RECORD_KMS_DOMAIN, span_of_text(key), (struct span){octets, w.length - 1}),
        STATUS_OK);
    assert_int_equal(store_apply(store, batch, &error), STATUS_OK);
    batch_free(batch);
    store_close(store);
}

static bool is_told_in_credentials(struct kms *kms) {
    struct batch *batch = batch_new();
    struct credential *credential = credential_new();
    struct error error = {0};
    struct kms_terms again = terms;
    again.replace = true; /* with a device key of its own each time */
    assert_int_equal(
        kms_enroll_in_memory(kms, ME_IDENTITY, "Fire 7", &again, &entropy_system, batch, &error),
        STATUS_OK);
    assert_int_equal(credential_read(secret_span(batch->changes[1].value), credential), STATUS_OK);
    bool recovery = credential->recovery;
    credential_free(credential);
    batch_free(batch);
    return recovery;
}

static void recovery_is_kept_told_in_credentials_and_off_in_domains_from_before_it(void **state) {
    for (unsigned on = 0; on < 2; on++) {
        const char *path = scratch_path(state, on == 1 ? "on" : "off");
        struct kms *kms;
        struct error error = {0};
        char fingerprint[FINGERPRINT_SIZE], first[FINGERPRINT_SIZE];
        assert_int_equal(kms_init(path, KMS_URI, on == 1, PASSPHRASE, STORE_QUICK, provider(),
                                  &entropy_system, &kms, &error),
                         STATUS_OK);
        kms_close(kms);
        kms = reopen(path);
        assert_int_equal(kms_has_recovery(kms), on);
        assert_int_equal(is_told_in_credentials(kms), on);
        kms_fingerprint(kms, fingerprint);
        kms_close(kms);
        write_first_version(path);
        kms = reopen(path);
        assert_false(kms_has_recovery(kms));
        assert_false(is_told_in_credentials(kms));
        kms_fingerprint(kms, first);
        assert_int_equal(strcmp(first, fingerprint) == 0, on == 0);
        kms_close(kms);
    }
}

/* Nobody gets the recovery identity's keys: it is no identity. */
static void the_recovery_identity_cannot_be_enrolled(void **state) {
    (void)state;
    struct kms *kms;
    struct error error = {0};
    struct batch *batch = batch_new();
    assert_int_equal(kms_init_in_memory(KMS_URI, true, provider(), &entropy_system, &kms, &error),
                     STATUS_OK);
    assert_int_not_equal(kms_enroll_in_memory(kms, "recovery:" KMS_URI, "Fire 7", &terms,
                                              &entropy_system, batch, &error),
                         STATUS_OK);
    assert_int_equal(batch->count, 0);
    batch_free(batch);
    kms_close(kms);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(recovery_is_kept_told_in_credentials_and_off_in_domains_from_before_it),
        TEST(the_recovery_identity_cannot_be_enrolled),
        TEST(an_me_gets_fixed_keys_and_its_maximum_key_period),
        TEST(a_user_gets_the_keys_of_the_month),
        TEST(a_handset_gets_its_groups_and_a_manager_the_keys_of_a_group_identity),
        TEST(an_enrolment_from_before_there_were_groups_is_still_read),
        TEST(enrolments_are_listed_with_when_and_until_when),
        TEST(a_domain_keeps_its_keys_when_it_is_opened_again),
        TEST(an_identity_goes_to_another_device_only_when_it_is_replaced),
        TEST(keys_of_the_next_month_are_issued_ahead_and_none_beyond),
        TEST(an_mes_fixed_keys_have_no_month),
        TEST(a_revoked_identity_gets_no_new_keys_whatever_device_asks),
        TEST(who_was_never_enrolled_or_is_revoked_is_not_revoked_again),
        TEST(an_entry_from_before_there_were_revocations_is_read_as_not_revoked),
        TEST(what_must_not_be_enrolled_is_refused_and_not_recorded),
        TEST(a_full_disk_loses_no_enrolment_and_gives_no_bundle),
        TEST(what_is_no_domain_is_refused),
        TEST(keys_of_one_crypto_module_are_accepted_by_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
