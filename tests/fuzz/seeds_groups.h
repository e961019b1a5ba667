/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Proposals and grants of groups, and records of one without a list, as inputs (seeds.h). */
#ifndef MUSTER_TESTS_FUZZ_SEEDS_GROUPS_H
#define MUSTER_TESTS_FUZZ_SEEDS_GROUPS_H

#include "tests/app/squad.h"

/* Of the group that is held: asked for again, rekeyed; of another one, in which this handset is one
 * who came late; and such that break a rule. */
void seeds_write_proposals(struct squad *squad);

/* `record` is a standard group's, with `talker` among those whose clocks are ahead: such with a
 * list that cannot be. */
void seeds_write_talkers(struct span record, const char *talker);

#endif
