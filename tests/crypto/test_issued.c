/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receiver keys made many at a time are those made one by one. And a KMS's check of the keys that
 * it issued, many at a time: what was issued passes, and whatever
 * else is among many, however little it differs, does not. On each module present, and each of the
 * native module's arithmetics.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/native/curve.h"
#include "crypto/provider.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/modules.h"

enum {
    KEYS = 40,       /* more than are checked at once */
    KEYS_OF_SLOW = 3 /* where each is loaded */
};

struct domain {
    struct master_key *master;
    struct domain_key *domain;
};

static struct kms {
    const struct provider *module;
    size_t count;
    struct domain own, other;
    char names[KEYS][32];
    struct span identifiers[KEYS];
    uint8_t keys[KEYS][SAKKE_POINT_SIZE];
    const uint8_t *rsks[KEYS];
    uint8_t scalars[KEYS][ECCSI_SCALAR_SIZE], points[KEYS][ECCSI_POINT_SIZE];
    const uint8_t *ssks[KEYS], *pvts[KEYS];
} kms;

static void make_domain(struct domain *domain) {
    const struct provider *module = kms.module;
    uint8_t z[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    uint8_t z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    assert_status(module, STATUS_OK, module->master_generate(&entropy_system, z, ksak));
    assert_status(module, STATUS_OK, module->master_load(z, ksak, &domain->master));
    assert_status(module, STATUS_OK, module->public_keys(domain->master, z_point, kpak));
    assert_status(module, STATUS_OK, module->domain_load(z_point, kpak, &domain->domain));
}

static void free_domain(struct domain *domain) {
    kms.module->domain_free(domain->domain);
    kms.module->master_free(domain->master);
}

static void issue(size_t n) {
    const struct provider *module = kms.module;
    assert_status(module, STATUS_OK,
                  module->issue_receiver_key(kms.own.master, kms.identifiers[n], kms.keys[n]));
}

static void issue_signing(size_t n) {
    const struct provider *module = kms.module;
    assert_status(module, STATUS_OK,
                  module->issue_signing_key(kms.own.master, kms.identifiers[n], &entropy_system,
                                            kms.scalars[n], kms.points[n]));
}

static void begin(const struct provider *module) {
    kms.module = module;
    kms.count = strcmp(module->name, "native") == 0 ? KEYS : KEYS_OF_SLOW;
    make_domain(&kms.own);
    make_domain(&kms.other);
    for (size_t n = 0; n < kms.count; n++) {
        snprintf(kms.names[n], sizeof kms.names[n], "tel:+4477009%05zu", n * n);
        kms.identifiers[n] = span_of_text(kms.names[n]);
        kms.rsks[n] = kms.keys[n];
        kms.ssks[n] = kms.scalars[n];
        kms.pvts[n] = kms.points[n];
        issue(n);
        issue_signing(n);
    }
}

static void end(void) {
    free_domain(&kms.own);
    free_domain(&kms.other);
}

static enum status check_of(const struct domain *domain, size_t first, size_t count) {
    return kms.module->receiver_keys_check(kms.own.master, domain->domain, count,
                                           &kms.identifiers[first], &kms.rsks[first]);
}

/* The keys are refused, alone and among all; then they are as they were. */
static void assert_refused(size_t n) {
    assert_status(kms.module, STATUS_KEY_INVALID, check_of(&kms.own, 0, kms.count));
    assert_status(kms.module, STATUS_KEY_INVALID, check_of(&kms.own, n, 1));
    issue(n);
    assert_status(kms.module, STATUS_OK, check_of(&kms.own, n, 1));
}

static enum status check_signing_of(const struct domain *domain, size_t first, size_t count) {
    return kms.module->signing_keys_check(kms.own.master, domain->domain, count,
                                          &kms.identifiers[first], &kms.ssks[first],
                                          &kms.pvts[first]);
}

static void assert_signing_refused(size_t n) {
    assert_status(kms.module, STATUS_KEY_INVALID, check_signing_of(&kms.own, 0, kms.count));
    assert_status(kms.module, STATUS_KEY_INVALID, check_signing_of(&kms.own, n, 1));
    issue_signing(n);
    assert_status(kms.module, STATUS_OK, check_signing_of(&kms.own, n, 1));
}

/* The other modules have one arithmetic each. */
static bool others_are_tested;

static void each_module(void (*test)(void)) {
    const struct provider *module;
    for (unsigned n = 0; (module = module_at(n)) != NULL; n++) {
        if (n == 0 || !others_are_tested) {
            begin(module);
            test();
            end();
        }
    }
}

static void pass(void) {
    assert_status(kms.module, STATUS_OK, check_of(&kms.own, 0, kms.count));
    assert_status(kms.module, STATUS_OK, check_of(&kms.own, 2, 1));
    assert_status(kms.module, STATUS_KEY_INVALID, check_of(&kms.other, 0, 1));
}

static void what_was_issued_passes_in_its_own_domain_alone(void **state) {
    (void)state;
    each_module(pass);
}

/* Many at once, from somewhere on, and one identity twice. */
static void make_together(void) {
    static uint8_t made[KEYS][SAKKE_POINT_SIZE];
    struct span identifiers[KEYS];
    uint8_t *rsks[KEYS];
    for (size_t count = 1; count <= kms.count; count += 1 + count / 9) {
        for (size_t i = 0; i < count; i++) {
            size_t n = i + 1 == count ? 0 : i;
            identifiers[i] = kms.identifiers[n];
            rsks[i] = made[i];
        }
        memset(made, 0, sizeof made);
        assert_status(kms.module, STATUS_OK,
                      kms.module->issue_receiver_keys(kms.own.master, count, identifiers, rsks));
        for (size_t i = 0; i < count; i++) {
            assert_memory_equal(made[i], kms.keys[i + 1 == count ? 0 : i], SAKKE_POINT_SIZE);
        }
    }
}

static void keys_made_together_are_those_made_one_by_one(void **state) {
    (void)state;
    each_module(make_together);
}

/* The KMS of RFC 6508 appendix A: the key of its only identity is the same among those of others.
 */
static void make_that_of_the_rfc(void) {
    static const uint8_t z[SAKKE_FIELD_SIZE] = {[108] = 0xAF, 0xF4, 0x29, 0xD3, 0x5F, 0x84, 0xB1,
                                                0x10,         0xD0, 0x94, 0x80, 0x3B, 0x35, 0x95,
                                                0xA6,         0xE2, 0x99, 0x8B, 0xC9, 0x9F};
    static const uint8_t ksak[ECCSI_SCALAR_SIZE] = {[ECCSI_SCALAR_SIZE - 1] = 1};
    struct keys keys = keys_of_rfc();
    struct span identifiers[KEYS];
    uint8_t made[KEYS_OF_SLOW][SAKKE_POINT_SIZE], z_point[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t *rsks[KEYS_OF_SLOW] = {made[0], made[1], made[2]};
    struct master_key *master;
    assert_status(kms.module, STATUS_OK, kms.module->master_load(z, ksak, &master));
    assert_status(kms.module, STATUS_OK, kms.module->public_keys(master, z_point, kpak));
    assert_memory_equal(z_point, keys.z, sizeof z_point);
    memcpy(identifiers, kms.identifiers, sizeof identifiers);
    identifiers[1] = keys_identifier(&keys);
    assert_status(kms.module, STATUS_OK,
                  kms.module->issue_receiver_keys(master, KEYS_OF_SLOW, identifiers, rsks));
    assert_memory_equal(made[1], keys.rsk, sizeof keys.rsk);
    kms.module->master_free(master);
}

static void the_key_of_the_rfc_is_made_among_others(void **state) {
    (void)state;
    each_module(make_that_of_the_rfc);
}

/* The one identifier for which there is no key, q - z_T, among others: then there is none. */
static void make_where_none_is(void) {
    static const struct residue zero;
    static const uint8_t ksak[ECCSI_SCALAR_SIZE] = {[ECCSI_SCALAR_SIZE - 1] = 1};
    struct residue z = {{UINT64_C(0x123456789), 5, 7}};
    uint8_t octets[SAKKE_FIELD_SIZE], made[KEYS_OF_SLOW][SAKKE_POINT_SIZE];
    uint8_t *rsks[KEYS_OF_SLOW] = {made[0], made[1], made[2]};
    struct span identifiers[KEYS_OF_SLOW] = {kms.identifiers[0], SPAN_OF(octets),
                                             kms.identifiers[1]};
    struct master_key *master;
    residue_to_octets(octets, sizeof octets, &z);
    assert_status(kms.module, STATUS_OK, kms.module->master_load(octets, ksak, &master));
    residue_subtract(&z, &zero, &z, &sakke_q);
    residue_to_octets(octets, sizeof octets, &z);
    memset(made, 0xFF, sizeof made);
    assert_status(kms.module, STATUS_KEY_INVALID,
                  kms.module->issue_receiver_keys(master, KEYS_OF_SLOW, identifiers, rsks));
    for (size_t i = 0; i < sizeof made; i++) {
        assert_int_equal(((const uint8_t *)made)[i], 0);
    }
    kms.module->master_free(master);
}

static void where_one_has_no_key_none_is_made(void **state) {
    (void)state;
    each_module(make_where_none_is);
}

/* Their sum is the same: each must be weighed on its own. */
static void swap(void) {
    uint8_t first[SAKKE_POINT_SIZE];
    memcpy(first, kms.keys[1], sizeof first);
    memcpy(kms.keys[1], kms.keys[2], sizeof first);
    memcpy(kms.keys[2], first, sizeof first);
    assert_status(kms.module, STATUS_KEY_INVALID, check_of(&kms.own, 0, kms.count));
    issue(2);
    assert_refused(1);
}

static void two_that_are_swapped_are_refused(void **state) {
    (void)state;
    each_module(swap);
}

static void spoil_octets(void) {
    static const size_t places[] = {0, 1, 100, 128, 129, 256};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        kms.keys[kms.count - 1][places[i]] ^= 1;
        assert_refused(kms.count - 1);
    }
    memset(kms.keys[0], 0, sizeof kms.keys[0]);
    assert_refused(0);
    memset(kms.keys[0], 0xFF, sizeof kms.keys[0]);
    assert_refused(0);
}

static void one_wrong_bit_is_refused(void **state) {
    (void)state;
    each_module(spoil_octets);
}

static void put_point(size_t n, const struct affine_point *point) {
    curve_write(kms.keys[n], point);
}

/* The negative, another key's sum with it, and its sum with (0, 0), the point of order 2: (-3/x,
 * 3y/x^2). All are on the curve. */
static void spoil_points(void) {
    struct affine_point key, other, changed;
    struct curve_point sum;
    struct field_element inverse, three;
    assert_int_equal(curve_read(kms.keys[1], &key), STATUS_OK);
    assert_int_equal(curve_read(kms.keys[2], &other), STATUS_OK);

    changed = key;
    field_negate(&changed.y, &key.y);
    put_point(1, &changed);
    assert_refused(1);

    curve_from_affine(&sum, &key);
    curve_add_affine(&sum, &sum, &other);
    curve_to_affine(&changed, &sum);
    put_point(1, &changed);
    assert_refused(1);

    field_invert(&inverse, &key.x);
    field_triple(&three, &inverse);
    field_negate(&changed.x, &three);
    field_multiply(&changed.y, &three, &inverse);
    field_multiply(&changed.y, &changed.y, &key.y);
    assert_true(curve_is_on(&changed));
    for (int again = 0; again < 4; again++) { /* a part of order 2 shows at every weight */
        put_point(1, &changed);
        assert_refused(1);
    }
}

static void wrong_points_of_the_curve_are_refused(void **state) {
    (void)state;
    each_module(spoil_points);
}

static void pass_signing(void) {
    assert_status(kms.module, STATUS_OK, check_signing_of(&kms.own, 0, kms.count));
    assert_status(kms.module, STATUS_OK, check_signing_of(&kms.own, 2, 1));
    assert_status(kms.module, STATUS_KEY_INVALID, check_signing_of(&kms.other, 0, 1));
}

static void signing_keys_that_were_issued_pass_in_their_own_domain_alone(void **state) {
    (void)state;
    each_module(pass_signing);
}

/* One part of a pair, both, or what the pair would be for another. */
static void spoil_signing(void) {
    static const size_t places[] = {0, 1, 31, 32, 33, 64};
    size_t last = kms.count - 1;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        kms.points[last][places[i]] ^= 1;
        assert_signing_refused(last);
        kms.scalars[0][places[i] % ECCSI_SCALAR_SIZE] ^= 1;
        assert_signing_refused(0);
    }
    memcpy(kms.points[1], kms.points[2], sizeof kms.points[1]);
    assert_signing_refused(1);
    memcpy(kms.scalars[1], kms.scalars[2], sizeof kms.scalars[1]);
    assert_signing_refused(1);
    memcpy(kms.points[1], kms.points[2], sizeof kms.points[1]);
    memcpy(kms.scalars[1], kms.scalars[2], sizeof kms.scalars[1]);
    assert_signing_refused(1);
    memset(kms.scalars[1], 0, sizeof kms.scalars[1]);
    assert_signing_refused(1);
    memset(kms.scalars[1], 0xFF, sizeof kms.scalars[1]);
    assert_signing_refused(1);
    memset(kms.points[1], 0, sizeof kms.points[1]);
    assert_signing_refused(1);
}

