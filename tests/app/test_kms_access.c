/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Access to the broker as the KMS issues it: for how long, what renews it, and whom the broker's
 * configuration shuts out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <openssl/pem.h>
#include <sodium.h>
#include <unistd.h>

#include "app/broker/access.h"
#include "app/broker/broker.h"
#include "app/file.h"
#include "app/kms/readmission.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "scratch.h"

#define PASSPHRASE  span_of_text("correct horse")
#define ANNA        "tel:+447700900001"
#define FIRE        "sip:fire7@county.example"
#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define SERVERS     "tls://broker.county.example:4222"
#define DAY_MS      INT64_C(86400000)
#define NOVEMBER_MS INT64_C(1793491200000)
#define DECEMBER_MS INT64_C(1796083200000)
#define JANUARY_MS  INT64_C(1798761600000)
#define FEBRUARY_MS INT64_C(1801440000000)
#define NOW_MS      (NOVEMBER_MS + 10 * DAY_MS)

static struct device_key *device_key;
static struct kms *kms;
static uint8_t configuration[BROKER_CONFIGURATION_MAX];

/* A certificate that signs itself. */
static size_t make_authority(uint8_t *pem, size_t size) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    assert_int_equal(X509_set_pubkey(certificate, key), 1);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(out, certificate), 1);
    size_t length = (size_t)BIO_get_mem_data(out, &text);
    assert_true(length <= size);
    memcpy(pem, text, length);
    BIO_free(out);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return length;
}

static int setup(void **state) {
    uint8_t pem[ACCESS_CA_MAX];
    struct error error = {0};
    struct writer w = writer_into(configuration, sizeof configuration);
    assert_int_equal(device_key_new(&entropy_system, &device_key), STATUS_OK);
    assert_int_equal(scratch_setup(state), 0);
    assert_int_equal(kms_init(scratch_path(state, "domain"), "sip:kms@county.example", false,
                              PASSPHRASE, STORE_QUICK, provider_find("native"), &entropy_system,
                              &kms, &error),
                     STATUS_OK);
    const struct span ca = {pem, make_authority(pem, sizeof pem)};
    assert_int_equal(kms_set_broker(kms, SERVERS, ca, false, NOW_MS, &entropy_system, &w, &error),
                     STATUS_OK);
    return 0;
}

static int teardown(void **state) {
    kms_close(kms);
    device_key_free(device_key);
    return scratch_teardown(state);
}

/* The access in the text of a bundle. */
static struct access *open_access(struct span text) {
    struct credential *credential;
    struct access *access;
    struct error error = {0};
    assert_int_equal(enrolment_bundle_open("the bundle", text, device_key, provider_find("native"),
                                           &credential, &error),
                     STATUS_OK);
    assert_int_equal(access_open(text, device_key, credential, &access), STATUS_OK);
    credential_free(credential);
    return access;
}

static struct access *enroll(const char *identity, int64_t now_ms) {
    static uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    struct enrolment_request request = {.display_name = "Fire 7"};
    struct error error = {0};
    const struct kms_terms terms = {.now_ms = now_ms, .max_key_period_ms = 43200000};
    snprintf(request.identity, sizeof request.identity, "%s", identity);
    memcpy(request.device_key, device_key->public_key, DEVICE_KEY_SIZE);
    assert_int_equal(kms_enroll(kms, &request, &terms, &entropy_system, &bundle, &error),
                     STATUS_OK);
    return open_access(writer_span(&bundle));
}

static void access_ends_with_the_month_and_what_is_kept_is_fetched_for_a_month_more(void **state) {
    (void)state;
    struct access *anna = enroll(ANNA, NOW_MS);
    assert_int_equal(anna->until_ms, DECEMBER_MS + 2 * DAY_MS);
    assert_int_equal(anna->fetch_until_ms, DECEMBER_MS + 30 * DAY_MS);
    access_free(anna);
}

static void who_manages_a_group_has_none_for_fetching(void **state) {
    (void)state;
    struct access *fire = enroll(FIRE, NOW_MS);
    assert_int_equal(fire->until_ms, DECEMBER_MS + 2 * DAY_MS);
    assert_int_equal(fire->fetch_until_ms, 0);
    assert_string_equal(fire->fetch_jwt, "");
    access_free(fire);
}

/* Whose keys have no end: it was a year. */
static void an_mes_access_ends_with_the_next_month_and_it_fetches_for_a_year(void **state) {
    (void)state;
    struct access *me = enroll(ME_IDENTITY, NOW_MS);
    assert_int_equal(me->until_ms, JANUARY_MS + 2 * DAY_MS);
    assert_int_equal(me->fetch_until_ms, NOW_MS + 366 * DAY_MS);
    access_free(me);
}

static void no_progress(void *context, size_t done, size_t total) {
    (void)context;
    assert_true(done <= total);
}

static struct renewal_result renew_at(void **state, int64_t now_ms) {
    struct renewal_result result;
    struct error error = {0};
    const struct renewal_terms terms = {
        .now_ms = now_ms, .folder = scratch_path(state, "bundles"), .threads = 1};
    assert_int_equal(renewal_run(kms, &terms, no_progress, NULL, &result, &error), STATUS_OK);
    return result;
}

