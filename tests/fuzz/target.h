/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A target: a program tests/fuzz/test_NAME.c that gives whatever octets it is handed to a reader,
 * which must neither crash nor accept what it would write differently.
 *
 * `make fuzz` links the targets with libFuzzer, which looks for such octets. In every other build
 * replay.c hands over those of fixtures/fuzz/NAME, so that what was found once stays found.
 */
#ifndef MUSTER_TESTS_FUZZ_TARGET_H
#define MUSTER_TESTS_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* The name is libFuzzer's. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

/* What must hold for any octets. */
static inline void must(bool holds) {
    if (!holds) {
        abort();
    }
}

#endif
