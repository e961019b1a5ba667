/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/identity/keyring.h"
#include "app/identity/month.h"
#include "app/identity/requests.h"
#include "app/kms/audit.h"
#include "app/kms/domain.h"
#include "app/kms/register.h"
#include "app/kms/statements.h"
#include "crypto/secret.h"
#include "scratch.h"

#define KMS_URI    "sip:kms@county.example"
#define PASSPHRASE span_of_text("correct horse")
#define ROOT_WORDS span_of_text("battery staple")
#define ANNA       "tel:+447700900001"

static const int64_t now_ms = 1777600000000; /* May 2026 */
static const int64_t day_ms = INT64_C(24) * 3600 * 1000;

static const struct provider *provider(void) {
    return provider_find("native");
}

static struct kms *new_domain(void **state, const char *name) {
    struct kms *kms;
    struct error error;
    assert_int_equal(kms_init(scratch_path(state, name), KMS_URI, false, PASSPHRASE, STORE_QUICK,
                              provider(), &entropy_system, &kms, &error),
                     STATUS_OK);
    return kms;
}

static struct kms *open_domain(void **state, const char *name) {
    struct kms *kms;
    struct error error;
    assert_int_equal(kms_open(scratch_path(state, name), PASSPHRASE, provider(), &kms, &error),
                     STATUS_OK);
    return kms;
}

static enum status certify(struct kms *kms, const uint8_t *secret, int64_t at_ms) {
    struct error error;
    return kms_certify(kms, secret, at_ms, &entropy_system, &error);
}

static enum status set_limits(struct kms *kms, int64_t longest_ms, int64_t tolerance_ms,
                              int64_t at_ms) {
    struct error error;
    return kms_set_limits(kms, longest_ms, tolerance_ms, at_ms, &entropy_system, &error);
}

/* Enrols Anna; what came of it is the caller's. */
static enum status enrol(struct kms *kms, int64_t at_ms, struct credential **credential) {
    const struct kms_terms terms = {.now_ms = at_ms, .max_key_period_ms = day_ms, .replace = true};
    struct enrolment_request request = {.identity = ANNA, .display_name = "Anna"};
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct device_key *key;
    struct error error;
    *credential = NULL;
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    memcpy(request.device_key, key->public_key, sizeof request.device_key);
    enum status status = kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error);
    if (status == STATUS_OK) {
        assert_int_equal(enrolment_bundle_open("bundle", writer_span(&bundle), key, provider(),
                                               credential, &error),
                         STATUS_OK);
    }
    device_key_free(key);
    return status;
}

static void bundles_carry_the_roots_certificate_and_the_limits(void **state) {
    struct kms *kms = new_domain(state, "domain");
    struct credential *credential;
    char before[FINGERPRINT_SIZE], after[FINGERPRINT_SIZE];
    kms_fingerprint(kms, before);
    assert_int_equal(certify(kms, NULL, now_ms), STATUS_OK);
    assert_int_equal(set_limits(kms, 35 * day_ms, day_ms / 2, now_ms), STATUS_OK);
    kms_close(kms);
    kms = open_domain(state, "domain");
    kms_fingerprint(kms, after);
    assert_string_not_equal(before, after); /* it is the root's now */
    assert_true(kms_has_root_secret(kms));
    assert_int_equal(enrol(kms, now_ms, &credential), STATUS_OK);
    credential_fingerprint(credential, before);
    assert_string_equal(before, after);
    assert_int_equal(credential->certificate.until_ms, now_ms + CERTIFICATE_PERIOD_MS);
    assert_int_equal(credential->limits.longest_period_ms, 35 * day_ms);
    assert_int_equal(credential->limits.tolerance_ms, day_ms / 2);
    credential_free(credential);
    kms_close(kms);
}

/* The last bundle of a certificate is for the last month that begins before its end. */
static void nothing_is_issued_beyond_the_certificate(void **state) {
    struct kms *kms = new_domain(state, "domain");
    struct credential *credential;
    assert_int_equal(certify(kms, NULL, now_ms), STATUS_OK);
    int64_t end_ms = now_ms + CERTIFICATE_PERIOD_MS;
    assert_int_equal(enrol(kms, end_ms - 1, &credential), STATUS_OK);
    credential_free(credential);
    assert_int_equal(enrol(kms, end_ms, &credential), STATUS_NOT_ALLOWED);
    assert_int_equal(certify(kms, NULL, end_ms), STATUS_OK);
    assert_int_equal(enrol(kms, end_ms, &credential), STATUS_OK);
    credential_free(credential);
    kms_close(kms);
}

struct counting {
    size_t secrets;
    const uint8_t *secret;
};

