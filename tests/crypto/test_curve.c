/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>

#include "crypto/entropy.h"
#include "crypto/native/comb.h"
#include "crypto/native/wide_comb.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/plain.h"

/* SAKKE's curve in OpenSSL's arithmetic for any curve: the second implementation. */
static EC_GROUP *other_curve(void) {
    uint8_t p_octets[RESIDUE_OCTETS];
    residue_to_octets(p_octets, sizeof p_octets, &sakke_p.value);
    BIGNUM *p = BN_bin2bn(p_octets, sizeof p_octets, NULL), *a = BN_dup(p), *b = BN_new();
    assert_true(BN_sub_word(a, 3));
    BN_zero(b);
    EC_GROUP *group = EC_GROUP_new_curve_GFp(p, a, b, NULL);
    assert_non_null(group);
    BN_free(p);
    BN_free(a);
    BN_free(b);
    return group;
}

/* [scalar]point by the second implementation: false for infinity, else the octets in out. */
static bool other_multiply(const EC_GROUP *group, const struct affine_point *point,
                           const struct residue *scalar, uint8_t out[SAKKE_POINT_SIZE]) {
    uint8_t octets[SAKKE_POINT_SIZE], scalar_octets[RESIDUE_OCTETS];
    curve_write(octets, point);
    residue_to_octets(scalar_octets, sizeof scalar_octets, scalar);
    BIGNUM *number = BN_bin2bn(scalar_octets, sizeof scalar_octets, NULL);
    EC_POINT *product = EC_POINT_new(group), *base = EC_POINT_new(group);
    assert_true(EC_POINT_oct2point(group, base, octets, sizeof octets, NULL));
    assert_true(EC_POINT_mul(group, product, NULL, base, number, NULL));
    bool finite = !EC_POINT_is_at_infinity(group, product);
    if (finite) {
        assert_int_equal(EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, out,
                                            SAKKE_POINT_SIZE, NULL),
                         SAKKE_POINT_SIZE);
    }
    EC_POINT_free(product);
    EC_POINT_free(base);
    BN_free(number);
    return finite;
}

/* A random point of the whole curve, most often outside the subgroup. */
static void random_point(const struct entropy *entropy, struct affine_point *out) {
    uint8_t octets[RESIDUE_OCTETS];
    struct field_element right, three_x;
    do {
        assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
        octets[0] &= 0x7F;
        assert_true(field_from_octets(&out->x, octets) != 0);
        field_square(&right, &out->x);
        field_multiply(&right, &right, &out->x);
        field_triple(&three_x, &out->x);
        field_subtract(&right, &right, &three_x);
    } while (!field_square_root(&out->y, &right));
}

static void double_affine(struct affine_point *point) {
    struct curve_point projective;
    curve_from_affine(&projective, point);
    curve_double(&projective, &projective);
    curve_to_affine(point, &projective);
}

static void assert_multiple(const EC_GROUP *group, const struct affine_point *base,
                            const struct residue *scalar, const struct curve_point *actual) {
    uint8_t expected[SAKKE_POINT_SIZE], octets[SAKKE_POINT_SIZE];
    struct affine_point affine;
    bool finite = other_multiply(group, base, scalar, expected);
    assert_int_equal(curve_is_infinity(actual) != 0, !finite);
    if (finite) {
        curve_to_affine(&affine, actual);
        curve_write(octets, &affine);
        assert_memory_equal(octets, expected, sizeof octets);
        assert_true(curve_equals_affine(actual, &affine) != 0);
    }
}

/* Scalars that a comb could get wrong: 0, 1, 2, q - 1, single bits at its rows' ends, and random
 * ones. */
static void edge_scalar(unsigned i, const struct entropy *entropy, struct residue *out) {
    static const unsigned bits[] = {18, 19, 151, 152, 607, 608, 911, 1020};
    memset(out, 0, sizeof *out);
    if (i < 3) {
        out->limbs[0] = i;
    } else if (i < 5) {
        *out = sakke_q.value;
        out->limbs[0] -= i - 2;
    } else if (i < 13) {
        out->limbs[bits[i - 5] / 64] = UINT64_C(1) << bits[i - 5] % 64;
    } else {
        plain_scalar(entropy, out);
    }
}

