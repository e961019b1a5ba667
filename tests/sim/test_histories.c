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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/histories.h"
#include "tests/sim/officers.h"
#include "tests/sim/provider_cache.h"
#include "tests/sim/replayable.h"
#include "tests/sim/shadow.h"

#if defined(__SANITIZE_ADDRESS__)
enum {
    IS_SLOW = 1
};
#else
enum {
    IS_SLOW = 0
};
#endif

enum {
    SEEDS_ALL = 500,
    SEEDS_FEW = 25,
    ACTIONS_MIN = 60,
    ACTIONS_MORE = 80,
    GAP_MS = 1200
};

/* Lives the history of `seed`. Returns whether all went well; if not, tells what happened. */
static bool live(uint64_t seed, bool tell, struct shadow_count *sum) {
    char *text = NULL;
    size_t length = 0;
    FILE *history = open_memstream(&text, &length);
    if (history == NULL) {
        abort();
    }
    replayable_begin(seed);
    struct world *world = world_new(&histories, seed, history);
    world_run(world, 500);
    unsigned actions = ACTIONS_MIN + world_chance(world, ACTIONS_MORE);
    for (unsigned i = 0; i < actions && world_is_well(world); i++) {
        officers_act(world);
        world_run(world, world_chance(world, GAP_MS));
    }
    if (world_is_well(world)) {
        officers_agree(world);
    }
    bool well = world_is_well(world);
    const struct shadow_count *count = &world->shadow->count;
    unsigned *into = (unsigned *)sum;
    const unsigned *from = (const unsigned *)count;
    for (size_t i = 0; i < sizeof *sum / sizeof *into; i++) {
        into[i] += from[i];
    }
    if (!well) {
        world_note(world, "seed %llu failed: %s", (unsigned long long)seed, world->problem);
    }
    world_free(world);
    fclose(history);
    if (!well || tell) {
        fputs(text, stderr);
    }
    if (!well) {
        fprintf(stderr, "again: build/release/tests/sim/test_histories --seed %llu\n",
                (unsigned long long)seed);
    }
    free(text);
    return well;
}

static void report(unsigned seeds, const struct shadow_count *sum) {
    struct provider_cache_count cached = provider_cache_count();
    print_message("%u histories: %u GMKs made, %u invitations accepted, %u rekeys that left "
                  "somebody out, %u expired, %u talks begun at a listener, %u frames of voice "
                  "heard, %u deaths, %u deeds of the stranger, %u proposals against the rules, "
                  "%u decisions that outlived a death; %llu checks computed, "
                  "%llu remembered\n",
                  seeds, sum->gmks, sum->accepted, sum->left_out, sum->expired, sum->talks,
                  sum->heard, sum->deaths, sum->forgeries, sum->proposals, sum->decided,
                  (unsigned long long)cached.computed, (unsigned long long)cached.remembered);
}

static void in_random_histories_section_5_always_holds(void **state) {
    (void)state;
    bool all = getenv("MUSTER_TESTS_ALL") != NULL && getenv("MUSTER_TESTS_ALL")[0] != '\0';
    unsigned seeds = all && !IS_SLOW ? SEEDS_ALL : SEEDS_FEW;
    struct shadow_count sum = {0};
    for (unsigned seed = 1; seed <= seeds; seed++) {
        assert_true(live(seed, false, &sum));
    }
    report(seeds, &sum);
    /* Histories in which nothing happens would prove nothing. */
    assert_true(sum.gmks > 4 * seeds);
    assert_true(sum.accepted > 10 * seeds);
    assert_true(sum.talks > 5 * seeds);
    assert_true(sum.deaths > seeds);
    assert_true(sum.left_out > seeds / 2);
    assert_true(sum.expired > seeds);
    assert_true(sum.proposals > seeds / 2);
    assert_true(sum.decided > seeds / 4);
}

/* All histories from the first seed to the last; returns how many failed. */
static unsigned live_many(uint64_t first, uint64_t last) {
    struct shadow_count sum = {0};
    unsigned failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        failed += !live(seed, false, &sum);
    }
    report((unsigned)(last - first + 1), &sum);
    return failed;
}

int main(int argc, char **argv) {
    replayable_setup();
    domain_issue(provider_cache());
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        struct shadow_count sum = {0};
        return live(strtoull(argv[2], NULL, 10), true, &sum) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        return live_many(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10)) == 0
                   ? EXIT_SUCCESS
                   : EXIT_FAILURE;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_random_histories_section_5_always_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
