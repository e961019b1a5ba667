/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Worlds of random histories: officers who do anything (officers.h), a stranger (stranger.h), and
 * the shadow that watches (shadow.h).
 */
#ifndef MUSTER_TESTS_SIM_HISTORIES_H
#define MUSTER_TESTS_SIM_HISTORIES_H

#include "tests/sim/world.h"

/* With 3 to DOMAIN_HANDSETS handsets of tests/sim/domain.h, which was issued. */
extern const struct world_kind histories;

#endif
