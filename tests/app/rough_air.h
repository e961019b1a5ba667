/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A squad's handsets on air that loses and delays frames, some of them out of each other's range.
 * Each talks with a tone of its own, and who is heard is found out by ear.
 */
#ifndef MUSTER_TESTS_APP_ROUGH_AIR_H
#define MUSTER_TESTS_APP_ROUGH_AIR_H

#include "tests/app/squad.h"

enum {
    ROUGH_HANDSETS = 8, /* at most */
    ROUGH_STEP_MS = 10,
    ROUGH_FLIGHTS_MAX = 8192,
};

/* A frame on its way. */
struct flight {
    int64_t arrives_ms;
    size_t from, to, length;
    uint8_t octets[FRAME_MAX];
};

/* What one handset heard of one talker. */
struct heard_tone {
    bool is_heard;
    int64_t first_ms, last_ms;
};

struct rough_air {
    uint64_t random;
    struct squad *squad;
    size_t flight_count;
    struct flight flights[ROUGH_FLIGHTS_MAX];
    unsigned loss_percent;
    int64_t delay_ms[ROUGH_HANDSETS][ROUGH_HANDSETS], jitter_ms;
    bool is_apart[ROUGH_HANDSETS][ROUGH_HANDSETS];
    struct heard_tone heard[ROUGH_HANDSETS][ROUGH_HANDSETS]; /* by listener and talker */
    int64_t both_ms[ROUGH_HANDSETS]; /* for so long two have been heard there without a pause */
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

/* What was sent is of no use any more. */
void rough_air_forget_frames(struct rough_air *air);

#endif
