/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A squad's handsets on slow air (slow_air.h), some of them out of each other's range. Each talks
 * with a tone of its own, and who is heard is found out by ear.
 */
#ifndef MUSTER_TESTS_APP_ROUGH_AIR_H
#define MUSTER_TESTS_APP_ROUGH_AIR_H

#include "tests/app/slow_air.h"

enum {
    ROUGH_STEP_MS = 10,
};

/* What one handset heard of one talker. */
struct heard_tone {
    bool is_heard;
    int64_t first_ms, last_ms;
};

struct rough_air {
    struct slow_air slow;
    struct squad *squad;
    struct heard_tone heard[SLOW_AIR_MAX][SLOW_AIR_MAX]; /* by listener and talker */
    int64_t both_ms[SLOW_AIR_MAX]; /* for so long two have been heard there without a pause */
    int64_t longest_both_ms;
};

/* `count` handsets in one group that have met, whose clocks differ by up to `clocks_differ_ms`.
 * What goes out from now on goes over `air`, as it is then. To be freed. */
struct rough_air *rough_air_new(uint64_t seed, size_t count, unsigned clocks_differ_ms);
void rough_air_free(struct rough_air *air);

/* A number from 0 to below - 1. */
unsigned rough_draw(struct rough_air *air, unsigned below);

/* Draws loss up to `loss_max` percent, delays, and ranges, of which one time in `apart_in` there
 * are some; 0: never. What was heard is forgotten. */
void rough_air_draw(struct rough_air *air, unsigned loss_max, unsigned apart_in);

/* Lets time pass: who talks talks, all listen. */
void rough_air_run(struct rough_air *air, int64_t ms);

bool rough_is_talking(const struct rough_air *air, size_t n);

#endif
