/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/kms/kms.h"
#include "app/text/plain.h"

#define ME_IDENTITY "urn:gsma:imei:90420156-025763-0"
#define OTHER_ME    "urn:gsma:imei:90420156-025764-8"

static const struct kms_terms terms = {.now_ms = 1777600000000, .max_key_period_ms = 43200000};

/* A handset, and the bundle that a KMS gave it; made once by the first module present. */
struct enrolled {
    const struct provider *provider;
    struct kms *kms;
    struct device_key *key, *other_key;
    struct writer bundle;
    uint8_t text[ENROLMENT_TEXT_MAX];
};

static struct enrolment_request request_of(const struct device_key *key) {
    struct enrolment_request request = {.identity = ME_IDENTITY, .display_name = "Fire 7"};
    memcpy(request.device_key, key->public_key, DEVICE_KEY_SIZE);
    return request;
}

static int enrol_one(void **state) {
    static struct enrolled e;
    struct error error;
    for (unsigned n = 0; provider_name(n) != NULL && e.provider == NULL; n++) {
        e.provider = provider_find(provider_name(n));
    }
    if (e.provider == NULL) {
        return -1;
    }
    e.bundle = writer_into(e.text, sizeof e.text);
    if (device_key_new(&entropy_system, &e.key) != STATUS_OK ||
        device_key_new(&entropy_system, &e.other_key) != STATUS_OK ||
        kms_init_in_memory("sip:kms@county.example", false, e.provider, &entropy_system, &e.kms,
                           &error) != STATUS_OK) {
        return -1;
    }
    struct enrolment_request request = request_of(e.key);
    *state = &e;
    return kms_enroll(e.kms, &request, &terms, &entropy_system, &e.bundle, &error) != STATUS_OK;
}

static int forget(void **state) {
    struct enrolled *e = *state;
    kms_close(e->kms);
    device_key_free(e->key);
    device_key_free(e->other_key);
    return 0;
}

static enum status open_with(const struct enrolled *e, const struct device_key *key,
                             struct span text, struct error *error) {
    struct credential *credential;
    *error = (struct error){0};
    enum status status =
        enrolment_bundle_open("a.bundle", text, key, e->provider, &credential, error);
    assert_true((status == STATUS_OK) == (credential != NULL));
    if (status != STATUS_OK) { /* one line that names the file */
        assert_int_equal(strncmp(error->text, "a.bundle: ", 10), 0);
        assert_null(strchr(error->text, '\n'));
    }
    credential_free(credential);
    return status;
}

/* The bundle's octets without their armour, changed by the caller and armoured again. */
static struct span rearmoured(struct span octets, uint8_t text[ENROLMENT_TEXT_MAX]) {
    struct writer w = writer_into(text, ENROLMENT_TEXT_MAX);
    assert_int_equal(armour_write("MUSTER BUNDLE", octets, &w), STATUS_OK);
    return writer_span(&w);
}

static size_t bare(const struct enrolled *e, uint8_t octets[ARMOUR_OCTETS_MAX]) {
    struct writer w = writer_into(octets, ARMOUR_OCTETS_MAX);
    assert_int_equal(armour_read("MUSTER BUNDLE", writer_span(&e->bundle), &w), STATUS_OK);
    return w.length;
}

static void a_request_reads_back_as_written_also_in_a_letter(void **state) {
    const struct enrolled *e = *state;
    struct enrolment_request one = request_of(e->key), two;
    uint8_t text[ENROLMENT_TEXT_MAX];
    char letter[ENROLMENT_TEXT_MAX + 100];
    struct writer w = writer_into(text, sizeof text);
    struct error error;
    assert_int_equal(enrolment_request_write(&one, &w), STATUS_OK);
    assert_int_equal(enrolment_request_read("r", writer_span(&w), &two, &error), STATUS_OK);
    assert_string_equal(two.identity, ME_IDENTITY);
    assert_string_equal(two.display_name, "Fire 7");
    assert_memory_equal(two.device_key, e->key->public_key, DEVICE_KEY_SIZE);
    snprintf(letter, sizeof letter, "Dear KMS,\r\n%.*sYours, Fire 7\r\n", (int)w.length,
             (const char *)text);
    assert_int_equal(enrolment_request_read("r", span_of_text(letter), &two, &error), STATUS_OK);
    assert_string_equal(two.identity, ME_IDENTITY);
}

