/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random histories by seed: each is lived through once more, exactly, by its number.
 *
 *   PROGRAM --seed N             one again, and tells what happens
 *   PROGRAM --seeds FIRST LAST   goes on looking where no test has looked
 */
#ifndef MUSTER_TESTS_SIM_SEEDS_H
#define MUSTER_TESTS_SIM_SEEDS_H

#include "tests/sim/world.h"

struct seeds {
    const char *program;
    const struct world_kind *kind;
    unsigned actions_min, actions_more;
    void (*act)(struct world *world);   /* the next thing that somebody does */
    void (*agree)(struct world *world); /* all comes to rest: then they must agree */
    unsigned *sum;                      /* of what happened, `count` numbers */
    size_t count;
    const unsigned *(*counted)(const struct world *world); /* the same of one history */
    void (*report)(unsigned lived);
};

/* Lives the history of `seed`. Returns whether all went well; if not, tells what happened, on
 * standard error. */
bool seeds_live(const struct seeds *seeds, uint64_t seed, bool tell);

/* Lives as many as a test does: all of them under MUSTER_TESTS_ALL, unless the program is slow
 * under sanitizers, else a few; fails with the first that does. Returns how many there were. */
unsigned seeds_test(const struct seeds *seeds, unsigned all, unsigned few);

/* Does what the arguments ask for, and returns whether that was anything; *code is then what to
 * exit with. */
bool seeds_asked(const struct seeds *seeds, int argc, char **argv, int *code);

#endif
