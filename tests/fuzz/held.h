/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handset that holds keys, for targets that go behind them: it is in a group with two others and
 * takes every ECCSI signature for right but those that begin with HELD_FORGED, so that whatever an
 * input makes counts as signed by whom it says. It manages a standard group, in which are they and
 * two who are not there, and waits for receipts; and it has a second link, to which it passes on
 * what it hears, in parts where that is long. It is made once, and time goes on from input to
 * input.
 */
#ifndef MUSTER_TESTS_FUZZ_HELD_H
#define MUSTER_TESTS_FUZZ_HELD_H

#include "app/handset/handset.h"
#include "tests/app/squad.h"
#include "tests/fuzz/target.h"

enum {
    HELD = 1, /* which handset of the squad it is; the others are 0, who made the group, and 2 */
    HELD_FORGED = 0xEE,
    HELD_AWAY = 3,    /* the first of those in the managed group who are not there */
    HELD_MANAGED = 5, /* how many are in it */
};

/* The squad, with the group. */
struct squad *held_squad(void);

struct handset *held_handset(void);

/* The group that it manages. */
struct managed_group *held_managed(void);

/* An input is over: some time passes, budgets are full again, and what it left is forgotten. */
void held_rest(void);

/* What the input says next: `length` octets at most, those that there are. */
struct span held_take(struct reader *input, size_t length);

#endif
