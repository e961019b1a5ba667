/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random histories of 3 to 12 handsets, each a function of its seed. After each step the shadow
 * holds what the handsets show against app/README.md section 5. To see a failed one again:
 *
 *   build/release/tests/sim/test_histories --seed N
 *
 * and to go on looking where no test has looked: --seeds FIRST LAST.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/sim/histories.h"
#include "tests/sim/officers.h"
#include "tests/sim/provider_cache.h"
#include "tests/sim/replayable.h"
#include "tests/sim/seeds.h"
#include "tests/sim/shadow.h"

static struct shadow_count sum;

enum {
    SEEDS_ALL = 500,
    SEEDS_FEW = 25,
    ACTIONS_MIN = 60,
    ACTIONS_MORE = 80,
    GAP_MS = 1200
};

static void report(unsigned lived) {
    struct provider_cache_count cached = provider_cache_count();
    print_message("%u histories: %u GMKs made, %u invitations accepted, %u let in late, "
                  "%u rekeys that left somebody out, %u expired, %u talks begun at a listener, %u "
                  "frames of voice "
                  "heard, %u deaths, %u deeds of the stranger, %u proposals against the rules, "
                  "%u decisions that outlived a death; %llu checks computed, "
                  "%llu remembered\n",
                  lived, sum.gmks, sum.accepted, sum.late, sum.left_out, sum.expired, sum.talks,
                  sum.heard, sum.deaths, sum.forgeries, sum.proposals, sum.decided,
                  (unsigned long long)cached.computed, (unsigned long long)cached.remembered);
}

static void act(struct world *world) {
    officers_act(world);
    world_run(world, world_chance(world, GAP_MS));
}

static const unsigned *counted(const struct world *world) {
    return (const unsigned *)&world->shadow->count;
}

static const struct seeds to_live = {.program = "test_histories",
                                     .kind = &histories,
                                     .actions_min = ACTIONS_MIN,
                                     .actions_more = ACTIONS_MORE,
                                     .act = act,
                                     .agree = officers_agree,
                                     .sum = (unsigned *)&sum,
                                     .count = sizeof sum / sizeof(unsigned),
                                     .counted = counted,
                                     .report = report};

static void in_random_histories_section_5_always_holds(void **state) {
    (void)state;
    unsigned seeds = seeds_test(&to_live, SEEDS_ALL, SEEDS_FEW);
    /* Histories in which nothing happens would prove nothing. */
    assert_true(sum.gmks > 4 * seeds);
    assert_true(sum.accepted > 10 * seeds);
    assert_true(sum.talks > 5 * seeds);
    assert_true(sum.deaths > seeds);
    assert_true(sum.late > seeds / 2);
    assert_true(sum.left_out > seeds / 2);
    assert_true(sum.expired > seeds);
    assert_true(sum.proposals > seeds / 2);
    assert_true(sum.decided > seeds / 4);
}

int main(int argc, char **argv) {
    replayable_setup();
    domain_issue(provider_cache());
    int code;
    if (seeds_asked(&to_live, argc, argv, &code)) {
        return code;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_random_histories_section_5_always_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
