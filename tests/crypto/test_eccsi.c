/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/native/eccsi.h"
#include "crypto/native/parameters.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/fixture.h"

static const char RFC6507[] = "RFC 6507 appendix A";

/* A source that gives scripted draws of one scalar each, and fails after the last. */
struct scripted {
    const uint8_t *scalars;
    size_t left;
};

static enum status draw_scripted(void *context, uint8_t *out, size_t length) {
    struct scripted *script = context;
    assert_int_equal(length, ECCSI_SCALAR_SIZE);
    if (script->left == 0) {
        return STATUS_LIBRARY_FAILED;
    }
    memcpy(out, script->scalars, length);
    script->scalars += length;
    script->left--;
    return STATUS_OK;
}

static void load(const struct fixture *fixture, struct eccsi_domain *domain,
                 struct eccsi_key *key) {
    assert_int_equal(eccsi_domain_open(fixture_exactly(fixture, "KPAK", ECCSI_POINT_SIZE), domain),
                     STATUS_OK);
    assert_int_equal(eccsi_key_load(domain, fixture_octets(fixture, "identifier"),
                                    fixture_exactly(fixture, "SSK", ECCSI_SCALAR_SIZE),
                                    fixture_exactly(fixture, "PVT", ECCSI_POINT_SIZE), key),
                     STATUS_OK);
}

static void check_signature(const struct fixture *fixture) {
    struct eccsi_domain domain;
    struct eccsi_key key;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    struct span message = fixture_octets(fixture, "message");
    const uint8_t *expected = fixture_exactly(fixture, "signature", sizeof signature);
    load(fixture, &domain, &key);
    struct scripted script = {fixture_exactly(fixture, "j", ECCSI_SCALAR_SIZE), 1};
    const struct entropy entropy = {draw_scripted, &script};
    assert_int_equal(eccsi_sign(&domain, &key, message, &entropy, signature), STATUS_OK);
    fixture_assert(fixture, memcmp(signature, expected, sizeof signature) == 0, "signature");
    assert_int_equal(
        eccsi_verify(&domain, fixture_octets(fixture, "identifier"), message, expected), STATUS_OK);
    eccsi_domain_close(&domain);
}

static void the_signature_of_rfc_6507_comes_out_octet_for_octet(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain;
    struct eccsi_key key;
    fixture_find("rfc.txt", RFC6507, &fixture);
    check_signature(&fixture);
    load(&fixture, &domain, &key);
    assert_memory_equal(key.hs, fixture_exactly(&fixture, "HS", DIGEST_SIZE), DIGEST_SIZE);
    eccsi_domain_close(&domain);
}

/* Among the fresh cases are signatures whose r and s begin with a zero octet. */
static void fresh_signatures_agree_with_an_independent_implementation(void **state) {
    (void)state;
    struct fixture fixture;
    unsigned leading_zeros = 0;
    FILE *file = fixture_open("fresh.txt");
    while (fixture_next(file, &fixture)) {
        check_signature(&fixture);
        const uint8_t *signature = fixture_octets(&fixture, "signature").octets;
        leading_zeros += signature[0] == 0 || signature[ECCSI_SCALAR_SIZE] == 0;
    }
    fclose(file);
    assert_true(leading_zeros >= 2);
}

static void a_kms_makes_the_keys_of_the_vectors(void **state) {
    (void)state;
    struct fixture fixture;
    FILE *file = fixture_open("fresh.txt");
    while (fixture_next(file, &fixture)) {
        struct eccsi_master master;
        uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
        struct scripted script = {fixture_exactly(&fixture, "v", ECCSI_SCALAR_SIZE), 1};
        const struct entropy entropy = {draw_scripted, &script};
        assert_int_equal(
            eccsi_master_load(fixture_exactly(&fixture, "KSAK", ECCSI_SCALAR_SIZE), &master),
            STATUS_OK);
        assert_memory_equal(master.kpak, fixture_octets(&fixture, "KPAK").octets, sizeof pvt);
        assert_int_equal(
            eccsi_issue(&master, fixture_octets(&fixture, "identifier"), &entropy, ssk, pvt),
            STATUS_OK);
        eccsi_master_close(&master);
        assert_memory_equal(ssk, fixture_octets(&fixture, "SSK").octets, sizeof ssk);
        assert_memory_equal(pvt, fixture_octets(&fixture, "PVT").octets, sizeof pvt);
    }
    fclose(file);
}

/* The order of P-256 plus `difference`, in octets. */
static void order_octets(uint8_t out[ECCSI_SCALAR_SIZE], int difference) {
    residue_to_octets(out, ECCSI_SCALAR_SIZE, &p256_order.value);
    out[ECCSI_SCALAR_SIZE - 1] = (uint8_t)(out[ECCSI_SCALAR_SIZE - 1] + difference);
}