static enum status count_secret(void *context, enum record_kind kind, struct span key,
                                struct span value) {
    struct counting *counting = context;
    (void)kind;
    (void)key;
    counting->secrets +=
        memmem(value.octets, value.length, counting->secret, ROOT_SEED_SIZE) != NULL;
    return STATUS_OK;
}

static void the_roots_secret_can_be_taken_out_and_certifies_from_there(void **state) {
    struct kms *kms = new_domain(state, "domain"), *other = new_domain(state, "other");
    struct secret *secret, *nothing;
    struct error error;
    char before[FINGERPRINT_SIZE], after[FINGERPRINT_SIZE], path[SCRATCH_PATH_SIZE];
    snprintf(path, sizeof path, "%s", scratch_path(state, "root"));
    assert_int_equal(
        kms_take_root(kms, path, ROOT_WORDS, STORE_QUICK, now_ms, &entropy_system, &error),
        STATUS_NOT_FOUND); /* there is none yet */
    assert_int_equal(certify(kms, NULL, now_ms), STATUS_OK);
    assert_int_equal(certify(other, NULL, now_ms), STATUS_OK);
    kms_fingerprint(kms, before);
    assert_int_equal(
        kms_take_root(kms, path, ROOT_WORDS, STORE_QUICK, now_ms, &entropy_system, &error),
        STATUS_OK);
    assert_int_equal(root_secret_read(path, PASSPHRASE, &secret, &error), STATUS_WRONG_PASSPHRASE);
    assert_int_equal(root_secret_read(path, ROOT_WORDS, &secret, &error), STATUS_OK);
    struct counting counting = {.secret = secret->octets};
    assert_int_equal(store_load(kms->store, count_secret, &counting, &error), STATUS_OK);
    assert_int_equal(counting.secrets, 0);
    kms_close(kms);
    kms = open_domain(state, "domain");
    assert_false(kms_has_root_secret(kms));
    assert_int_equal(certify(kms, NULL, now_ms + day_ms), STATUS_NOT_FOUND);
    assert_int_equal(certify(kms, other->root_secret, now_ms + day_ms), STATUS_KEY_INVALID);
    assert_int_equal(kms_certificate(kms)->until_ms, now_ms + CERTIFICATE_PERIOD_MS);
    assert_int_equal(certify(kms, secret->octets, now_ms + day_ms), STATUS_OK);
    assert_int_equal(kms_certificate(kms)->until_ms, now_ms + day_ms + CERTIFICATE_PERIOD_MS);
    assert_false(kms_has_root_secret(kms)); /* it was used, not kept */
    kms_fingerprint(kms, after);
    assert_string_equal(before, after);
    kms_close(kms);
    assert_int_equal(root_secret_read(scratch_path(state, "domain"), PASSPHRASE, &nothing, &error),
                     STATUS_NOT_FOUND);
    secret_free(secret);
    kms_close(other);
}

/* Numbers rise however the KMS's clock goes, and however soon it is asked again. */
static void a_number_is_greater_than_the_last_and_than_the_seconds(void **state) {
    struct kms *kms = new_domain(state, "domain");
    struct credential *credential;
    uint64_t last = 0;
    const int64_t clocks[] = {now_ms, now_ms, now_ms - 3 * day_ms, now_ms + 5000};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        assert_int_equal(enrol(kms, clocks[i], &credential), STATUS_OK);
        assert_true(credential->issue.number > last);
        assert_true(credential->issue.number >= (uint64_t)(clocks[i] / 1000));
        last = credential->issue.number;
        credential_free(credential);
        assert_int_equal(set_limits(kms, (int64_t)(i + 1) * day_ms, 0, clocks[i]), STATUS_OK);
        uint64_t number = kms_limits(kms)->number;
        assert_true(number >= (uint64_t)(clocks[i] / 1000));
        kms_close(kms); /* they are durable */
        kms = open_domain(state, "domain");
        assert_int_equal(kms_limits(kms)->number, number);
        assert_int_equal(kms_limits(kms)->longest_period_ms, (int64_t)(i + 1) * day_ms);
    }
    kms_close(kms);
}

/* Without its register of last week's, which was lost, it does not fall behind. */
static void a_restored_kms_does_not_fall_behind(void **state) {
    struct kms *kms = new_domain(state, "domain");
    struct credential *lost, *next;
    struct register_entry entry;
    struct error error;
    assert_int_equal(enrol(kms, now_ms - 7 * day_ms, &lost), STATUS_OK);
    credential_free(lost);
    assert_int_equal(register_find(kms, ANNA, &entry, &error), STATUS_OK);
    assert_int_equal(enrol(kms, now_ms, &lost), STATUS_OK);
    struct batch *batch = batch_new();
    assert_int_equal(register_put(&entry, batch), STATUS_OK); /* as it was a week ago */
    assert_int_equal(store_apply(kms->store, batch, &error), STATUS_OK);
    batch_free(batch);
    assert_int_equal(enrol(kms, now_ms + 1000, &next), STATUS_OK);
    assert_true(next->issue.number > lost->issue.number);
    credential_free(lost);
    credential_free(next);
    kms_close(kms);
}

