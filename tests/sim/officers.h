/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Officers who do anything at any time, and the weather.
 */
#ifndef MUSTER_TESTS_SIM_OFFICERS_H
#define MUSTER_TESTS_SIM_OFFICERS_H

#include "tests/sim/world.h"

/* One thing happens: an officer gives a command, a handset is about to die, a clock is set, the air
 * changes, the stranger acts. */
void officers_act(struct world *world);

/* The air clears, all handsets are up, no clock is set any more, and the officers work together: a
 * new group of all gets its key everywhere, and all hear who talks in it. Fails the world when that
 * does not come about. */
void officers_agree(struct world *world);

#endif
