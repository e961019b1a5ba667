/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/obj_mac.h>

#include "crypto/native/eccsi.h"
#include "tests/crypto/fixture.h"

enum {
    REMEMBERED = 64
};

/* The n-th signer's hash, and a point of its own: all hashes begin alike. */
static void signer(const EC_GROUP *group, unsigned n, uint8_t hs[DIGEST_SIZE], EC_POINT *y) {
    memset(hs, 0x5A, DIGEST_SIZE);
    hs[DIGEST_SIZE - 1] = (uint8_t)n;
    BIGNUM *scalar = BN_new();
    assert_true(BN_set_word(scalar, n + 1));
    assert_true(EC_POINT_mul(group, y, scalar, NULL, NULL, NULL));
    BN_free(scalar);
}

static bool is_known(struct signers *signers, const EC_GROUP *group, unsigned n) {
    uint8_t hs[DIGEST_SIZE];
    EC_POINT *expected = EC_POINT_new(group), *found = EC_POINT_new(group);
    signer(group, n, hs, expected);
    bool known = signers_find(signers, hs, found);
    if (known) {
        assert_int_equal(EC_POINT_cmp(group, found, expected, NULL), 0);
    }
    EC_POINT_free(expected);
    EC_POINT_free(found);
    return known;
}

static void remember(struct signers *signers, const EC_GROUP *group, unsigned n) {
    uint8_t hs[DIGEST_SIZE];
    EC_POINT *y = EC_POINT_new(group);
    signer(group, n, hs, y);
    signers_remember(signers, hs, y);
    EC_POINT_free(y);
}

static void the_signer_who_was_silent_for_longest_is_forgotten(void **state) {
    (void)state;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    struct signers *signers = signers_new(group);
    assert_false(is_known(signers, group, 0));
    for (unsigned n = 0; n < REMEMBERED; n++) {
        remember(signers, group, n);
    }
    for (unsigned n = 0; n < REMEMBERED; n++) {
        assert_true(is_known(signers, group, n));
    }
    assert_true(is_known(signers, group, 0)); /* now 1 has been silent for longest */
    remember(signers, group, REMEMBERED);
    assert_true(is_known(signers, group, 0));
    assert_false(is_known(signers, group, 1));
    remember(signers, group, REMEMBERED); /* known already: takes no other's place */
    for (unsigned n = 2; n <= REMEMBERED; n++) {
        assert_true(is_known(signers, group, n));
    }
    signers_free(signers);
    EC_GROUP_free(group);
}

/* A forgery costs its sender nothing: it must push nobody out. */
static void only_who_signed_is_remembered(void **state) {
    (void)state;
    struct fixture fixture;
    struct eccsi_domain domain;
    static struct eccsi_key key;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    fixture_find("rfc.txt", "RFC 6507 appendix A", &fixture);
    struct span identifier = fixture_octets(&fixture, "identifier");
    struct span message = fixture_octets(&fixture, "message");
    assert_int_equal(eccsi_domain_open(fixture_octets(&fixture, "KPAK").octets, &domain),
                     STATUS_OK);
    assert_int_equal(eccsi_key_load(&domain, identifier, fixture_octets(&fixture, "SSK").octets,
                                    fixture_octets(&fixture, "PVT").octets, &key),
                     STATUS_OK);
    EC_POINT *y = EC_POINT_new(domain.group);
    memcpy(signature, fixture_exactly(&fixture, "signature", sizeof signature), sizeof signature);
    signature[40] ^= 1;
    assert_int_equal(eccsi_verify(&domain, identifier, message, signature),
                     STATUS_SIGNATURE_INVALID);
    assert_false(signers_find(domain.signers, key.hs, y));
    signature[40] ^= 1;
    assert_int_equal(eccsi_verify(&domain, identifier, message, signature), STATUS_OK);
    assert_true(signers_find(domain.signers, key.hs, y));

    /* Known or not, what does not verify does not. */
    assert_int_equal(eccsi_verify(&domain, identifier, message, signature), STATUS_OK);
    signature[40] ^= 1;
    assert_int_equal(eccsi_verify(&domain, identifier, message, signature),
                     STATUS_SIGNATURE_INVALID);
    EC_POINT_free(y);
    eccsi_domain_close(&domain);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signer_who_was_silent_for_longest_is_forgotten),
        cmocka_unit_test(only_who_signed_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
