/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/native/generator.h"
#include "crypto/native/pairing.h"
#include "tests/crypto/arithmetics.h"
#include "tests/crypto/cases.h"
#include "tests/crypto/modules.h"
#include "tests/crypto/plain.h"

static void assert_same_point(const struct curve_point *actual, const struct curve_point *plain) {
    struct affine_point affine;
    curve_to_affine(&affine, plain);
    assert_true(curve_equals_affine(actual, &affine) != 0);
}

/* [r]P, g^r and <K, [r]P> with tables and without, for random r. */
static void tables_make_what_is_made_without_them(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    static struct pairing_table table;
    struct affine_point generator, k, affine;
    struct field_element g;
    struct residue r;
    struct curve_point point, plain_point;
    curve_generator(&generator);
    field_from_integer(&g, &sakke_g);
    for (unsigned i = 0; i < cases_to_try(); i++) {
        struct quadratic power;
        struct field_element ratio, plain_ratio;
        if (i % CASES_OF_DOMAIN == 0) {
            plain_scalar(&entropy, &r);
            plain_multiply(&point, &generator, &r);
            curve_to_affine(&k, &point);
            assert_int_equal(pairing_table_build(&table, &k), STATUS_OK);
        }
        plain_scalar(&entropy, &r);
        curve_comb_multiply(&point, generator_comb(), &r);
        plain_multiply(&plain_point, &generator, &r);
        assert_same_point(&point, &plain_point);

        power_comb_raise(&power, generator_power_comb(), &r);
        quadratic_ratio(&ratio, &power);
        plain_power(&plain_ratio, &g, &r);
        assert_true(field_equal(&ratio, &plain_ratio) != 0);

        curve_to_affine(&affine, &plain_point);
        pairing(&ratio, &table, &affine);
        plain_pairing(&plain_ratio, &k, &affine);
        assert_true(field_equal(&ratio, &plain_ratio) != 0);
    }
}

static int run(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_make_what_is_made_without_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void) {
    return with_every_arithmetic(run);
}
