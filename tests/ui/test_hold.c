/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/keyboard/hold.h in virtual time: fingers and keyboards that hold a key, and those that do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/keyboard/hold.h"

/* Holds the key until `until_ms` on a keyboard that repeats so; returns how often that counted, and
 * when for the first time. */
static unsigned keep_down(struct hold *hold, enum input_kind first, enum input_kind repeats,
                          int64_t delay_ms, int64_t interval_ms, int64_t from_ms, int64_t until_ms,
                          int64_t *counted_ms) {
    unsigned counted = hold_key(hold, first, from_ms);
    for (int64_t at_ms = from_ms + delay_ms; at_ms <= until_ms; at_ms += interval_ms) {
        if (hold_key(hold, repeats, at_ms) && counted++ == 0) {
            *counted_ms = at_ms - from_ms;
        }
    }
    return counted;
}

static const int64_t delays_ms[] = {250, 500, 600, 660}, intervals_ms[] = {25, 33, 40, 50, 100};

static void a_key_held_for_a_second_counts_once(void **state) {
    (void)state;
    for (size_t d = 0; d < 4; d++) {
        for (size_t i = 0; i < 5; i++) {
            for (int told = 0; told < 2; told++) {
                struct hold hold = {0};
                for (int64_t from_ms = 5000; from_ms < 20000; from_ms += 5000) {
                    int64_t counted_ms = 0;
                    assert_int_equal(keep_down(&hold, told ? INPUT_PRESSED : INPUT_TYPED,
                                               told ? INPUT_REPEATED : INPUT_TYPED, delays_ms[d],
                                               intervals_ms[i], from_ms, from_ms + 3000,
                                               &counted_ms),
                                     1);
                    assert_in_range(counted_ms, HOLD_MS, HOLD_MS + intervals_ms[i]);
                    if (told) {
                        assert_false(hold_key(&hold, INPUT_RELEASED, from_ms + 3010));
                    }
                }
            }
        }
    }
}

static void a_key_held_for_less_does_not_count(void **state) {
    (void)state;
    for (size_t d = 0; d < 4; d++) {
        for (size_t i = 0; i < 5; i++) {
            struct hold hold = {0};
            int64_t counted_ms;
            for (int64_t from_ms = 5000; from_ms < 20000; from_ms += 2000) {
                assert_int_equal(keep_down(&hold, INPUT_TYPED, INPUT_TYPED, delays_ms[d],
                                           intervals_ms[i], from_ms, from_ms + HOLD_MS - 1,
                                           &counted_ms),
                                 0);
            }
        }
    }
}

/* However often a key is touched, in no haste. */
static void single_presses_never_count(void **state) {
    (void)state;
    struct hold hold = {0};
    for (int64_t at_ms = 5000; at_ms < 60000; at_ms += HOLD_INTERVAL_MAX_MS + 50) {
        assert_false(hold_key(&hold, INPUT_TYPED, at_ms));
    }
    for (int64_t at_ms = 70000; at_ms < 80000; at_ms += 40) {
        assert_false(hold_key(&hold, INPUT_PRESSED, at_ms)); /* each of them is a new one */
        assert_false(hold_key(&hold, INPUT_RELEASED, at_ms + 20));
    }
}

/* After a pause it is another press, also where the release was lost. */
static void a_pause_starts_it_anew(void **state) {
    (void)state;
    struct hold hold = {0};
    int64_t counted_ms = 0;
    assert_int_equal(keep_down(&hold, INPUT_TYPED, INPUT_TYPED, 500, 50, 5000, 5900, &counted_ms),
                     0);
    assert_int_equal(keep_down(&hold, INPUT_TYPED, INPUT_TYPED, 500, 50, 6200, 7100, &counted_ms),
                     0);
    assert_int_equal(keep_down(&hold, INPUT_TYPED, INPUT_TYPED, 500, 50, 7400, 8500, &counted_ms),
                     1);
}

/* Without a pause, and where what says that it is pressed again was lost. */
static void a_release_starts_it_anew(void **state) {
    (void)state;
    struct hold hold = {0};
    int64_t counted_ms = 0;
    assert_int_equal(
        keep_down(&hold, INPUT_PRESSED, INPUT_REPEATED, 250, 50, 5000, 5900, &counted_ms), 0);
    assert_false(hold_key(&hold, INPUT_RELEASED, 5910));
    assert_int_equal(
        keep_down(&hold, INPUT_REPEATED, INPUT_REPEATED, 50, 50, 5950, 6900, &counted_ms), 0);
}

/* Where it was a letter when it was pressed, it goes on as one, also once nothing is typed any
 * more. */
static void held_on_from_a_text_it_counts_for_nothing(void **state) {
    (void)state;
    for (int told = 0; told < 2; told++) {
        enum input_kind first = told ? INPUT_PRESSED : INPUT_TYPED;
        enum input_kind repeats = told ? INPUT_REPEATED : INPUT_TYPED;
        struct hold hold = {0};
        int64_t at_ms = 5000, counted_ms = 0;
        hold_spend(&hold, first, at_ms);
        for (at_ms += 500; at_ms < 6000; at_ms += 50) {
            hold_spend(&hold, repeats, at_ms);
        }
        for (; at_ms < 9000; at_ms += 50) {
            assert_false(hold_key(&hold, repeats, at_ms));
        }
        if (told) {
            assert_false(hold_key(&hold, INPUT_RELEASED, at_ms));
        }
        assert_int_equal(
            keep_down(&hold, first, repeats, 500, 50, at_ms + 1000, at_ms + 4000, &counted_ms), 1);
    }
}

static void repeats_of_a_press_that_was_not_seen_count_for_nothing(void **state) {
    (void)state;
    struct hold hold = {0};
    int64_t counted_ms = 0;
    assert_int_equal(
        keep_down(&hold, INPUT_REPEATED, INPUT_REPEATED, 50, 50, 5000, 9000, &counted_ms), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_held_for_a_second_counts_once),
        cmocka_unit_test(a_key_held_for_less_does_not_count),
        cmocka_unit_test(single_presses_never_count),
        cmocka_unit_test(a_pause_starts_it_anew),
        cmocka_unit_test(a_release_starts_it_anew),
        cmocka_unit_test(held_on_from_a_text_it_counts_for_nothing),
        cmocka_unit_test(repeats_of_a_press_that_was_not_seen_count_for_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
