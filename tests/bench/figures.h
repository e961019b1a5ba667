/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Figures of a bench, and rows that set them beside their targets.
 */
#ifndef MUSTER_TESTS_BENCH_FIGURES_H
#define MUSTER_TESTS_BENCH_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

enum {
    FIGURES_MAX = 512
};

struct figures {
    double list[FIGURES_MAX];
    size_t count;
};

/* What is over FIGURES_MAX is left out. */
void figures_add(struct figures *figures, double value);

/* The value that `percent` of them do not exceed; 0 of none. */
double figures_at(const struct figures *figures, double percent);

/* One row: name, median, 95th, max, in ms. */
void figures_print(const struct figures *figures, const char *name);

/* One row: what was measured, its target, and whether that was met, which is returned. The target
 * is the most or (target_is_least) the least. */
bool target_print(const char *what, double measured, const char *unit, double target,
                  bool target_is_least);

#endif