static void limits_that_no_domain_may_have_are_refused(void **state) {
    struct kms *kms = new_domain(state, "domain");
    assert_int_equal(set_limits(kms, 0, 0, now_ms), STATUS_MALFORMED);
    assert_int_equal(set_limits(kms, -1, 0, now_ms), STATUS_MALFORMED);
    assert_int_equal(set_limits(kms, LIMITS_LONGEST_PERIOD_MS + 1, 0, now_ms), STATUS_MALFORMED);
    assert_int_equal(set_limits(kms, day_ms, -1, now_ms), STATUS_MALFORMED);
    assert_int_equal(set_limits(kms, day_ms, LIMITS_TOLERANCE_MAX_MS + 1, now_ms),
                     STATUS_MALFORMED);
    assert_int_equal(kms_limits(kms)->number, 0);
    kms_close(kms);
}

/* What the engine asks: the newest word that it holds, or the usual. */
static void a_keyring_knows_its_domains_limits(void **state) {
    struct kms *kms = new_domain(state, "domain");
    struct keyring keyring = {.provider = provider()};
    struct credential *credential;
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    assert_int_equal(keyring_limits(&keyring).longest_period_ms, LIMITS_LONGEST_PERIOD_MS);
    assert_int_equal(keyring_limits(&keyring).tolerance_ms, LIMITS_TOLERANCE_MS);
    const int64_t months[] = {month_start(now_ms, 1), now_ms};
    for (size_t i = 0; i < 2; i++) { /* the newer word comes with the earlier month */
        assert_int_equal(set_limits(kms, (int64_t)(i + 1) * day_ms, 0, now_ms), STATUS_OK);
        assert_int_equal(enrol(kms, months[i], &credential), STATUS_OK);
        struct writer w = writer_into(octets, sizeof octets);
        assert_int_equal(credential_write(credential, &w), STATUS_OK);
        assert_int_equal(
            keyring_load(&keyring, span_of_text(i == 0 ? "june" : "may"), writer_span(&w)),
            STATUS_OK);
        credential_free(credential);
    }
    assert_int_equal(keyring_limits(&keyring).longest_period_ms, 2 * day_ms);
    keyring_clear(&keyring);
    kms_close(kms);
}

static void a_handset_remembers_a_few_requests(void **state) {
    (void)state;
    struct requests one = {.number = 9}, two = {0};
    uint8_t hash[SEAL_HASH_SIZE] = {0};
    struct batch *batch = batch_new();
    strcpy(one.identity, ANNA);
    for (uint8_t n = 1; n <= REQUESTS_MAX + 1; n++) {
        hash[0] = n;
        requests_add(&one, hash);
    }
    assert_int_equal(requests_put(&one, batch), STATUS_OK);
    struct span value = secret_span(batch->changes[0].value);
    assert_int_equal(requests_read(value, &two), STATUS_OK);
    assert_int_equal(two.number, 9);
    for (uint8_t n = 1; n <= REQUESTS_MAX + 1; n++) {
        hash[0] = n;
        assert_int_equal(requests_have(&two, hash), n > 1); /* the oldest is forgotten */
    }
    for (size_t length = 0; length < value.length; length++) {
        assert_int_not_equal(requests_read((struct span){value.octets, length}, &two), STATUS_OK);
    }
    uint8_t octets[512];
    memcpy(octets, value.octets, value.length);
    octets[0] = 2;
    assert_int_equal(requests_read((struct span){octets, value.length}, &two),
                     STATUS_NEWER_VERSION);
    octets[0] = 1;
    octets[9] = REQUESTS_MAX + 1;
    assert_int_equal(requests_read((struct span){octets, sizeof octets}, &two), STATUS_MALFORMED);
    batch_free(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bundles_carry_the_roots_certificate_and_the_limits,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_issued_beyond_the_certificate, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(the_roots_secret_can_be_taken_out_and_certifies_from_there,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_number_is_greater_than_the_last_and_than_the_seconds,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_restored_kms_does_not_fall_behind, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(limits_that_no_domain_may_have_are_refused, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_keyring_knows_its_domains_limits, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(a_handset_remembers_a_few_requests, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
