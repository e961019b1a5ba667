/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_TESTS_BENCH_STOPWATCH_H
#define MUSTER_TESTS_BENCH_STOPWATCH_H

#include <stddef.h>

/* Milliseconds of processor time that this process has used. */
double milliseconds_used(void);

/* Milliseconds that have gone by. */
double milliseconds_passed(void);

/* The median of `count` numbers, which are sorted. */
double median(double *numbers, size_t count);

/* The largest amount of memory that the process has had so far, in KiB. */
long memory_peak(void);

#endif