enum {
    SCALARS = 18
};

static void multiples_agree_with_another_implementation(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    EC_GROUP *group = other_curve();
    struct affine_point generator;
    struct curve_comb comb;
    curve_generator(&generator);
    curve_comb_build(&comb, &generator);
    for (unsigned i = 0; i < SCALARS; i++) {
        struct residue scalar;
        struct curve_point product;
        edge_scalar(i, &entropy, &scalar);
        curve_comb_multiply(&product, &comb, &scalar);
        assert_multiple(group, &generator, &scalar, &product);
    }
    EC_GROUP_free(group);
}

/* With bases P and [k]P the sum [a]P + [b][k]P is [a + b k]P, also where the two parts are equal,
 * cancel, or one of them is infinity. */
static void a_sum_of_two_multiples_is_the_multiple_of_the_sum(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    EC_GROUP *group = other_curve();
    struct affine_point generator, second;
    struct curve_comb comb, second_comb;
    struct curve_point point;
    struct residue k;
    curve_generator(&generator);
    curve_comb_build(&comb, &generator);
    plain_scalar(&entropy, &k);
    curve_comb_multiply(&point, &comb, &k);
    curve_to_affine(&second, &point);
    curve_comb_build(&second_comb, &second);
    residue_to_montgomery(&k, &k, &sakke_q);
    for (unsigned i = 0; i < SCALARS; i++) {
        static const struct residue zero;
        struct residue a, b, b_k;
        edge_scalar(i, &entropy, &b);
        residue_multiply(&b_k, &k, &b, &sakke_q);
        if (i % 3 == 0) {
            a = b_k;
        } else if (i % 3 == 1) {
            residue_subtract(&a, &zero, &b_k, &sakke_q);
        } else {
            edge_scalar(SCALARS - i, &entropy, &a);
        }
        curve_comb_multiply_pair(&point, &comb, &a, &second_comb, &b);
        residue_add(&a, &a, &b_k, &sakke_q);
        assert_multiple(group, &generator, &a, &point);
    }
    EC_GROUP_free(group);
}

static bool same_point(const struct curve_point *a, const struct curve_point *b) {
    struct affine_point affine;
    if (curve_is_infinity(b)) {
        return curve_is_infinity(a) != 0;
    }
    curve_to_affine(&affine, b);
    return curve_equals_affine(a, &affine) != 0;
}

static void sums_have_no_exceptions(void **state) {
    (void)state;
    static const struct field_element zero;
    struct affine_point generator, negated;
    struct curve_point p, p2, p3, minus_p, infinity = {0}, sum, other;
    curve_generator(&generator);
    negated = generator;
    field_subtract(&negated.y, &zero, &negated.y);
    curve_from_affine(&p, &generator);
    curve_from_affine(&minus_p, &negated);
    field_one(&infinity.y);

    curve_double(&p2, &p);
    curve_add(&sum, &p, &p);
    assert_true(same_point(&sum, &p2));
    curve_add_affine(&sum, &p, &generator);
    assert_true(same_point(&sum, &p2));
    curve_add(&sum, &p, &minus_p);
    assert_true(curve_is_infinity(&sum) != 0);
    curve_add_affine(&sum, &p, &negated);
    assert_true(curve_is_infinity(&sum) != 0);
    curve_add_affine(&sum, &sum, &generator);
    assert_true(same_point(&sum, &p));
    curve_add_affine(&sum, &infinity, &generator);
    assert_true(same_point(&sum, &p));
    curve_add(&sum, &p, &infinity);
    assert_true(same_point(&sum, &p));
    curve_double(&sum, &infinity);
    assert_true(curve_is_infinity(&sum) != 0);
    curve_add(&p3, &p, &p2);
    curve_add_affine(&other, &p2, &generator);
    assert_true(same_point(&p3, &other));
    curve_add(&sum, &p3, &p);
    curve_double(&other, &p2);
    assert_true(same_point(&sum, &other));
    assert_false(same_point(&sum, &p3));
    assert_true(curve_equals_affine(&infinity, &generator) == 0);
}

