/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "crypto/entropy.h"
#include "crypto/native/field.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/fixture.h"
#include "tests/crypto/modules.h"

enum {
    EDGES = 8,
    CASES = 40
};

static const struct modulus *const moduli[] = {&sakke_p, &sakke_q, &p256_order};
enum {
    MODULI = 3
};

static BIGNUM *number_of(const struct residue *a) {
    uint8_t octets[RESIDUE_OCTETS];
    residue_to_octets(octets, sizeof octets, a);
    BIGNUM *number = BN_bin2bn(octets, sizeof octets, NULL);
    assert_non_null(number);
    return number;
}

static void assert_is(const struct residue *actual, const BIGNUM *expected) {
    uint8_t octets[RESIDUE_OCTETS], wanted[RESIDUE_OCTETS];
    residue_to_octets(octets, sizeof octets, actual);
    assert_int_equal(BN_bn2binpad(expected, wanted, sizeof wanted), sizeof wanted);
    assert_memory_equal(octets, wanted, sizeof octets);
}

/* The i-th value to try modulo m: first the edges, then random ones, a quarter of them with their
 * high or low limbs all zeros or all ones before the reduction. */
static void value(unsigned i, const struct entropy *entropy, const struct modulus *m,
                  struct residue *out) {
    memset(out, 0, sizeof *out);
    if (i < 4) {
        out->limbs[0] = i;
    } else if (i < EDGES) {
        *out = m->value;
        out->limbs[0] -= i - 3;
    } else {
        uint8_t octets[RESIDUE_OCTETS];
        assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
        if (i % 4 == 0) {
            memset(octets + (i % 8 == 0 ? 0 : 40), i % 16 < 8 ? 0xFF : 0, 80);
        }
        residue_from_octets(out, SPAN_OF(octets));
        residue_to_montgomery(out, out, m);
        residue_from_montgomery(out, out, m);
    }
}

struct numbers {
    BN_CTX *context;
    BIGNUM *m, *a, *b, *expected, *sum;
};

static void check_operations(const struct residue *a, const struct residue *b,
                             const struct modulus *m, const struct numbers *n) {
    struct residue out, a_form, b_form;
    residue_add(&out, a, b, m);
    assert_true(BN_mod_add(n->expected, n->a, n->b, n->m, n->context));
    assert_is(&out, n->expected);
    residue_subtract(&out, a, b, m);
    assert_true(BN_mod_sub(n->expected, n->a, n->b, n->m, n->context));
    assert_is(&out, n->expected);

    residue_to_montgomery(&a_form, a, m);
    residue_to_montgomery(&b_form, b, m);
    residue_multiply(&out, &a_form, &b_form, m);
    residue_from_montgomery(&out, &out, m);
    assert_true(BN_mod_mul(n->expected, n->a, n->b, n->m, n->context));
    assert_is(&out, n->expected);
    residue_multiply(&out, &a_form, b, m);
    assert_is(&out, n->expected);

    residue_multiply_add(&out, &a_form, &b_form, &a_form, &a_form, m);
    residue_from_montgomery(&out, &out, m);
    assert_true(BN_mod_sqr(n->sum, n->a, n->m, n->context));
    assert_true(BN_mod_add(n->sum, n->sum, n->expected, n->m, n->context));
    assert_is(&out, n->sum);

    residue_square(&out, &a_form, m);
    residue_from_montgomery(&out, &out, m);
    assert_true(BN_mod_sqr(n->expected, n->a, n->m, n->context));
    assert_is(&out, n->expected);

    assert_int_equal(residue_equal(a, b) != 0, BN_cmp(n->a, n->b) == 0);
    assert_int_equal(residue_is_below(a, b) != 0, BN_cmp(n->a, n->b) < 0);
    assert_int_equal(residue_is_zero(a) != 0, BN_is_zero(n->a));
}

