/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How late this machine wakes whoever sleeps: a thread that wants to run every 20 ms. What a bench
 * says of milliseconds is worth no more than that.
 */
#ifndef MUSTER_TESTS_BENCH_PULSE_H
#define MUSTER_TESTS_BENCH_PULSE_H

#include <stdbool.h>

/* One runs at a time. */
bool pulse_begin(void);
void pulse_end(void);

/* By how many ms it was late since the last call: so much at the 99th percentile, and at most. */
void pulse_take(double *late_ms, double *latest_ms);

#endif
