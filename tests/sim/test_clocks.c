/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random histories of handsets with wrong clocks (clocks.h), each a function of its seed. To see a
 * failed one again:
 *
 *   build/release/tests/sim/test_clocks --seed N
 *
 * and to go on looking where no test has looked: --seeds FIRST LAST.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/clocks.h"
#include "tests/sim/replayable.h"
#include "tests/sim/seeds.h"

static struct clocks_count sum;

enum {
    SEEDS_ALL = 500,
    SEEDS_FEW = 25,
    ACTIONS_MIN = 16,
    ACTIONS_MORE = 16,
};

static void report(unsigned lived) {
    print_message("%u histories: %u keys made, %u taken, %u talks, %u heard, %u times somebody had "
                  "to hear another, %u deaths, %u boots, %u steps of clocks, %u frames said "
                  "again, %u months ended\n",
                  lived, sum.keys, sum.taken, sum.talks, sum.heard, sum.deadlines, sum.deaths,
                  sum.boots, sum.steps, sum.replays, sum.months);
}

static const unsigned *counted(const struct world *world) {
    return (const unsigned *)&world->clocks->count;
}

static const struct seeds to_live = {.program = "test_clocks",
                                     .kind = &clocks_kind,
                                     .actions_min = ACTIONS_MIN,
                                     .actions_more = ACTIONS_MORE,
                                     .act = clocks_act,
                                     .agree = clocks_agree,
                                     .sum = (unsigned *)&sum,
                                     .count = sizeof sum / sizeof(unsigned),
                                     .counted = counted,
                                     .report = report};

static void with_wrong_clocks_all_hear_all_and_no_key_outlives_its_end(void **state) {
    (void)state;
    unsigned seeds = seeds_test(&to_live, SEEDS_ALL, SEEDS_FEW);
    /* Histories in which nothing happens would prove nothing. */
    assert_true(sum.taken > 8 * seeds);
    assert_true(sum.heard > 15 * seeds);
    assert_true(sum.deadlines > 10 * seeds);
    assert_true(sum.boots > seeds);
    assert_true(sum.steps > 2 * seeds);
    assert_true(sum.replays > 30 * seeds);
    assert_true(sum.months > 0);
}

int main(int argc, char **argv) {
    replayable_setup();
    int code;
    if (seeds_asked(&to_live, argc, argv, &code)) {
        return code;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_wrong_clocks_all_hear_all_and_no_key_outlives_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