static void a_j_out_of_range_is_drawn_again(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain;
    struct eccsi_key key;
    uint8_t draws[4][ECCSI_SCALAR_SIZE] = {{0}}, signature[ECCSI_SIGNATURE_SIZE];
    fixture_find("rfc.txt", RFC6507, &fixture);
    load(&fixture, &domain, &key);
    order_octets(draws[1], 0);
    memset(draws[2], 0xFF, sizeof draws[2]);
    memcpy(draws[3], fixture_octets(&fixture, "j").octets, sizeof draws[3]);
    struct scripted script = {draws[0], 4};
    const struct entropy entropy = {draw_scripted, &script};
    assert_int_equal(
        eccsi_sign(&domain, &key, fixture_octets(&fixture, "message"), &entropy, signature),
        STATUS_OK);
    assert_memory_equal(signature, fixture_octets(&fixture, "signature").octets, sizeof signature);
    assert_int_equal(script.left, 0);
    eccsi_domain_close(&domain);
}

static enum status draw_zeros(void *context, uint8_t *out, size_t length) {
    (void)context;
    memset(out, 0, length);
    return STATUS_OK;
}

static void a_broken_random_source_signs_and_issues_nothing(void **state) {
    (void)state;
    static const uint8_t nothing[ECCSI_SIGNATURE_SIZE];
    struct fixture fixture;
    struct eccsi_domain domain;
    struct eccsi_key key;
    struct eccsi_master master;
    uint8_t signature[ECCSI_SIGNATURE_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    struct scripted ended = {NULL, 0};
    const struct entropy sources[] = {{draw_zeros, NULL}, {draw_scripted, &ended}};
    fixture_find("fresh.txt", "fresh 1", &fixture);
    load(&fixture, &domain, &key);
    assert_int_equal(eccsi_master_load(fixture_octets(&fixture, "KSAK").octets, &master),
                     STATUS_OK);
    for (unsigned i = 0; i < 2; i++) {
        memset(signature, 1, sizeof signature);
        memset(ssk, 1, sizeof ssk);
        assert_int_equal(eccsi_sign(&domain, &key, span_of_text("m"), &sources[i], signature),
                         STATUS_LIBRARY_FAILED);
        assert_memory_equal(signature, nothing, sizeof signature);
        assert_int_equal(eccsi_issue(&master, span_of_text("a"), &sources[i], ssk, pvt),
                         STATUS_LIBRARY_FAILED);
        assert_memory_equal(ssk, nothing, sizeof ssk);
        assert_int_equal(eccsi_master_draw(&sources[i], ssk), STATUS_LIBRARY_FAILED);
        assert_memory_equal(ssk, nothing, sizeof ssk);
    }
    eccsi_master_close(&master);
    eccsi_domain_close(&domain);
}

static void refuse(const struct eccsi_domain *domain, const struct fixture *fixture,
                   const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    assert_int_equal(eccsi_verify(domain, fixture_octets(fixture, "identifier"),
                                  fixture_octets(fixture, "message"), signature),
                     STATUS_SIGNATURE_INVALID);
}

static void every_altered_octet_of_a_signature_is_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain;
    struct eccsi_key key;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    fixture_find("rfc.txt", RFC6507, &fixture);
    load(&fixture, &domain, &key);
    memcpy(signature, fixture_octets(&fixture, "signature").octets, sizeof signature);
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= (uint8_t)(1U << i % 8);
        refuse(&domain, &fixture, signature);
        signature[i] ^= (uint8_t)(1U << i % 8);
    }
    /* SEC1's hybrid form of the same point */
    signature[2 * ECCSI_SCALAR_SIZE] = 0x06 | (signature[ECCSI_SIGNATURE_SIZE - 1] & 1);
    refuse(&domain, &fixture, signature);
    eccsi_domain_close(&domain);
}

static void r_and_s_outside_1_to_n_minus_1_are_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain;
    struct eccsi_key key;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    fixture_find("rfc.txt", RFC6507, &fixture);
    load(&fixture, &domain, &key);
    for (size_t at = 0; at <= ECCSI_SCALAR_SIZE; at += ECCSI_SCALAR_SIZE) {
        memcpy(signature, fixture_octets(&fixture, "signature").octets, sizeof signature);
        memset(signature + at, 0, ECCSI_SCALAR_SIZE);
        refuse(&domain, &fixture, signature);
        order_octets(signature + at, 0);
        refuse(&domain, &fixture, signature);
        memset(signature + at, 0xFF, ECCSI_SCALAR_SIZE);
        refuse(&domain, &fixture, signature);
    }
    eccsi_domain_close(&domain);
}

