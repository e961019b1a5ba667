/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inputs of today's form: with MUSTER_FUZZ=write in its environment a target that holds a handset
 * (held.h) writes what goes over the air of its squad, one or two of each kind, into fixtures/fuzz
 * in place of what stood there under these names. To be done when a form has changed; what no
 * reader takes finds nothing.
 */
#ifndef MUSTER_TESTS_FUZZ_SEEDS_H
#define MUSTER_TESTS_FUZZ_SEEDS_H

#include "tests/app/squad.h"

/* Does nothing without MUSTER_FUZZ=write. The squad has just made its group. */
void seeds_write(struct squad *squad);

#endif