static enum status read_point(const struct affine_point *point) {
    uint8_t octets[SAKKE_POINT_SIZE];
    struct affine_point out;
    curve_write(octets, point);
    enum status status = curve_read(octets, &out);
    static const struct affine_point nothing;
    assert_memory_equal(&out, status == STATUS_OK ? point : &nothing, sizeof out);
    assert_int_equal(curve_read_public(octets, &out), status);
    assert_memory_equal(&out, status == STATUS_OK ? point : &nothing, sizeof out);
    return status;
}

/* In the subgroup is what q multiplies to infinity, by the second implementation. Of a random
 * point and its multiples by 2 and 4 at least the last is. */
static void exactly_the_points_of_order_q_are_taken(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    EC_GROUP *group = other_curve();
    uint8_t octets[SAKKE_POINT_SIZE];
    unsigned refused = 0;
    for (unsigned i = 0; i < 6; i++) {
        struct affine_point point;
        random_point(&entropy, &point);
        for (unsigned multiple = 1; multiple <= 4; multiple *= 2) {
            bool of_order_q = !other_multiply(group, &point, &sakke_q.value, octets);
            assert_int_equal(read_point(&point), of_order_q ? STATUS_OK : STATUS_POINT_INVALID);
            assert_true(of_order_q || multiple < 4);
            refused += !of_order_q;
            double_affine(&point);
        }
    }
    assert_in_range(refused, 1, 12);
    EC_GROUP_free(group);
}

static const struct affine_point of_order_2 = {{{{0}}}, {{{0}}}};

/* q times a random point has order 4 in half of the cases. */
static void point_of_order_4(const EC_GROUP *group, const struct entropy *entropy,
                             struct affine_point *point) {
    uint8_t octets[SAKKE_POINT_SIZE];
    do {
        random_point(entropy, point);
    } while (!other_multiply(group, point, &sakke_q.value, octets) ||
             memcmp(octets + 1, &of_order_2, RESIDUE_OCTETS) == 0);
    assert_true(field_from_octets(&point->x, octets + 1) != 0);
    assert_true(field_from_octets(&point->y, octets + 1 + RESIDUE_OCTETS) != 0);
    assert_true(curve_is_on(point));
}

static void points_of_small_order_are_refused(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    EC_GROUP *group = other_curve();
    struct affine_point point;
    assert_true(curve_is_on(&of_order_2));
    assert_int_equal(read_point(&of_order_2), STATUS_POINT_INVALID);
    point_of_order_4(group, &entropy, &point);
    assert_int_equal(read_point(&point), STATUS_POINT_INVALID);
    EC_GROUP_free(group);
}

/* Adds by the second implementation. */
static void other_add(const EC_GROUP *group, struct affine_point *sum,
                      const struct affine_point *a) {
    uint8_t octets[SAKKE_POINT_SIZE];
    EC_POINT *x = EC_POINT_new(group), *y = EC_POINT_new(group);
    curve_write(octets, sum);
    assert_true(EC_POINT_oct2point(group, x, octets, sizeof octets, NULL));
    curve_write(octets, a);
    assert_true(EC_POINT_oct2point(group, y, octets, sizeof octets, NULL));
    assert_true(EC_POINT_add(group, x, x, y, NULL));
    assert_int_equal(
        EC_POINT_point2oct(group, x, POINT_CONVERSION_UNCOMPRESSED, octets, sizeof octets, NULL),
        sizeof octets);
    assert_true(field_from_octets(&sum->x, octets + 1) != 0);
    assert_true(field_from_octets(&sum->y, octets + 1 + RESIDUE_OCTETS) != 0);
    EC_POINT_free(x);
    EC_POINT_free(y);
}

/* The proof of in_subgroup needs that its pairing has a value of order 4 at a point of order 4:
 * then of a point of order q with each multiple of that one added, the first alone is taken. */
