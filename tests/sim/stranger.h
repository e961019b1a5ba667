/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The stranger: hears everything on the air, and sends what it heard again, changed, cut, under new
 * frame ids, from other places, or forges. In some worlds it is enrolled in the domain and signs
 * for itself; it is a member of no group. It also has the keys of groups at times, as somebody has
 * who stole a member's handset: then it forges in the name of other members.
 */
#ifndef MUSTER_TESTS_SIM_STRANGER_H
#define MUSTER_TESTS_SIM_STRANGER_H

#include "tests/sim/world.h"

/* Listens to the world's air from now on. Aborts when out of memory. */
struct stranger *stranger_new(struct world *world);
void stranger_free(struct stranger *stranger);

/* Does one bad thing. */
void stranger_act(struct world *world);

/* Goes on with what it began. */
void stranger_go_on(struct world *world);

#endif
