/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/replayable.h"

#include <sodium.h>
#include <stdlib.h>

#include "crypto/entropy.h"

static struct {
    struct entropy_seeded seeded;
    struct entropy entropy;
} replayable;

static void draw(void *out, const size_t length) {
    if (entropy_draw(&replayable.entropy, out, length) != STATUS_OK) {
        abort();
    }
}

static uint32_t number(void) {
    uint32_t drawn;
    draw(&drawn, sizeof drawn);
    return drawn;
}

static const char *name(void) {
    return "replayable";
}

static struct randombytes_implementation source = {
    .implementation_name = name,
    .random = number,
    .buf = draw,
};

void replayable_begin(uint64_t seed) {
    replayable.entropy = entropy_from_seed(&replayable.seeded, seed);
}

void replayable_setup(void) {
    if (randombytes_set_implementation(&source) != 0) {
        abort();
    }
    replayable_begin(0);
    if (sodium_init() < 0) {
        abort();
    }
}