static void of_each_four_points_that_differ_by_one_of_order_4_one_is_taken(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    EC_GROUP *group = other_curve();
    struct affine_point point, generator, of_order_4;
    uint8_t octets[SAKKE_POINT_SIZE];
    struct residue scalar;
    curve_generator(&generator);
    for (unsigned i = 0; i < 8; i++) {
        point_of_order_4(group, &entropy, &of_order_4);
        plain_scalar(&entropy, &scalar);
        assert_true(other_multiply(group, &generator, &scalar, octets));
        assert_true(field_from_octets(&point.x, octets + 1) != 0);
        assert_true(field_from_octets(&point.y, octets + 1 + RESIDUE_OCTETS) != 0);
        assert_int_equal(read_point(&point), STATUS_OK);
        for (unsigned j = 1; j < 4; j++) {
            other_add(group, &point, &of_order_4);
            assert_int_equal(read_point(&point), STATUS_POINT_INVALID);
        }
        other_add(group, &point, &of_order_4);
        assert_int_equal(read_point(&point), STATUS_OK);
    }
    EC_GROUP_free(group);
}

/* Eight at a time, and powers, for scalars that a comb could get wrong. */
static void multiples_and_powers_come_out_the_same_in_company(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct affine_point generator, second;
    static struct curve_comb comb, second_comb;
    static struct power_comb powers;
    struct residue a[EIGHT], b[EIGHT];
    struct curve_point points[EIGHT], point;
    struct quadratic raised[EIGHT], power;
    struct field_element g, ratio, expected;
    curve_generator(&generator);
    curve_comb_build(&comb, &generator);
    plain_scalar(&entropy, &a[0]);
    curve_comb_multiply(&point, &comb, &a[0]);
    curve_to_affine(&second, &point);
    curve_comb_build(&second_comb, &second);
    field_from_integer(&g, &sakke_g);
    power_comb_build(&powers, &g);
    for (unsigned first = 0; first < SCALARS; first += EIGHT) {
        for (unsigned i = 0; i < EIGHT; i++) {
            edge_scalar(first + i, &entropy, &a[i]);
            edge_scalar(SCALARS - first - i, &entropy, &b[i]);
        }
        curve_comb_multiply_pair_each(points, &comb, a, &second_comb, b);
        power_comb_raise_each(raised, &powers, a);
        for (unsigned i = 0; i < EIGHT; i++) {
            curve_comb_multiply_pair(&point, &comb, &a[i], &second_comb, &b[i]);
            assert_true(same_point(&points[i], &point));
            power_comb_raise(&power, &powers, &a[i]);
            quadratic_ratio(&ratio, &power);
            quadratic_ratio(&expected, &raised[i]);
            assert_true(field_equal(&ratio, &expected) != 0);
            plain_power(&expected, &g, &a[i]);
            assert_true(field_equal(&ratio, &expected) != 0);
        }
    }
}

/* Scalars from the n-th edge on, as many of them as fit and as their number says; the last is like
 * the one before. */
static size_t edge_scalars(unsigned n, const struct entropy *entropy,
                           struct residue out[WIDE_SCALARS]) {
    size_t count = 1 + n % WIDE_SCALARS;
    for (unsigned i = 0; i < count; i++) {
        edge_scalar(1 + (n + i) % (SCALARS - 1), entropy, &out[i]);
    }
    if (count > 2) {
        out[count - 1] = out[count - 2];
    }
    return count;
}

static void many_multiples_at_once_are_those_made_one_by_one(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    static struct wide_comb wide;
    static struct wide_work work;
    struct affine_point generator, points[WIDE_SCALARS];
    struct curve_comb comb;
    curve_generator(&generator);
    curve_comb_build(&comb, &generator);
    wide_comb_build(&wide, &generator);
    for (unsigned n = 0; n < SCALARS; n++) {
        struct residue scalars[WIDE_SCALARS];
        size_t count = edge_scalars(n, &entropy, scalars);
        assert_true(wide_comb_multiply(count, points, &wide, scalars, &work));
        for (size_t i = 0; i < count; i++) {
            struct curve_point expected;
            curve_comb_multiply(&expected, &comb, &scalars[i]);
            assert_true(curve_equals_affine(&expected, &points[i]) != 0);
        }
    }
}

