/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/entropy.h"
#include "crypto/native/comb.h"
#include "crypto/native/pairing.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/fixture.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/plain.h"

static void multiple_of_generator(const struct residue *scalar, struct affine_point *out) {
    struct affine_point generator;
    struct curve_comb comb;
    struct curve_point product;
    curve_generator(&generator);
    curve_comb_build(&comb, &generator);
    curve_comb_multiply(&product, &comb, scalar);
    curve_to_affine(out, &product);
}

static void power_of_g(const struct residue *scalar, struct field_element *out) {
    struct field_element g;
    struct power_comb comb;
    struct quadratic power;
    field_from_integer(&g, &sakke_g);
    power_comb_build(&comb, &g);
    power_comb_raise(&power, &comb, scalar);
    quadratic_ratio(out, &power);
}

/* <a, b> with a table of a, and without one. */
static void pair(struct field_element *out, const struct affine_point *a,
                 const struct affine_point *b) {
    static struct pairing_table table;
    struct field_element plain;
    assert_int_equal(pairing_table_build(&table, a), STATUS_OK);
    pairing(out, &table, b);
    plain_pairing(&plain, a, b);
    assert_true(field_equal(out, &plain) != 0);
}

/* a b mod q. */
static void product_of(const struct residue *a, const struct residue *b, struct residue *out) {
    residue_to_montgomery(out, a, &sakke_q);
    residue_multiply(out, out, b, &sakke_q);
}

static void the_pairing_of_the_generator_with_itself_is_g(void **state) {
    (void)state;
    struct affine_point generator;
    struct field_element value, g;
    curve_generator(&generator);
    field_from_integer(&g, &sakke_g);
    pair(&value, &generator, &generator);
    assert_true(field_equal(&value, &g) != 0);
}

static void the_pairing_is_bilinear_and_symmetric(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned i = 0; i < 6; i++) {
        struct residue a, b, a_b;
        struct affine_point a_p, b_p;
        struct field_element expected, value;
        plain_scalar(&entropy, &a);
        plain_scalar(&entropy, &b);
        multiple_of_generator(&a, &a_p);
        multiple_of_generator(&b, &b_p);
        product_of(&a, &b, &a_b);
        power_of_g(&a_b, &expected);
        pair(&value, &a_p, &b_p);
        assert_true(field_equal(&value, &expected) != 0);
        pair(&value, &b_p, &a_p);
        assert_true(field_equal(&value, &expected) != 0);
        field_subtract(&a_p.y, &(struct field_element){0}, &a_p.y);
        pair(&value, &a_p, &b_p);
        field_add(&value, &value, &expected);
        assert_true(field_is_zero(&value) != 0);
    }
}

/* The same point, its negative and small multiples: where a loop over lines could meet a vertical
 * one or divide by nothing. */
static void related_points_pair_like_any_others(void **state) {
    (void)state;
    for (uint64_t a = 1; a <= 3; a++) {
        struct affine_point a_p, b_p;
        struct field_element expected, value;
        struct residue scalar = {{a}}, negated = sakke_q.value, product;
        multiple_of_generator(&scalar, &a_p);
        negated.limbs[0] -= 1;
        multiple_of_generator(&negated, &b_p);
        product_of(&scalar, &negated, &product);
        power_of_g(&product, &expected);
        pair(&value, &a_p, &b_p);
        assert_true(field_equal(&value, &expected) != 0);
    }
}

/* The multiples of K that its own table goes through, and their negatives: the prefixes of q - 1.
 */
static void points_that_the_table_goes_through_pair_like_any_others(void **state) {
    (void)state;
    struct affine_point k, r;
    struct residue scalar = {{0x1234567}}, order = sakke_q.value, m, product;
    static struct pairing_table table;
    struct field_element expected, value;
    multiple_of_generator(&scalar, &k);
    assert_int_equal(pairing_table_build(&table, &k), STATUS_OK);
    order.limbs[0] -= 1;
    for (unsigned length = 1; length <= SAKKE_ORDER_BITS; length += length < 8 ? 1 : 78) {
        memset(&m, 0, sizeof m);
        for (unsigned i = 0; i < length; i++) {
            m.limbs[i / 64] |= residue_bit(&order, SAKKE_ORDER_BITS - length + i) << i % 64;
        }
        product_of(&m, &scalar, &product);
        multiple_of_generator(&product, &r);
        product_of(&product, &scalar, &product);
        power_of_g(&product, &expected);
        pairing(&value, &table, &r);
        assert_true(field_equal(&value, &expected) != 0);
        field_negate(&r.y, &r.y);
        pairing(&value, &table, &r);
        field_negate(&value, &value);
        assert_true(field_equal(&value, &expected) != 0);
    }
}

static void powers_of_g_follow_the_exponents(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    static const struct residue zero = {{0}}, one = {{1}};
    struct field_element power, g, tangent_sum, product;
    struct residue a, b, sum;
    field_from_integer(&g, &sakke_g);
    power_of_g(&zero, &power);
    assert_true(field_is_zero(&power) != 0);
    power_of_g(&one, &power);
    assert_true(field_equal(&power, &g) != 0);
    for (unsigned i = 0; i < 8; i++) {
        struct quadratic x, y;
        plain_scalar(&entropy, &a);
        plain_scalar(&entropy, &b);
        residue_add(&sum, &a, &b, &sakke_q);
        field_one(&x.real);
        field_one(&y.real);
        power_of_g(&a, &x.imaginary);
        power_of_g(&b, &y.imaginary);
        power_of_g(&sum, &tangent_sum);
        quadratic_multiply(&x, &x, &y);
        quadratic_ratio(&product, &x);
        assert_true(field_equal(&product, &tangent_sum) != 0);
    }
}

static void the_pairing_of_r_and_the_receiver_key_is_the_w_of_the_vectors(void **state) {
    (void)state;
    static const char *const files[] = {"rfc.txt", "fresh.txt"};
    unsigned checked = 0;
    for (unsigned i = 0; i < 2; i++) {
        struct fixture fixture;
        FILE *file = fixture_open(files[i]);
        while (fixture_next(file, &fixture)) {
            if (i == 0 && strncmp(fixture.name, "RFC 6508", 8) != 0) {
                continue;
            }
            struct affine_point r, rsk;
            struct field_element w;
            uint8_t octets[SAKKE_FIELD_SIZE];
            assert_int_equal(curve_read(fixture_exactly(&fixture, "data", SAKKE_DATA_SIZE), &r),
                             STATUS_OK);
            assert_int_equal(curve_read(fixture_exactly(&fixture, "RSK", SAKKE_POINT_SIZE), &rsk),
                             STATUS_OK);
            pair(&w, &rsk, &r);
            field_to_octets(octets, &w);
            fixture_assert(
                &fixture,
                memcmp(octets, fixture_exactly(&fixture, "w", sizeof octets), sizeof octets) == 0,
                "w");
            checked++;
        }
        fclose(file);
    }
    assert_true(checked > 20);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_pairing_of_the_generator_with_itself_is_g),
        cmocka_unit_test(the_pairing_is_bilinear_and_symmetric),
        cmocka_unit_test(related_points_pair_like_any_others),
        cmocka_unit_test(points_that_the_table_goes_through_pair_like_any_others),
        cmocka_unit_test(powers_of_g_follow_the_exponents),
        cmocka_unit_test(the_pairing_of_r_and_the_receiver_key_is_the_w_of_the_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
