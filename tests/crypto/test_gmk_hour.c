/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/gmk_hour.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t gmk_id = 0xA1020304;

static void start(uint8_t gmk[GMK_SIZE]) {
    for (uint8_t i = 0; i < GMK_SIZE; i++) {
        gmk[i] = i;
    }
}

/* Computed with Python's hmac. */
static void the_key_of_an_hour_is_the_one_written_down(void **state) {
    (void)state;
    static const uint8_t second[GMK_SIZE] = {0x43, 0x27, 0x43, 0xCA, 0x0E, 0xA5, 0x04, 0x13,
                                             0x71, 0x7E, 0xF7, 0xB5, 0xE7, 0x3C, 0x96, 0xA6};
    uint8_t gmk[GMK_SIZE], other[GMK_SIZE];
    start(gmk);
    gmk_hour_move(gmk, gmk_id, 0, 2);
    assert_memory_equal(gmk, second, GMK_SIZE);
    start(other);
    gmk_hour_move(other, gmk_id, 0, 1);
    gmk_hour_move(other, gmk_id, 1, 1);
    gmk_hour_move(other, gmk_id, 1, 2);
    assert_memory_equal(other, second, GMK_SIZE);
}

static void other_keys_and_other_hours_have_other_ones(void **state) {
    (void)state;
    uint8_t gmk[GMK_SIZE], other[GMK_SIZE];
    start(gmk);
    start(other);
    gmk_hour_move(gmk, gmk_id, 0, 1);
    gmk_hour_move(other, gmk_id + 1, 0, 1);
    assert_memory_not_equal(gmk, other, GMK_SIZE);
    start(other);
    gmk_hour_move(other, gmk_id, 1, 2);
    assert_memory_not_equal(gmk, other, GMK_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_key_of_an_hour_is_the_one_written_down),
        cmocka_unit_test(other_keys_and_other_hours_have_other_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