static void spoilt_signing_keys_are_refused(void **state) {
    (void)state;
    each_module(spoil_signing);
}

/* Each is somebody's. */
static void swap_signing(void) {
    uint8_t point[ECCSI_POINT_SIZE], scalar[ECCSI_SCALAR_SIZE];
    memcpy(point, kms.points[1], sizeof point);
    memcpy(scalar, kms.scalars[1], sizeof scalar);
    memcpy(kms.points[1], kms.points[2], sizeof point);
    memcpy(kms.scalars[1], kms.scalars[2], sizeof scalar);
    memcpy(kms.points[2], point, sizeof point);
    memcpy(kms.scalars[2], scalar, sizeof scalar);
    assert_status(kms.module, STATUS_KEY_INVALID, check_signing_of(&kms.own, 0, kms.count));
    issue_signing(2);
    assert_signing_refused(1);
}

static void signing_keys_that_are_swapped_are_refused(void **state) {
    (void)state;
    each_module(swap_signing);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_issued_passes_in_its_own_domain_alone),
        cmocka_unit_test(keys_made_together_are_those_made_one_by_one),
        cmocka_unit_test(the_key_of_the_rfc_is_made_among_others),
        cmocka_unit_test(where_one_has_no_key_none_is_made),
        cmocka_unit_test(two_that_are_swapped_are_refused),
        cmocka_unit_test(one_wrong_bit_is_refused),
        cmocka_unit_test(wrong_points_of_the_curve_are_refused),
        cmocka_unit_test(signing_keys_that_were_issued_pass_in_their_own_domain_alone),
        cmocka_unit_test(spoilt_signing_keys_are_refused),
        cmocka_unit_test(signing_keys_that_are_swapped_are_refused),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    others_are_tested = true;
    return failed;
}

int main(void) {
    return with_every_arithmetic(run);
}