static void a_signature_holds_for_its_message_identifier_and_domain_alone(void **state) {
    (void)state;
    struct fixture fixture, other;
    struct eccsi_domain domain, other_domain;
    struct eccsi_key key;
    fixture_find("rfc.txt", RFC6507, &fixture);
    fixture_find("fresh.txt", "fresh 1", &other);
    load(&fixture, &domain, &key);
    load(&other, &other_domain, &key);
    struct span identifier = fixture_octets(&fixture, "identifier");
    struct span message = fixture_octets(&fixture, "message");
    const uint8_t *signature = fixture_octets(&fixture, "signature").octets;
    assert_int_equal(eccsi_verify(&domain, identifier, span_of_text("another"), signature),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(eccsi_verify(&domain, identifier, (struct span){0}, signature),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(eccsi_verify(&domain, span_of_text("another"), message, signature),
                     STATUS_SIGNATURE_INVALID);
    assert_int_equal(eccsi_verify(&other_domain, identifier, message, signature),
                     STATUS_SIGNATURE_INVALID);
    eccsi_domain_close(&domain);
    eccsi_domain_close(&other_domain);
}

static void a_signing_key_of_another_identifier_or_domain_is_refused(void **state) {
    (void)state;
    struct fixture fixture, other;
    struct eccsi_domain domain;
    struct eccsi_key key;
    static const struct eccsi_key nothing;
    fixture_find("rfc.txt", RFC6507, &fixture);
    fixture_find("fresh.txt", "fresh 1", &other);
    load(&fixture, &domain, &key);
    struct span identifier = fixture_octets(&fixture, "identifier");
    const uint8_t *pvt = fixture_octets(&fixture, "PVT").octets;
    uint8_t ssk[ECCSI_SCALAR_SIZE];
    memcpy(ssk, fixture_octets(&fixture, "SSK").octets, sizeof ssk);
    assert_int_equal(eccsi_key_load(&domain, fixture_octets(&other, "identifier"), ssk, pvt, &key),
                     STATUS_KEY_INVALID);
    assert_int_equal(eccsi_key_load(&domain, identifier, fixture_octets(&other, "SSK").octets,
                                    fixture_octets(&other, "PVT").octets, &key),
                     STATUS_KEY_INVALID);
    ssk[ECCSI_SCALAR_SIZE - 1] ^= 1;
    assert_int_equal(eccsi_key_load(&domain, identifier, ssk, pvt, &key), STATUS_KEY_INVALID);
    memset(ssk, 0, sizeof ssk);
    assert_int_equal(eccsi_key_load(&domain, identifier, ssk, pvt, &key), STATUS_KEY_INVALID);
    memset(ssk, 0xFF, sizeof ssk);
    assert_int_equal(eccsi_key_load(&domain, identifier, ssk, pvt, &key), STATUS_KEY_INVALID);
    assert_memory_equal(&key, &nothing, sizeof key);
    eccsi_domain_close(&domain);
}

static void points_off_the_curve_at_infinity_or_out_of_range_are_refused(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain, other;
    struct eccsi_key key;
    uint8_t off[ECCSI_POINT_SIZE], infinity[ECCSI_POINT_SIZE] = {0}, large[ECCSI_POINT_SIZE];
    uint8_t hybrid[ECCSI_POINT_SIZE]; /* SEC1's third spelling of the point */
    fixture_find("rfc.txt", RFC6507, &fixture);
    load(&fixture, &domain, &key);
    memcpy(off, fixture_octets(&fixture, "KPAK").octets, sizeof off);
    off[ECCSI_POINT_SIZE - 1] ^= 1;
    memset(large, 0xFF, sizeof large);
    large[0] = 0x04;
    memcpy(hybrid, fixture_octets(&fixture, "KPAK").octets, sizeof hybrid);
    hybrid[0] = 0x06 | (hybrid[ECCSI_POINT_SIZE - 1] & 1);
    const uint8_t *bad[] = {off, infinity, large, hybrid};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(eccsi_domain_open(bad[i], &other), STATUS_POINT_INVALID);
        assert_int_equal(eccsi_key_load(&domain, fixture_octets(&fixture, "identifier"),
                                        fixture_octets(&fixture, "SSK").octets, bad[i], &key),
                         STATUS_POINT_INVALID);
    }
    eccsi_domain_close(&domain);
}

static void master_secrets_outside_1_to_n_minus_1_are_refused(void **state) {
    (void)state;
    struct eccsi_master master;
    uint8_t ksak[ECCSI_SCALAR_SIZE] = {0};
    assert_int_equal(eccsi_master_load(ksak, &master), STATUS_KEY_INVALID);
    order_octets(ksak, 0);
    assert_int_equal(eccsi_master_load(ksak, &master), STATUS_KEY_INVALID);
    order_octets(ksak, -1);
    assert_int_equal(eccsi_master_load(ksak, &master), STATUS_OK);
    eccsi_master_close(&master);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signature_of_rfc_6507_comes_out_octet_for_octet),
        cmocka_unit_test(fresh_signatures_agree_with_an_independent_implementation),
        cmocka_unit_test(a_kms_makes_the_keys_of_the_vectors),
        cmocka_unit_test(a_j_out_of_range_is_drawn_again),
        cmocka_unit_test(a_broken_random_source_signs_and_issues_nothing),
        cmocka_unit_test(every_altered_octet_of_a_signature_is_refused),
        cmocka_unit_test(r_and_s_outside_1_to_n_minus_1_are_refused),
        cmocka_unit_test(a_signature_holds_for_its_message_identifier_and_domain_alone),
        cmocka_unit_test(a_signing_key_of_another_identifier_or_domain_is_refused),
        cmocka_unit_test(points_off_the_curve_at_infinity_or_out_of_range_are_refused),
        cmocka_unit_test(master_secrets_outside_1_to_n_minus_1_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
