/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the KMS attests: names, numbered, and none that people may take for another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/identity/month.h"
#include "app/kms/kms.h"
#include "app/kms/register.h"
#include "app/kms/renewal.h"
#include "scratch.h"

#define PASSPHRASE span_of_text("correct horse")

enum {
    DAY_MS = 24 * 60 * 60 * 1000
};

static const int64_t may_ms = INT64_C(1777680000000); /* 2026-05-02 */

static const char *identity_of(unsigned n) {
    static char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "tel:+44770090012%u", n);
    return identity;
}

static struct kms *domain(void **state) {
    struct kms *kms;
    struct error error = {0};
    assert_int_equal(kms_init(scratch_path(state, "domain"), "sip:kms@county.example", false,
                              PASSPHRASE, STORE_QUICK, provider_find("native"), &entropy_system,
                              &kms, &error),
                     STATUS_OK);
    return kms;
}

static struct kms_terms terms_at(int64_t now_ms) {
    return (struct kms_terms){.now_ms = now_ms, .max_key_period_ms = DAY_MS, .refuse_alike = true};
}

/* Enrols the n-th identity under that name; its credential is the caller's to free. */
static enum status enroll(struct kms *kms, unsigned n, const char *name,
                          const struct kms_terms *terms, struct credential **credential,
                          struct error *error) {
    struct enrolment_request request = {0};
    struct device_key *key;
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer bundle = writer_into(text, sizeof text);
    assert_int_equal(device_key_new(&entropy_system, &key), STATUS_OK);
    snprintf(request.identity, sizeof request.identity, "%s", identity_of(n));
    snprintf(request.display_name, sizeof request.display_name, "%s", name);
    memcpy(request.device_key, key->public_key, DEVICE_KEY_SIZE);
    *credential = NULL;
    enum status status = kms_enroll(kms, &request, terms, &entropy_system, &bundle, error);
    if (status == STATUS_OK) {
        assert_int_equal(enrolment_bundle_open("bundle", writer_span(&bundle), key,
                                               provider_find("native"), credential, error),
                         STATUS_OK);
    }
    device_key_free(key);
    return status;
}

static enum status enroll_only(struct kms *kms, unsigned n, const char *name,
                               const struct kms_terms *terms, struct error *error) {
    struct credential *credential;
    enum status status = enroll(kms, n, name, terms, &credential, error);
    credential_free(credential);
    return status;
}

static enum status verify(const struct credential *credential) {
    struct domain_key *key;
    const struct provider *provider = provider_find("native");
    assert_int_equal(provider->domain_load(credential->z, credential->kpak, &key), STATUS_OK);
    enum status status = attestation_verify(&credential->attestation, credential->kms,
                                            credential->identity, provider, key);
    provider->domain_free(key);
    return status;
}

static void a_credential_has_its_name_attested_and_each_later_one_a_greater_number(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    struct credential *first, *second;
    terms.replace = true;
    assert_int_equal(enroll(kms, 1, "Anna", &terms, &first, &error), STATUS_OK);
    assert_string_equal(first->attestation.name, "Anna");
    assert_int_equal(verify(first), STATUS_OK);
    /* In the same second, and with a clock that was set back. */
    assert_int_equal(enroll(kms, 1, "Anne", &terms, &second, &error), STATUS_OK);
    assert_true(second->attestation.number > first->attestation.number);
    assert_int_equal(verify(second), STATUS_OK);
    credential_free(first);
    terms.now_ms -= DAY_MS;
    assert_int_equal(enroll(kms, 1, "Anna", &terms, &first, &error), STATUS_OK);
    assert_true(first->attestation.number > second->attestation.number);
    credential_free(first);
    credential_free(second);
    kms_close(kms);
}

static void the_kms_attests_the_same_after_it_was_opened_anew(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    struct credential *credential;
    kms_close(kms);
    assert_int_equal(
        kms_open(scratch_path(state, "domain"), PASSPHRASE, provider_find("native"), &kms, &error),
        STATUS_OK);
    assert_int_equal(enroll(kms, 1, "Anna", &terms, &credential, &error), STATUS_OK);
    assert_int_equal(verify(credential), STATUS_OK);
    credential_free(credential);
    kms_close(kms);
}

static void no_name_is_no_attestation(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    struct credential *credential;
    assert_int_equal(enroll(kms, 1, "", &terms, &credential, &error), STATUS_OK);
    assert_int_equal(credential->attestation.number, 0);
    credential_free(credential);
    assert_int_equal(enroll_only(kms, 2, "", &terms, &error), STATUS_OK);
    kms_close(kms);
}

