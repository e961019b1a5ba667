/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/figures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void figures_add(struct figures *figures, double value) {
    if (figures->count < FIGURES_MAX) {
        figures->list[figures->count++] = value;
    }
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double figures_at(const struct figures *figures, double percent) {
    double sorted[FIGURES_MAX];
    if (figures->count == 0) {
        return 0;
    }
    memcpy(sorted, figures->list, figures->count * sizeof sorted[0]);
    qsort(sorted, figures->count, sizeof sorted[0], compare);
    size_t at = (size_t)((double)figures->count * percent / 100);
    return sorted[at < figures->count ? at : figures->count - 1];
}

void figures_print(const struct figures *figures, const char *name) {
    printf("  %-44s %8.1f %8.1f %8.1f\n", name, figures_at(figures, 50), figures_at(figures, 95),
           figures_at(figures, 100));
}

bool target_print(const char *what, double measured, const char *unit, double target,
                  bool target_is_least) {
    bool is_met = target_is_least ? measured >= target : measured <= target;
    printf("  %-44s %8.1f %-6s %s %-6g %s\n", what, measured, unit,
           target_is_least ? "at least" : "at most ", target, is_met ? "ok" : "MISSED");
    fflush(stdout);
    return is_met;
}
