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
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/clocks.h"
#include "tests/sim/replayable.h"

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
    ACTIONS_MIN = 16,
    ACTIONS_MORE = 16,
};

/* Lives the history of `seed`. Returns whether all went well; if not, tells what happened. */
static bool live(uint64_t seed, bool tell, struct clocks_count *sum) {
    char *text = NULL;
    size_t length = 0;
    FILE *history = open_memstream(&text, &length);
    if (history == NULL) {
        abort();
    }
    replayable_begin(seed);
    struct world *world = world_new(&clocks_kind, seed, history);
    world_run(world, 500);
    unsigned actions = ACTIONS_MIN + world_chance(world, ACTIONS_MORE);
    for (unsigned i = 0; i < actions && world_is_well(world); i++) {
        clocks_act(world);
    }
    if (world_is_well(world)) {
        clocks_agree(world);
    }
    bool well = world_is_well(world);
    unsigned *into = (unsigned *)sum;
    const unsigned *from = (const unsigned *)&world->clocks->count;
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
        fprintf(stderr, "again: build/release/tests/sim/test_clocks --seed %llu\n",
                (unsigned long long)seed);
    }
    free(text);
    return well;
}

static void report(unsigned seeds, const struct clocks_count *sum) {
    print_message("%u histories: %u keys made, %u taken, %u talks, %u heard, %u times somebody had "
                  "to hear another, %u deaths, %u boots, %u steps of clocks, %u frames said "
                  "again, %u months ended\n",
                  seeds, sum->keys, sum->taken, sum->talks, sum->heard, sum->deadlines, sum->deaths,
                  sum->boots, sum->steps, sum->replays, sum->months);
}

static void with_wrong_clocks_all_hear_all_and_no_key_outlives_its_end(void **state) {
    (void)state;
    bool all = getenv("MUSTER_TESTS_ALL") != NULL && getenv("MUSTER_TESTS_ALL")[0] != '\0';
    unsigned seeds = all && !IS_SLOW ? SEEDS_ALL : SEEDS_FEW;
    struct clocks_count sum = {0};
    for (unsigned seed = 1; seed <= seeds; seed++) {
        assert_true(live(seed, false, &sum));
    }
    report(seeds, &sum);
    /* Histories in which nothing happens would prove nothing. */
    assert_true(sum.taken > 8 * seeds);
    assert_true(sum.heard > 15 * seeds);
    assert_true(sum.deadlines > 10 * seeds);
    assert_true(sum.boots > seeds);
    assert_true(sum.steps > 2 * seeds);
    assert_true(sum.replays > 30 * seeds);
    assert_true(sum.months > 0);
}

/* All histories from the first seed to the last; returns how many failed. */
static unsigned live_many(uint64_t first, uint64_t last) {
    struct clocks_count sum = {0};
    unsigned failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        failed += !live(seed, false, &sum);
    }
    report((unsigned)(last - first + 1), &sum);
    return failed;
}

int main(int argc, char **argv) {
    replayable_setup();
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        struct clocks_count sum = {0};
        return live(strtoull(argv[2], NULL, 10), true, &sum) ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        return live_many(strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10)) == 0
                   ? EXIT_SUCCESS
                   : EXIT_FAILURE;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_wrong_clocks_all_hear_all_and_no_key_outlives_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