static void arithmetic_agrees_with_another_implementation(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct numbers n = {.context = BN_CTX_new(), .expected = BN_new(), .sum = BN_new()};
    for (unsigned modulus = 0; modulus < MODULI; modulus++) {
        const struct modulus *m = moduli[modulus];
        n.m = number_of(&m->value);
        for (unsigned i = 0; i < CASES * EDGES; i++) {
            struct residue a, b;
            value(i / EDGES, &entropy, m, &a);
            value(i < EDGES * EDGES ? i % EDGES : i, &entropy, m, &b);
            n.a = number_of(&a);
            n.b = number_of(&b);
            check_operations(&a, &b, m, &n);
            BN_free(n.a);
            BN_free(n.b);
        }
        BN_free(n.m);
    }
    BN_free(n.sum);
    BN_free(n.expected);
    BN_CTX_free(n.context);
}

static void powers_and_inverses_agree_with_another_implementation(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    BN_CTX *context = BN_CTX_new();
    for (unsigned i = 1; i < 12 * EDGES; i++) {
        const struct modulus *m = moduli[i % MODULI];
        struct residue a, exponent, out;
        value(i, &entropy, m, &a);
        value(i < EDGES ? EDGES - i : i, &entropy, m, &exponent);
        if (residue_is_zero(&exponent)) {
            exponent.limbs[0] = 1;
        }
        BIGNUM *number = number_of(&a), *power = number_of(&exponent),
               *m_number = number_of(&m->value);
        BIGNUM *expected = BN_new();
        residue_to_montgomery(&a, &a, m);
        residue_power(&out, &a, &exponent, m);
        residue_from_montgomery(&out, &out, m);
        assert_true(BN_mod_exp(expected, number, power, m_number, context));
        assert_is(&out, expected);
        residue_invert(&out, &a, m);
        residue_from_montgomery(&out, &out, m);
        assert_non_null(BN_mod_inverse(expected, number, m_number, context));
        assert_is(&out, expected);
        BN_free(number);
        BN_free(power);
        BN_free(m_number);
        BN_free(expected);
    }
    BN_CTX_free(context);
}

/* Many, so that every case of the signs at the end comes up. */
static void an_element_times_its_inverse_is_one(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned i = 0; i < 6000; i++) {
        const struct modulus *m = moduli[i % MODULI];
        struct residue a, product;
        value(EDGES + i, &entropy, m, &a);
        residue_invert(&product, &a, m);
        residue_multiply(&product, &product, &a, m);
        assert_true(residue_is_zero(&a) != 0 || residue_equal(&product, &m->radix) != 0);
    }
}

static void any_1024_bits_are_reduced(void **state) {
    (void)state;
    struct residue ones, out;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *expected = BN_new();
    memset(&ones, 0xFF, sizeof ones);
    BIGNUM *number = number_of(&ones);
    for (unsigned i = 0; i < MODULI; i++) {
        BIGNUM *m = number_of(&moduli[i]->value);
        residue_to_montgomery(&out, &ones, moduli[i]);
        residue_from_montgomery(&out, &out, moduli[i]);
        assert_true(BN_mod(expected, number, m, context));
        assert_is(&out, expected);
        residue_to_montgomery(&out, &moduli[i]->value, moduli[i]);
        assert_true(residue_is_zero(&out) != 0);
        BN_free(m);
    }
    BN_free(number);
    BN_free(expected);
    BN_CTX_free(context);
}

static void an_output_may_be_an_input(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct residue a, b, expected, out;
    value(EDGES + 1, &entropy, &sakke_p, &a);
    value(EDGES + 2, &entropy, &sakke_p, &b);
    void (*const operations[])(struct residue *, const struct residue *, const struct residue *,
                               const struct modulus *) = {residue_add, residue_subtract,
                                                          residue_multiply};
    for (unsigned i = 0; i < 3; i++) {
        operations[i](&expected, &a, &b, &sakke_p);
        out = a;
        operations[i](&out, &out, &b, &sakke_p);
        assert_memory_equal(&out, &expected, sizeof out);
        out = b;
        operations[i](&out, &a, &out, &sakke_p);
        assert_memory_equal(&out, &expected, sizeof out);
    }
    residue_square(&expected, &a, &sakke_p);
    out = a;
    residue_square(&out, &out, &sakke_p);
    assert_memory_equal(&out, &expected, sizeof out);
}

