/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/transport/seed.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

uint64_t seed_of_run(int argc, char **argv) {
    uint64_t seed;
    if (argc > 1) {
        seed = strtoull(argv[1], NULL, 10);
    } else if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed) {
        exit(1);
    }
    printf("seed %" PRIu64 "\n", seed);
    return seed;
}
