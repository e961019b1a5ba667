/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * libsodium draws stream headers itself: from this source they are the same each time.
 */
#ifndef MUSTER_TESTS_SIM_REPLAYABLE_H
#define MUSTER_TESTS_SIM_REPLAYABLE_H

#include <stdint.h>

/* Gives libsodium the source, before anything else is done with it. Aborts when that fails. */
void replayable_setup(void);

/* What is drawn from now on depends on the seed alone. */
void replayable_begin(uint64_t seed);

#endif