static void the_constants_are_those_of_the_standards(void **state) {
    (void)state;
    struct fixture fixture;
    uint8_t octets[RESIDUE_OCTETS];
    fixture_find("rfc.txt", "RFC 6509 appendix A, parameter set 1", &fixture);
    const uint8_t *point = fixture_exactly(&fixture, "P", 1 + 2 * RESIDUE_OCTETS);
    const struct {
        const struct residue *actual;
        const uint8_t *expected;
    } constants[] = {
        {&sakke_p.value, fixture_exactly(&fixture, "p", RESIDUE_OCTETS)},
        {&sakke_q.value, fixture_exactly(&fixture, "q", RESIDUE_OCTETS)},
        {&sakke_g, fixture_exactly(&fixture, "g", RESIDUE_OCTETS)},
        {&sakke_generator_x, point + 1},
        {&sakke_generator_y, point + 1 + RESIDUE_OCTETS},
    };
    for (unsigned i = 0; i < sizeof constants / sizeof *constants; i++) {
        residue_to_octets(octets, sizeof octets, constants[i].actual);
        assert_memory_equal(octets, constants[i].expected, sizeof octets);
    }
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    assert_is(&p256_order.value, EC_GROUP_get0_order(group));
    EC_GROUP_free(group);
}

static void the_montgomery_constants_belong_to_their_moduli(void **state) {
    (void)state;
    BN_CTX *context = BN_CTX_new();
    BIGNUM *expected = BN_new(), *power = BN_new();
    for (unsigned i = 0; i < MODULI; i++) {
        BIGNUM *m = number_of(&moduli[i]->value);
        assert_int_equal(moduli[i]->value.limbs[0] * moduli[i]->negated_inverse, UINT64_MAX);
        BN_zero(power);
        assert_true(BN_set_bit(power, RESIDUE_BITS));
        assert_true(BN_mod(expected, power, m, context));
        assert_is(&moduli[i]->radix, expected);
        assert_true(BN_mod_sqr(expected, power, m, context));
        assert_is(&moduli[i]->radix_squared, expected);
        BN_free(m);
    }
    BN_free(expected);
    BN_free(power);
    BN_CTX_free(context);
}

static void octets_are_read_below_p_alone(void **state) {
    (void)state;
    uint8_t octets[RESIDUE_OCTETS], back[RESIDUE_OCTETS];
    struct field_element element;
    residue_to_octets(octets, sizeof octets, &sakke_p.value);
    assert_true(field_from_octets(&element, octets) == 0);
    assert_true(field_is_zero(&element) != 0);
    octets[RESIDUE_OCTETS - 1]--;
    assert_true(field_from_octets(&element, octets) != 0);
    field_to_octets(back, &element);
    assert_memory_equal(back, octets, sizeof back);
    octets[RESIDUE_OCTETS - 1] = (uint8_t)(octets[RESIDUE_OCTETS - 1] + 2);
    assert_true(field_from_octets(&element, octets) == 0);
    assert_true(field_is_zero(&element) != 0);
    memset(octets, 0xFF, sizeof octets);
    assert_true(field_from_octets(&element, octets) == 0);
    memset(octets, 0, sizeof octets);
    octets[RESIDUE_OCTETS - 1] = 1;
    assert_true(field_from_octets(&element, octets) != 0);
    field_to_octets(back, &element);
    assert_memory_equal(back, octets, sizeof back);
}

