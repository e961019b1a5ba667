/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_crowds [SEED]: what 20, 200 and 2,000 handsets in one place cost the air and each of them,
 * and how soon they know of each other, in virtual time with the model of a crypto module. What a
 * real check of a signature takes is measured first, and counted for each one that was made.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/app/crowd_figures.h"

int main(int argc, char *argv[]) {
    static const size_t sizes[] = {20, 200, 2000};
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    int64_t check_ns = crowd_check_ns();
    printf(
        "Crowds, seed %llu; one check of a signature takes %.2f ms here; 10 %% of the frames are "
        "lost\n",
        (unsigned long long)seed, (double)check_ns / 1e6);
    crowd_figures_heading();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        if (argc > 2 && strtoul(argv[2], NULL, 0) != sizes[i]) {
            continue;
        }
        const struct crowd_figures figures = crowd_measure(sizes[i], seed);
        crowd_figures_print(&figures, check_ns);
    }
    return EXIT_SUCCESS;
}
