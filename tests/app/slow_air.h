/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Air on which frames of a squad are lost and take their time, and on which not all hear each
 * other; at random, from a seed.
 */
#ifndef MUSTER_TESTS_APP_SLOW_AIR_H
#define MUSTER_TESTS_APP_SLOW_AIR_H

#include "squad.h"

enum {
    SLOW_AIR_MAX = 8, /* handsets */
    SLOW_AIR_FLIGHTS_MAX = 8192
};

/* A frame on its way. */
struct flight {
    int64_t arrives_ms;
    size_t from, to, length;
    uint8_t octets[FRAME_MAX];
};

struct slow_air {
    uint64_t random;
    struct squad *squad;
    unsigned loss_percent;
    int64_t delay_ms[SLOW_AIR_MAX][SLOW_AIR_MAX], jitter_ms;
    bool is_apart[SLOW_AIR_MAX][SLOW_AIR_MAX];
    size_t flight_count;
    struct flight flights[SLOW_AIR_FLIGHTS_MAX];
};

unsigned slow_air_draw(struct slow_air *air, unsigned below);

/* What the squad says goes over this air from now on. */
void slow_air_begin(struct slow_air *air, struct squad *squad);

/* Draws loss up to `loss_max` per cent, and delays of up to `delay_max_ms` each way. */
void slow_air_draw_all(struct slow_air *air, unsigned loss_max, unsigned delay_max_ms);

/* What is due arrives. To be called after each step of squad_run. */
void slow_air_land(struct slow_air *air);

/* What was sent is of no use to the test any more. */
void slow_air_forget(struct slow_air *air);

#endif
