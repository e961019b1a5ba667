/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Moments: time as every room takes it, an argument by three clocks.
 */
#ifndef MUSTER_APP_MOMENT_H
#define MUSTER_APP_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    CLOCK_TOLERANCE_MS = 5 * 60 * 1000 /* a clock that differs by more is shown to the officer */
};

/* A moment by three clocks. */
struct moment {
    int64_t utc_ms;   /* the wall clock: may be wrong, may be set back */
    int64_t boot_ms;  /* since boot, suspend included: never goes back within one boot */
    uint64_t boot_id; /* which boot: boot_ms of different boots do not compare */
};

/* Is a wall clock that is ahead by `difference_ms`, or behind by as much where that is negative,
 * off by more than CLOCK_TOLERANCE_MS? */
static inline bool clock_differs(int64_t difference_ms) {
    return difference_ms > CLOCK_TOLERANCE_MS || difference_ms < -CLOCK_TOLERANCE_MS;
}

#endif
