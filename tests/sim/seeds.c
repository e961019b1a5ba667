/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/seeds.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
    FIRST_MS = 500 /* before anybody does anything */
};

static void play(const struct seeds *seeds, struct world *world) {
    world_run(world, FIRST_MS);
    unsigned actions = seeds->actions_min + world_chance(world, seeds->actions_more);
    for (unsigned i = 0; i < actions && world_is_well(world); i++) {
        seeds->act(world);
    }
    if (world_is_well(world)) {
        seeds->agree(world);
    }
    const unsigned *counted = seeds->counted(world);
    for (size_t i = 0; i < seeds->count; i++) {
        seeds->sum[i] += counted[i];
    }
}

bool seeds_live(const struct seeds *seeds, uint64_t seed, bool tell) {
    char *text = NULL;
    size_t length = 0;
    FILE *history = open_memstream(&text, &length);
    if (history == NULL) {
        abort();
    }
    replayable_begin(seed);
    struct world *world = world_new(seeds->kind, seed, history);
    play(seeds, world);
    bool well = world_is_well(world);
    if (!well) {
        world_note(world, "seed %llu failed: %s", (unsigned long long)seed, world->problem);
    }
    world_free(world);
    fclose(history);
    if (!well || tell) {
        fputs(text, stderr);
    }
    if (!well) {
        fprintf(stderr, "again: build/release/tests/sim/%s --seed %llu\n", seeds->program,
                (unsigned long long)seed);
    }
    free(text);
    return well;
}

unsigned seeds_test(const struct seeds *seeds, unsigned all, unsigned few) {
    const char *wants_all = getenv("MUSTER_TESTS_ALL");
    unsigned histories = wants_all != NULL && wants_all[0] != '\0' && !IS_SLOW ? all : few;
    for (unsigned seed = 1; seed <= histories; seed++) {
        assert_true(seeds_live(seeds, seed, false));
    }
    seeds->report(histories);
    return histories;
}

/* All histories from the first seed to the last; returns how many failed. */
static unsigned live_many(const struct seeds *seeds, uint64_t first, uint64_t last) {
    unsigned failed = 0;
    for (uint64_t seed = first; seed <= last; seed++) {
        failed += !seeds_live(seeds, seed, false);
    }
    seeds->report((unsigned)(last - first + 1));
    return failed;
}

bool seeds_asked(const struct seeds *seeds, int argc, char **argv, int *code) {
    bool is_well = true, is_asked = true;
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        is_well = seeds_live(seeds, strtoull(argv[2], NULL, 10), true);
    } else if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        is_well = live_many(seeds, strtoull(argv[2], NULL, 10), strtoull(argv[3], NULL, 10)) == 0;
    } else {
        is_asked = false;
    }
    *code = is_well ? EXIT_SUCCESS : EXIT_FAILURE;
    return is_asked;
}