static void remove_bundle(void **state, int64_t month_ms, struct access **access) {
    char name[FILE_NAME_SIZE], path[512];
    struct secret *text;
    struct error error = {0};
    renewal_file_name(ME_IDENTITY, month_ms, name);
    snprintf(path, sizeof path, "%s/%s", scratch_path(state, "bundles"), name);
    assert_int_equal(file_read(path, ENROLMENT_FILE_MAX, &text, &error), STATUS_OK);
    *access = open_access(secret_span(text));
    secret_free(text);
    unlink(path);
    rmdir(scratch_path(state, "bundles"));
}

static void a_renewal_brings_an_mes_access_with_its_keys_once_a_month(void **state) {
    struct register_entry entry;
    struct access *me;
    struct error error = {0};
    access_free(enroll(ME_IDENTITY, NOW_MS));
    assert_int_equal(renew_at(state, NOW_MS + 14 * DAY_MS).bundles, 0);
    assert_int_equal(renew_at(state, DECEMBER_MS + 24 * DAY_MS).bundles, 1);
    assert_int_equal(renew_at(state, DECEMBER_MS + 25 * DAY_MS).bundles, 0);
    remove_bundle(state, DECEMBER_MS, &me);
    assert_int_equal(me->until_ms, FEBRUARY_MS + 2 * DAY_MS);
    access_free(me);
    assert_int_equal(register_find(kms, ME_IDENTITY, &entry, &error), STATUS_OK);
    assert_int_equal(entry.until_ms, 0); /* its keys have no end still */
    assert_int_equal(register_revoke(kms, ME_IDENTITY, "", JANUARY_MS, &error), STATUS_OK);
    const struct renewal_result result = renew_at(state, JANUARY_MS + 24 * DAY_MS);
    assert_int_equal(result.bundles, 0);
    assert_int_equal(result.revoked, 1);
    rmdir(scratch_path(state, "bundles"));
}

/* How many the configuration written at that time shuts out: the users' account is the last one,
 * and its token's claims have them. */
static size_t shut_out_at(int64_t now_ms) {
    static uint8_t claims[BROKER_CONFIGURATION_MAX];
    static char text[BROKER_CONFIGURATION_MAX + 1];
    struct writer w = writer_into(configuration, sizeof configuration);
    struct error error = {0};
    size_t length;
    assert_int_equal(kms_set_broker(kms, NULL, (struct span){NULL, 0}, false, now_ms,
                                    &entropy_system, &w, &error),
                     STATUS_OK);
    memcpy(text, configuration, w.length);
    text[w.length] = '\0';
    const char *begin = strchr(strrchr(text, ':'), '.') + 1, *end = strchr(begin, '.');
    assert_int_equal(sodium_base642bin(claims, sizeof claims, begin, (size_t)(end - begin), NULL,
                                       &length, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
                     0);
    json_t *account = json_loadb((const char *)claims, length, 0, NULL);
    const json_t *nats = json_object_get(account, "nats");
    assert_non_null(json_object_get(nats, "signing_keys"));
    size_t count = json_object_size(json_object_get(nats, "revocations"));
    json_decref(account);
    return count;
}

static void who_is_revoked_is_shut_out_for_longer_than_any_access_lasts(void **state) {
    (void)state;
    struct register_entry entry;
    struct error error = {0};
    struct access *anna = enroll(ANNA, NOW_MS);
    access_free(enroll(ME_IDENTITY, NOW_MS));
    assert_int_equal(shut_out_at(NOW_MS), 0);
    assert_int_equal(register_revoke(kms, ANNA, "", NOW_MS, &error), STATUS_OK);
    assert_int_equal(register_revoke(kms, ME_IDENTITY, "", NOW_MS, &error), STATUS_OK);
    assert_int_equal(shut_out_at(NOW_MS), 2);
    assert_int_equal(shut_out_at(anna->fetch_until_ms), 2);
    /* Until it may be enrolled again, when the same user comes with new tokens. */
    assert_int_equal(register_find(kms, ANNA, &entry, &error), STATUS_OK);
    int64_t from_ms = readmission_from_ms(&entry);
    assert_true(from_ms > anna->fetch_until_ms);
    assert_int_equal(shut_out_at(from_ms - 1), 2);
    assert_int_equal(shut_out_at(from_ms), 1);
    assert_int_equal(shut_out_at(from_ms + 900 * DAY_MS), 1); /* the ME */
    access_free(anna);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(access_ends_with_the_month_and_what_is_kept_is_fetched_for_a_month_more),
        TEST(who_manages_a_group_has_none_for_fetching),
        TEST(an_mes_access_ends_with_the_next_month_and_it_fetches_for_a_year),
        TEST(a_renewal_brings_an_mes_access_with_its_keys_once_a_month),
        TEST(who_is_revoked_is_shut_out_for_longer_than_any_access_lasts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