static void a_square_has_its_root_and_its_negative_has_none(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    static const struct field_element zero;
    struct field_element a, square, root;
    for (unsigned i = 1; i < 2 * EDGES; i++) {
        value(i, &entropy, &sakke_p, &a.residue);
        field_square(&square, &a);
        assert_true(field_square_root(&root, &square) != 0);
        field_square(&a, &root);
        assert_true(field_equal(&a, &square) != 0);
        field_subtract(&square, &zero, &square);
        assert_true(field_square_root(&root, &square) == 0);
    }
    assert_true(field_square_root(&root, &zero) != 0);
}

/* (p - 2)^2 twice comes out at 2p and more before p is taken off: it must go twice. */
static void the_largest_sum_of_products_is_reduced(void **state) {
    (void)state;
    struct residue largest = sakke_p.value, one = {{1}}, out, expected;
    largest.limbs[0] -= 2;
    /* (p - 2)^2 is 4 modulo p: the sum is 8 times 1 * 1. */
    residue_multiply_add(&out, &largest, &largest, &largest, &largest, &sakke_p);
    residue_multiply(&expected, &one, &one, &sakke_p);
    for (unsigned i = 0; i < 3; i++) {
        residue_add(&expected, &expected, &expected, &sakke_p);
    }
    assert_memory_equal(&out, &expected, sizeof out);
}

static void the_jacobi_symbol_agrees_with_another_implementation(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    BN_CTX *context = BN_CTX_new();
    for (unsigned modulus = 0; modulus < MODULI; modulus++) {
        const struct residue *m = &moduli[modulus]->value;
        BIGNUM *m_number = number_of(m);
        for (unsigned i = 0; i < 200; i++) {
            struct residue a;
            value(i, &entropy, moduli[modulus], &a);
            BIGNUM *number = number_of(&a);
            assert_int_equal(residue_jacobi_public(&a, m), BN_kronecker(number, m_number, context));
            BN_free(number);
        }
        BN_free(m_number);
    }
    BN_CTX_free(context);
}

static void both_ways_to_tell_a_square_agree(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned i = 0; i < 6 * EDGES; i++) {
        struct field_element a;
        value(i, &entropy, &sakke_p, &a.residue);
        assert_true(field_is_square(&a) == field_is_square_public(&a));
    }
}

static void inverting_all_at_once_inverts_each(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    struct field_element elements[EDGES], products[EDGES], expected[EDGES];
    for (unsigned i = 0; i < EDGES; i++) {
        value(i + 1, &entropy, &sakke_p, &elements[i].residue);
        field_invert(&expected[i], &elements[i]);
    }
    field_invert_all(elements, products, EDGES);
    assert_memory_equal(elements, expected, sizeof elements);
}

static void zero_inverts_to_zero(void **state) {
    (void)state;
    static const struct field_element zero;
    struct field_element inverse;
    field_invert(&inverse, &zero);
    assert_true(field_is_zero(&inverse) != 0);
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic_agrees_with_another_implementation),
        cmocka_unit_test(powers_and_inverses_agree_with_another_implementation),
        cmocka_unit_test(an_element_times_its_inverse_is_one),
        cmocka_unit_test(any_1024_bits_are_reduced),
        cmocka_unit_test(an_output_may_be_an_input),
        cmocka_unit_test(the_constants_are_those_of_the_standards),
        cmocka_unit_test(the_montgomery_constants_belong_to_their_moduli),
        cmocka_unit_test(octets_are_read_below_p_alone),
        cmocka_unit_test(a_square_has_its_root_and_its_negative_has_none),
        cmocka_unit_test(the_largest_sum_of_products_is_reduced),
        cmocka_unit_test(the_jacobi_symbol_agrees_with_another_implementation),
        cmocka_unit_test(both_ways_to_tell_a_square_agree),
        cmocka_unit_test(inverting_all_at_once_inverts_each),
        cmocka_unit_test(zero_inverts_to_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