/* A comb whose blocks are all alike adds a point to itself or to its negative. */
static void two_points_of_one_x_are_noticed(void **state) {
    (void)state;
    static struct wide_comb wide;
    static struct wide_work work;
    struct affine_point points[WIDE_SCALARS];
    struct residue scalars[WIDE_SCALARS] = {{{1}}, {{2}}, {{3}}};
    for (unsigned block = 0; block < WIDE_BLOCKS; block++) {
        for (unsigned i = 0; i < COMB_SUMS; i++) {
            curve_generator(&wide.sums[block][i]);
        }
    }
    assert_false(wide_comb_multiply(3, points, &wide, scalars, &work));
    assert_false(wide_comb_multiply(1, points, &wide, scalars, &work));
}

static void octets_that_are_no_point_are_refused(void **state) {
    (void)state;
    struct affine_point generator, out;
    uint8_t octets[SAKKE_POINT_SIZE], infinity[SAKKE_POINT_SIZE] = {0};
    curve_generator(&generator);
    curve_write(octets, &generator);
    assert_int_equal(curve_read(octets, &out), STATUS_OK);
    for (unsigned first = 0; first < 256; first++) {
        octets[0] = (uint8_t)first;
        assert_int_equal(curve_read(octets, &out), first == 4 ? STATUS_OK : STATUS_POINT_INVALID);
    }
    octets[0] = 4;
    octets[SAKKE_POINT_SIZE - 1] ^= 1;
    assert_int_equal(curve_read(octets, &out), STATUS_POINT_INVALID);
    assert_int_equal(curve_read(infinity, &out), STATUS_POINT_INVALID);
    infinity[0] = 4;
    assert_int_equal(curve_read(infinity, &out), STATUS_POINT_INVALID);
}

/* x + p and y + p spell the same coordinate where they still fit 128 octets. */
static void a_coordinate_of_p_or_more_is_refused(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    unsigned refused = 0;
    for (unsigned i = 0; i < 8; i++) {
        struct affine_point point, out;
        uint8_t octets[SAKKE_POINT_SIZE];
        random_point(&entropy, &point);
        double_affine(&point);
        double_affine(&point);
        curve_write(octets, &point);
        uint8_t *coordinate = octets + 1 + i % 2 * RESIDUE_OCTETS;
        unsigned carry = 0;
        for (unsigned at = RESIDUE_OCTETS; at-- > 0;) {
            carry += coordinate[at];
            carry += (unsigned)(sakke_p.value.limbs[(RESIDUE_OCTETS - 1 - at) / 8] >>
                                (RESIDUE_OCTETS - 1 - at) % 8 * 8) &
                     0xFF;
            coordinate[at] = (uint8_t)carry;
            carry >>= 8;
        }
        if (carry != 0) {
            continue;
        }
        assert_int_equal(curve_read(octets, &out), STATUS_POINT_INVALID);
        refused++;
    }
    assert_true(refused > 0);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiples_agree_with_another_implementation),
        cmocka_unit_test(a_sum_of_two_multiples_is_the_multiple_of_the_sum),
        cmocka_unit_test(sums_have_no_exceptions),
        cmocka_unit_test(exactly_the_points_of_order_q_are_taken),
        cmocka_unit_test(points_of_small_order_are_refused),
        cmocka_unit_test(of_each_four_points_that_differ_by_one_of_order_4_one_is_taken),
        cmocka_unit_test(multiples_and_powers_come_out_the_same_in_company),
        cmocka_unit_test(many_multiples_at_once_are_those_made_one_by_one),
        cmocka_unit_test(two_points_of_one_x_are_noticed),
        cmocka_unit_test(octets_that_are_no_point_are_refused),
        cmocka_unit_test(a_coordinate_of_p_or_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