static void a_name_that_looks_like_anothers_is_refused_unless_forced(void **state) {
    static const char *const names[] = {"Alpha", "ALPHA",  "Alph\xd0\xb0",
                                        "A1pha", "Al pha", "00900121"};
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    assert_int_equal(enroll_only(kms, 1, "Alpha", &terms, &error), STATUS_OK);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (enroll_only(kms, 2, names[i], &terms, &error) != STATUS_NOT_ALLOWED) {
            fail_msg("%s is attested", names[i]);
        }
        assert_non_null(strstr(error.text, identity_of(1)));
        assert_non_null(strstr(error.text, "--alike"));
    }
    assert_int_equal(enroll_only(kms, 2, "Bravo", &terms, &error), STATUS_OK);
    terms.refuse_alike = false;
    assert_int_equal(enroll_only(kms, 3, "Alpha", &terms, &error), STATUS_OK);
    kms_close(kms);
}

static void ones_own_name_and_that_of_a_revoked_one_are_free(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    terms.replace = true;
    assert_int_equal(enroll_only(kms, 1, "Alpha", &terms, &error), STATUS_OK);
    assert_int_equal(enroll_only(kms, 1, "Alpha", &terms, &error), STATUS_OK);
    assert_int_equal(register_revoke(kms, identity_of(1), "stolen", may_ms, &error), STATUS_OK);
    assert_int_equal(enroll_only(kms, 2, "Alpha", &terms, &error), STATUS_OK);
    kms_close(kms);
}

static void ignore(void *context, size_t done, size_t of) {
    (void)context;
    (void)done;
    (void)of;
}

static void renewal_carries_the_name_under_greater_numbers(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    struct register_entry before, after;
    struct renewal_result result;
    char folder[400];
    assert_int_equal(enroll_only(kms, 1, "Anna", &terms, &error), STATUS_OK);
    assert_int_equal(register_find(kms, identity_of(1), &before, &error), STATUS_OK);
    snprintf(folder, sizeof folder, "%s", scratch_path(state, "bundles"));
    const struct renewal_terms renewal = {.now_ms = may_ms, .folder = folder, .threads = 1};
    assert_int_equal(renewal_run(kms, &renewal, ignore, NULL, &result, &error), STATUS_OK);
    assert_int_equal(result.bundles, 1);
    assert_int_equal(register_find(kms, identity_of(1), &after, &error), STATUS_OK);
    assert_true(after.number > before.number);
    char bundle[FILE_NAME_SIZE], path[900];
    renewal_file_name(identity_of(1), month_start(may_ms, 1), bundle);
    snprintf(path, sizeof path, "%s/%s", folder, bundle);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
    kms_close(kms);
}

/* A credential from before names were attested opens, and has none; what is cut off or altered in
 * an attestation does not. */
static void older_credentials_open_without_an_attestation(void **state) {
    struct kms *kms = domain(state);
    struct error error = {0};
    struct kms_terms terms = terms_at(may_ms);
    struct credential *credential, *read = credential_new();
    uint8_t octets[CREDENTIAL_SIZE_MAX];
    struct writer w = writer_into(octets, sizeof octets);
    assert_non_null(read);
    assert_int_equal(enroll(kms, 1, "Anna", &terms, &credential, &error), STATUS_OK);
    assert_int_equal(credential_write(credential, &w), STATUS_OK);
    assert_int_equal(credential_read(writer_span(&w), read), STATUS_OK);
    assert_int_equal(read->attestation.number, credential->attestation.number);
    assert_int_equal(verify(read), STATUS_OK);
    const size_t attestation = 2 + 8 + ECCSI_SIGNATURE_SIZE;
    const size_t later = 8 + 1 + 8 + 8; /* limits, certificate, log and manager: there are none */
    for (size_t cut = 1; cut <= attestation + later; cut++) {
        assert_int_not_equal(credential_read((struct span){octets, w.length - cut}, read),
                             STATUS_OK);
    }
    octets[0] = 3;
    assert_int_equal(credential_read((struct span){octets, w.length - attestation - later}, read),
                     STATUS_OK);
    assert_int_equal(read->attestation.number, 0);
    assert_string_equal(read->display_name, "Anna");
    credential->attestation.signature[70] ^= 1;
    assert_int_not_equal(enrolment_keys_check(credential, provider_find("native")), STATUS_OK);
    credential_free(credential);
    credential_free(read);
    kms_close(kms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_credential_has_its_name_attested_and_each_later_one_a_greater_number, scratch_setup,
            scratch_teardown),
        cmocka_unit_test_setup_teardown(the_kms_attests_the_same_after_it_was_opened_anew,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(no_name_is_no_attestation, scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_name_that_looks_like_anothers_is_refused_unless_forced,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(ones_own_name_and_that_of_a_revoked_one_are_free,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(renewal_carries_the_name_under_greater_numbers,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(older_credentials_open_without_an_attestation,
                                        scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
