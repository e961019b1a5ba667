/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether the program is awake: it finds out by the boot clock, which runs on while the machine is
 * suspended, that it has had no time for longer than it meant to wait. And what arrived meanwhile
 * and is not of now any more. Time is an argument.
 */
#ifndef MUSTER_APP_PROGRAMS_WAKEFULNESS_H
#define MUSTER_APP_PROGRAMS_WAKEFULNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/bytes.h"

enum {
    WAKEFULNESS_LATE_MS = 3000, /* later than it meant to look again: it slept */
    WAKEFULNESS_OLD_MS = 3000,  /* what has waited for longer is not of now */
    WAKEFULNESS_BURST_MS = 1000 /* after it woke up: so long what comes may be of before */
};

struct wakefulness {
    int64_t seen_ms;  /* boot clock: when it was seen awake last */
    int64_t until_ms; /* and meant to look again; INT64_MAX: not at a certain time */
    int64_t woke_ms;  /* when it last woke up */
};

/* Awake from now on. */
void wakefulness_begin(struct wakefulness *wakefulness, int64_t now_ms);

/* It is going to wait now, for `wait_ms` at most; -1: without an end. */
void wakefulness_wait(struct wakefulness *wakefulness, int64_t now_ms, int64_t wait_ms);

/* It is awake. Returns for how many ms it slept since it was seen awake last; 0: it did not. */
int64_t wakefulness_look(struct wakefulness *wakefulness, int64_t now_ms);

/* Is `frame`, which has waited for `age_ms` (-1: nobody knows), still worth being acted on? Voice
 * and presences speak of the moment; all other frames have limits of their own. */
bool wakefulness_allows(const struct wakefulness *wakefulness, int64_t now_ms, int64_t age_ms,
                        struct span frame);

#endif
