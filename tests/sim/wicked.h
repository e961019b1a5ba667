/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The enrolled stranger as a creator of groups that break the rules: it opens D2D connections in
 * its own name, as it may, and proposes what nobody may - another's group, a standard group, a key
 * id of the standard space, a list without the asked or without itself, a period too long - and
 * hands out a key for it whatever the answer is.
 */
#ifndef MUSTER_TESTS_SIM_WICKED_H
#define MUSTER_TESTS_SIM_WICKED_H

#include "tests/sim/world.h"

struct wicked;

/* Aborts when out of memory. */
struct wicked *wicked_new(uint64_t seed);
void wicked_free(struct wicked *wicked);

/* Opens a connection to some handset; one that is under way is given up. */
void wicked_open(struct world *world, struct wicked *wicked);

/* A frame that it heard on the air; what it says to that waits for wicked_go_on. */
void wicked_hear(struct wicked *wicked, const struct air_frame *frame);
void wicked_go_on(struct world *world, struct wicked *wicked);

#endif
