/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/native/arithmetic.h"
#include "crypto/native/generator.h"
#include "crypto/native/pairing.h"
#include "tests/crypto/cases.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/plain.h"

enum {
    ARITHMETICS_MAX = 3
};

/* What is computed without tables, once for all arithmetics. */
struct plain {
    struct residue r;
    struct curve_point multiple;      /* [r]P */
    struct affine_point affine;       /* the same */
    struct field_element power, pair; /* g^r and <K, [r]P> */
};

static void make_plain(const struct entropy *entropy, const struct affine_point *k,
                       struct plain *out) {
    struct affine_point generator;
    struct field_element g;
    curve_generator(&generator);
    field_from_integer(&g, &sakke_g);
    plain_scalar(entropy, &out->r);
    plain_multiply(&out->multiple, &generator, &out->r);
    curve_to_affine(&out->affine, &out->multiple);
    plain_power(&out->power, &g, &out->r);
    plain_pairing(&out->pair, k, &out->affine);
}

static void assert_agrees(const struct plain *plain, const struct pairing_table *table) {
    struct curve_point multiple;
    struct quadratic power;
    struct field_element ratio;
    curve_comb_multiply(&multiple, generator_comb(), &plain->r);
    assert_true(curve_equals_affine(&multiple, &plain->affine) != 0);
    power_comb_raise(&power, generator_power_comb(), &plain->r);
    quadratic_ratio(&ratio, &power);
    assert_true(field_equal(&ratio, &plain->power) != 0);
    pairing(&ratio, table, &plain->affine);
    assert_true(field_equal(&ratio, &plain->pair) != 0);
}

static void tables_of_each_arithmetic_make_what_is_made_without_them(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    const struct arithmetic *arithmetics[ARITHMETICS_MAX], *fastest = arithmetic_chosen();
    static struct pairing_table tables[ARITHMETICS_MAX];
    struct plain plain;
    struct affine_point k;
    unsigned count = 0;
    curve_generator(&k);
    for (unsigned n = 0; arithmetic_name(n) != NULL; n++) {
        if (arithmetic_find(arithmetic_name(n)) != NULL) {
            arithmetics[count++] = arithmetic_find(arithmetic_name(n));
        }
    }
    for (unsigned i = 0; i < cases_to_try(); i++) {
        arithmetic_choose(fastest);
        make_plain(&entropy, &k, &plain);
        for (unsigned n = 0; n < count; n++) {
            arithmetic_choose(arithmetics[n]);
            if (i % CASES_OF_DOMAIN == 0) {
                assert_int_equal(pairing_table_build(&tables[n], &k), STATUS_OK);
            }
            assert_agrees(&plain, &tables[n]);
        }
        /* Another K for the next ones. */
        if ((i + 1) % CASES_OF_DOMAIN == 0) {
            k = plain.affine;
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_of_each_arithmetic_make_what_is_made_without_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
