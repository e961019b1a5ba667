/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/pulse.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

enum {
    PERIOD_MS = 20,
    LATE_MAX_MS = 500 /* what is later counts as this */
};

static pthread_t thread;
static atomic_bool is_over;
static atomic_uint late[LATE_MAX_MS + 1]; /* how often, by ms */

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void *run(void *context) {
    (void)context;
    for (int64_t due_us = now_us(); !atomic_load(&is_over);) {
        due_us += PERIOD_MS * 1000;
        const struct timespec due = {due_us / 1000000, due_us % 1000000 * 1000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
        int64_t late_ms = (now_us() - due_us) / 1000;
        atomic_fetch_add(&late[late_ms < LATE_MAX_MS ? late_ms : LATE_MAX_MS], 1);
        due_us += late_ms / PERIOD_MS * PERIOD_MS * 1000;
    }
    return NULL;
}

bool pulse_begin(void) {
    atomic_store(&is_over, false);
    return pthread_create(&thread, NULL, run, NULL) == 0;
}

void pulse_end(void) {
    atomic_store(&is_over, true);
    pthread_join(thread, NULL);
}

void pulse_take(double *late_ms, double *latest_ms) {
    unsigned counts[LATE_MAX_MS + 1], all = 0, before = 0;
    *late_ms = *latest_ms = 0;
    for (int ms = 0; ms <= LATE_MAX_MS; ms++) {
        counts[ms] = atomic_exchange(&late[ms], 0);
        all += counts[ms];
    }
    for (int ms = 0; ms <= LATE_MAX_MS; ms++) {
        *late_ms = before * 100 < all * 99 ? ms : *late_ms;
        *latest_ms = counts[ms] > 0 ? ms : *latest_ms;
        before += counts[ms];
    }
}
