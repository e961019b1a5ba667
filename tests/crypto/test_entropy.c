/* SPDX-License-Identifier: GPL-3.0-or-later */
/* crypto/entropy.h: what is drawn is there to its last octet, and no two draws are alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/entropy.h"

enum {
    LONG = 100 * 1024, /* more than the kernel gives in one piece when a signal comes */
    PIECE = 16
};

/* Of 2^128 pieces there is none of zeros among these, nor two alike one after the other. */
static void a_long_draw_is_filled_to_its_end(void **state) {
    (void)state;
    static uint8_t octets[LONG];
    static const uint8_t zeros[PIECE];
    assert_int_equal(entropy_draw(&entropy_system, octets, sizeof octets), STATUS_OK);
    for (size_t i = 0; i < sizeof octets; i += PIECE) {
        assert_memory_not_equal(&octets[i], zeros, PIECE);
        assert_true(i == 0 || memcmp(&octets[i], &octets[i - PIECE], PIECE) != 0);
    }
}

static void no_two_draws_are_alike_and_nothing_is_written_beyond(void **state) {
    (void)state;
    uint8_t first[PIECE + 1] = {0}, second[PIECE + 1] = {0};
    assert_int_equal(entropy_draw(&entropy_system, first, PIECE), STATUS_OK);
    assert_int_equal(entropy_draw(&entropy_system, second, PIECE), STATUS_OK);
    assert_memory_not_equal(first, second, PIECE);
    assert_int_equal(first[PIECE] | second[PIECE], 0);
    assert_int_equal(entropy_draw(&entropy_system, first + PIECE, 0), STATUS_OK);
    assert_int_equal(first[PIECE], 0);
}

static void a_seed_gives_the_same_octets_again_and_others_at_each_draw(void **state) {
    (void)state;
    struct entropy_seeded one, two;
    const struct entropy a = entropy_from_seed(&one, 7), b = entropy_from_seed(&two, 7);
    uint8_t first[PIECE], second[PIECE], again[PIECE];
    assert_int_equal(entropy_draw(&a, first, PIECE), STATUS_OK);
    assert_int_equal(entropy_draw(&a, second, PIECE), STATUS_OK);
    assert_int_equal(entropy_draw(&b, again, PIECE), STATUS_OK);
    assert_memory_equal(first, again, PIECE);
    assert_memory_not_equal(first, second, PIECE);
}

static enum status draw_half(void *context, uint8_t *out, size_t length) {
    (void)context;
    memset(out, 0x55, length / 2);
    return STATUS_LIBRARY_FAILED;
}

static void what_a_draw_that_failed_left_is_not_to_be_taken_for_random(void **state) {
    (void)state;
    const struct entropy fails = {draw_half, NULL};
    uint8_t octets[PIECE];
    static const uint8_t zeros[PIECE];
    assert_int_equal(entropy_draw(&fails, octets, PIECE), STATUS_LIBRARY_FAILED);
    assert_memory_equal(octets, zeros, PIECE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_draw_is_filled_to_its_end),
        cmocka_unit_test(no_two_draws_are_alike_and_nothing_is_written_beyond),
        cmocka_unit_test(a_seed_gives_the_same_octets_again_and_others_at_each_draw),
        cmocka_unit_test(what_a_draw_that_failed_left_is_not_to_be_taken_for_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
