/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/native/arithmetic.h"
#include "crypto/native/eight/field.h"
#include "tests/crypto/modules.h"

/* Arithmetic eight at a time against one at a time. */
enum {
    ROUNDS = 400,
    EDGES = 14
};

/* 0 to 3, p - 1 to p - 4, limbs of all ones or zeros at the top and at the bottom; then random
 * ones. */
static void value(unsigned i, const struct entropy *entropy, struct field_element *out) {
    uint8_t octets[RESIDUE_OCTETS];
    memset(out, 0, sizeof *out);
    if (i < 4) {
        out->residue.limbs[0] = i;
        return;
    }
    if (i < 8) {
        out->residue = sakke_p.value;
        out->residue.limbs[0] -= i - 3;
        return;
    }
    assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
    if (i < EDGES) {
        memset(octets + (i % 2 == 0 ? 0 : 48), i % 3 == 0 ? 0xFF : 0, 80);
    }
    residue_from_octets(&out->residue, SPAN_OF(octets));
    residue_to_montgomery(&out->residue, &out->residue, &sakke_p);
}

static void values(unsigned round, const struct entropy *entropy, struct field_element out[EIGHT]) {
    for (unsigned i = 0; i < EIGHT; i++) {
        value(round < EDGES ? (round + i) % EDGES : EDGES, entropy, &out[i]);
    }
}

static void assert_lanes(const struct eight *actual, const struct field_element expected[EIGHT]) {
    struct field_element elements[EIGHT];
    eight_unpack(elements, actual);
    for (unsigned i = 0; i < EIGHT; i++) {
        assert_memory_equal(&elements[i], &expected[i], sizeof elements[i]);
    }
}

static void times(struct field_element *out, const struct field_element *a, unsigned factor) {
    struct field_element sum = {{{0}}};
    for (unsigned i = 0; i < factor; i++) {
        field_add(&sum, &sum, a);
    }
    *out = sum;
}

static void each_lane_is_what_one_at_a_time_makes(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct field_element a[EIGHT], b[EIGHT], c[EIGHT], expected[EIGHT];
        struct eight x, y, z, out;
        values(round, &entropy, a);
        values(round / EDGES < EDGES ? round / EDGES : EDGES, &entropy, b);
        values(round + 5, &entropy, c);
        eight_pack(&x, a);
        eight_pack(&y, b);
        eight_pack(&z, c);
        assert_lanes(&x, a);

        for (unsigned i = 0; i < EIGHT; i++) {
            field_multiply(&expected[i], &a[i], &b[i]);
        }
        eight_multiply(&out, &x, &y);
        assert_lanes(&out, expected);
        for (unsigned i = 0; i < EIGHT; i++) {
            field_multiply_add(&expected[i], &a[i], &b[i], &c[i], &a[i]);
        }
        eight_multiply_add(&out, &x, &y, &z, &x);
        assert_lanes(&out, expected);
        for (unsigned i = 0; i < EIGHT; i++) {
            field_add(&expected[i], &a[i], &b[i]);
        }
        eight_add(&out, &x, &y);
        assert_lanes(&out, expected);
        for (unsigned i = 0; i < EIGHT; i++) {
            field_subtract(&expected[i], &a[i], &b[i]);
        }
        eight_subtract(&out, &x, &y);
        assert_lanes(&out, expected);
        for (unsigned i = 0; i < EIGHT; i++) {
            field_negate(&expected[i], &a[i]);
        }
        eight_negate(&out, &x);
        assert_lanes(&out, expected);
    }
}

/* Inputs nearly as large as they may be: 300p twice, and 220p four times. */
static void the_stated_bounds_hold(void **state) {
    (void)state;
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, seed_of_run());
    for (unsigned round = 0; round < 4 * EDGES; round++) {
        struct field_element a[EIGHT], b[EIGHT], large_a[EIGHT], large_b[EIGHT], expected[EIGHT];
        struct eight x, y, large_x, large_y, out;
        values(round, &entropy, a);
        values(round + round / EDGES, &entropy, b);
        eight_pack(&x, a);
        eight_pack(&y, b);
        for (unsigned i = 0; i < EIGHT; i++) {
            times(&large_a[i], &a[i], 300);
            times(&large_b[i], &b[i], 300);
            field_multiply(&expected[i], &large_a[i], &large_b[i]);
        }
        eight_times(&large_x, &x, 300);
        eight_times(&large_y, &y, 300);
        eight_multiply(&out, &large_x, &large_y);
        assert_lanes(&out, expected);

        for (unsigned i = 0; i < EIGHT; i++) {
            times(&large_a[i], &a[i], 220);
            times(&large_b[i], &b[i], 220);
            field_multiply_add(&expected[i], &large_a[i], &large_b[i], &large_b[i], &large_b[i]);
        }
        eight_times(&large_x, &x, 220);
        eight_times(&large_y, &y, 220);
        eight_multiply_add(&out, &large_x, &large_y, &large_y, &large_y);
        assert_lanes(&out, expected);

        /* What is taken away may be 32p; a packed element can be a little over p. */
        for (unsigned i = 0; i < EIGHT; i++) {
            times(&large_b[i], &b[i], 31);
            field_subtract(&expected[i], &a[i], &large_b[i]);
        }
        eight_times(&large_y, &y, 31);
        eight_subtract(&out, &x, &large_y);
        assert_lanes(&out, expected);
    }
}

int main(void) {
    if (arithmetic_find("ifma") == NULL) {
        printf("this CPU has no AVX-512 IFMA\n");
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_lane_is_what_one_at_a_time_makes),
        cmocka_unit_test(the_stated_bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
