/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Counts multiplications in F_p. The bench is linked so that those eight at a time come by here.
 */
#ifndef MUSTER_TESTS_BENCH_MULTIPLICATIONS_H
#define MUSTER_TESTS_BENCH_MULTIPLICATIONS_H

#include "crypto/native/arithmetic.h"

/* A sum of two products with one reduction counts as one and a half. */
struct multiplications {
    double one_at_a_time, eight_at_a_time;
};

/* `arithmetic`, but counting: to be chosen in its place. One at a time. */
const struct arithmetic *multiplications_counted(const struct arithmetic *arithmetic);

/* Those since the last call. */
struct multiplications multiplications_take(void);

#endif