static void a_request_for_what_is_no_identity_or_name_is_not_written(void **state) {
    const struct enrolled *e = *state;
    uint8_t text[ENROLMENT_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    struct enrolment_request request = request_of(e->key);
    snprintf(request.identity, sizeof request.identity, "fire7");
    assert_int_equal(enrolment_request_write(&request, &w), STATUS_IDENTITY_INVALID);
    request = request_of(e->key);
    snprintf(request.display_name, sizeof request.display_name, "\x1B[2J");
    assert_int_equal(enrolment_request_write(&request, &w), STATUS_MALFORMED);
    assert_int_equal(w.length, 0);
}

static void a_truncated_or_damaged_request_is_refused_at_every_octet(void **state) {
    const struct enrolled *e = *state;
    struct enrolment_request one = request_of(e->key), two, nothing;
    uint8_t text[ENROLMENT_TEXT_MAX], copy[ENROLMENT_TEXT_MAX];
    struct writer w = writer_into(text, sizeof text);
    struct error error;
    memset(&nothing, 0, sizeof nothing);
    assert_int_equal(enrolment_request_write(&one, &w), STATUS_OK);
    size_t last = w.length - 6; /* the dashes and the newline after END do not matter */
    for (size_t length = 0; length < last; length++) {
        enum status status = enrolment_request_read("r", (struct span){text, length}, &two, &error);
        assert_int_equal(status, length < 25 ? STATUS_NOT_FOUND : STATUS_TRUNCATED);
        assert_memory_equal(&two, &nothing, sizeof two);
    }
    for (size_t i = 0; i < last; i++) {
        memcpy(copy, text, w.length);
        copy[i] ^= 2;
        enum status status =
            enrolment_request_read("r", (struct span){copy, w.length}, &two, &error);
        if (status == STATUS_OK) { /* it was a dash, a blank or padding, which say nothing */
            assert_false(plain_is_letter_or_digit(text[i]));
            assert_string_equal(two.identity, ME_IDENTITY);
        } else {
            assert_memory_equal(&two, &nothing, sizeof two);
        }
    }
}

static void a_bundle_opens_on_its_handset_with_keys_that_load(void **state) {
    const struct enrolled *e = *state;
    struct credential *credential;
    struct error error;
    assert_int_equal(enrolment_bundle_open("b", writer_span(&e->bundle), e->key, e->provider,
                                           &credential, &error),
                     STATUS_OK);
    assert_string_equal(credential->identity, ME_IDENTITY);
    assert_string_equal(credential->display_name, "Fire 7");
    assert_string_equal(credential->kms, "sip:kms@county.example");
    assert_int_equal(credential->max_key_period_ms, 43200000);
    assert_int_equal(credential->period_start_ms, 0);
    char one[FINGERPRINT_SIZE], two[FINGERPRINT_SIZE];
    credential_fingerprint(credential, one);
    kms_fingerprint(e->kms, two);
    assert_string_equal(one, two);
    credential_free(credential);
}

static void a_bundle_for_another_handset_is_refused_and_says_for_whom_it_is(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    assert_int_equal(open_with(e, e->other_key, writer_span(&e->bundle), &error),
                     STATUS_WRONG_RECIPIENT);
    assert_non_null(strstr(error.text, ME_IDENTITY));
}

static void a_bundle_cut_anywhere_is_refused(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    for (size_t length = 0; length < e->bundle.length - 6; length += 7) {
        enum status status = open_with(e, e->key, (struct span){e->text, length}, &error);
        assert_int_equal(status, length < 24 ? STATUS_NOT_FOUND : STATUS_TRUNCATED);
    }
    uint8_t octets[ARMOUR_OCTETS_MAX], text[ENROLMENT_TEXT_MAX];
    size_t whole = bare(e, octets);
    for (size_t length = 0; length < whole; length += 7) {
        assert_int_equal(
            open_with(e, e->key, rearmoured((struct span){octets, length}, text), &error),
            STATUS_TRUNCATED);
    }
}

static void a_bundle_changed_in_any_octet_is_refused(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    uint8_t octets[ARMOUR_OCTETS_MAX], text[ENROLMENT_TEXT_MAX];
    size_t whole = bare(e, octets);
    size_t box = 1 + 1 + strlen(ME_IDENTITY) + DEVICE_KEY_SIZE + 2;
    for (size_t i = 0; i < whole; i++) {
        octets[i] ^= 1;
        enum status status =
            open_with(e, e->key, rearmoured((struct span){octets, whole}, text), &error);
        octets[i] ^= 1;
        assert_int_not_equal(status, STATUS_OK);
        if (i >= box) {
            assert_int_equal(status, STATUS_SEAL_BROKEN);
        }
    }
}

static void a_bundle_that_names_another_identity_than_it_holds_is_refused(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    uint8_t octets[ARMOUR_OCTETS_MAX], text[ENROLMENT_TEXT_MAX];
    size_t whole = bare(e, octets);
    memcpy(octets + 2, OTHER_ME, strlen(OTHER_ME));
    assert_int_equal(open_with(e, e->key, rearmoured((struct span){octets, whole}, text), &error),
                     STATUS_SEAL_BROKEN);
}

static void a_bundle_or_device_key_of_a_newer_version_is_refused(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    uint8_t octets[ARMOUR_OCTETS_MAX], text[ENROLMENT_TEXT_MAX];
    size_t whole = bare(e, octets);
    octets[0] = 3;
    assert_int_equal(open_with(e, e->key, rearmoured((struct span){octets, whole}, text), &error),
                     STATUS_NEWER_VERSION);
    struct device_key *key;
    uint8_t value[1 + 2 * DEVICE_KEY_SIZE] = {2};
    assert_int_equal(device_key_read(SPAN_OF(value), &key), STATUS_NEWER_VERSION);
    assert_null(key);
    value[0] = 1;
    assert_int_equal(device_key_read((struct span){value, 64}, &key), STATUS_TRUNCATED);
    assert_null(key);
}

/* A KMS that makes mistakes, or somebody who knows only the device key's public half. */
static void keys_that_are_not_the_identitys_are_refused_before_they_are_stored(void **state) {
    const struct enrolled *e = *state;
    struct credential *credential;
    struct error error;
    uint8_t text[ENROLMENT_TEXT_MAX];
    assert_int_equal(enrolment_bundle_open("b", writer_span(&e->bundle), e->key, e->provider,
                                           &credential, &error),
                     STATUS_OK);
    for (int fault = 0; fault < 4; fault++) {
        struct credential *wrong = credential_new();
        *wrong = *credential;
        wrong->ssk[31] ^= fault == 0;
        wrong->rsk[200] ^= fault == 1;
        wrong->z[200] ^= fault == 2;
        if (fault == 3) {
            snprintf(wrong->identity, sizeof wrong->identity, "%s", OTHER_ME);
        }
        struct writer w = writer_into(text, sizeof text);
        assert_int_equal(enrolment_bundle_seal(wrong, e->key->public_key, &w), STATUS_OK);
        enum status status = open_with(e, e->key, writer_span(&w), &error);
        assert_true(status == STATUS_KEY_INVALID || status == STATUS_POINT_INVALID);
        credential_free(wrong);
    }
    credential_free(credential);
}

static void what_is_no_bundle_is_refused(void **state) {
    const struct enrolled *e = *state;
    struct error error;
    assert_int_equal(open_with(e, e->key, (struct span){NULL, 0}, &error), STATUS_NOT_FOUND);
    const char *texts[] = {
        "hello",
        "-----BEGIN MUSTER BUNDLE-----\n!!!!\n-----END MUSTER BUNDLE-----\n",
        "-----BEGIN MUSTER BUNDLE-----\nAA\n-----END MUSTER BUNDLE-----\n",
        "-----END MUSTER BUNDLE-----\n-----BEGIN MUSTER REQUEST-----\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_not_equal(open_with(e, e->key, span_of_text(texts[i]), &error), STATUS_OK);
        assert_non_null(strstr(error.text, "bundle"));
    }
}

static void the_device_key_rests_in_the_store_and_reads_back(void **state) {
    const struct enrolled *e = *state;
    struct batch *batch = batch_new();
    struct device_key *key;
    assert_int_equal(device_key_put(e->key, batch), STATUS_OK);
    assert_int_equal(batch->changes[0].kind, RECORD_DEVICE_KEY);
    assert_int_equal(device_key_read(secret_span(batch->changes[0].value), &key), STATUS_OK);
    assert_memory_equal(key, e->key, sizeof *key);
    device_key_free(key);
    batch_free(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_reads_back_as_written_also_in_a_letter),
        cmocka_unit_test(a_request_for_what_is_no_identity_or_name_is_not_written),
        cmocka_unit_test(a_truncated_or_damaged_request_is_refused_at_every_octet),
        cmocka_unit_test(a_bundle_opens_on_its_handset_with_keys_that_load),
        cmocka_unit_test(a_bundle_for_another_handset_is_refused_and_says_for_whom_it_is),
        cmocka_unit_test(a_bundle_cut_anywhere_is_refused),
        cmocka_unit_test(a_bundle_changed_in_any_octet_is_refused),
        cmocka_unit_test(a_bundle_that_names_another_identity_than_it_holds_is_refused),
        cmocka_unit_test(a_bundle_or_device_key_of_a_newer_version_is_refused),
        cmocka_unit_test(keys_that_are_not_the_identitys_are_refused_before_they_are_stored),
        cmocka_unit_test(what_is_no_bundle_is_refused),
        cmocka_unit_test(the_device_key_rests_in_the_store_and_reads_back),
    };
    return cmocka_run_group_tests(tests, enrol_one, forget);
}
