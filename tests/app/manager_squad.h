/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A squad whose first handset manages the group SQUAD_FIRE, and what can be seen of it.
 */
#ifndef MUSTER_TESTS_APP_MANAGER_SQUAD_H
#define MUSTER_TESTS_APP_MANAGER_SQUAD_H

#include "app/handset/handset.h"
#include "squad.h"

enum {
    MANAGER = 0,
    ALL = SQUAD_MAX, /* the manager and 20 members */
    SOME = 8,
    FEW = 4,
    MINUTE_MS = 60 * 1000
};

/* A command about the group and that member, for six hours; manager_give hands it to the manager.
 */
struct command manager_order(enum command_kind kind, size_t member);
enum status manager_give(struct squad *squad, enum command_kind kind, size_t member);

/* A manager with all handsets of the squad on its roll, who know each other. */
struct squad *squad_with_manager(size_t count);

/* The same after a first rekey, which everybody has. */
struct squad *squad_with_key(size_t count);

/* Time passes in which nobody talks. */
void squad_wait(struct squad *squad, int64_t ms);

/* The group, and a member's row, as the manager's screen sees them. */
const struct view_managed *manager_view(struct squad *squad);
const struct view_managed_member *manager_row(struct squad *squad, size_t member);

/* Does handset n hold the GMK with that id? */
bool squad_holds(struct squad *squad, size_t n, uint32_t gmk_id);

/* Whom a frame hands a key of the group to; NULL when it is no key delivery. */
const char *delivery_addressee(const struct squad_frame *frame, uint32_t *gmk_id);

/* How many deliveries were sent, from a frame on, of any or of one GMK, to all or to one member. */
size_t count_deliveries(const struct squad *squad, size_t from, uint32_t gmk_id,
                        const char *member);

/* Filters (squad.h): the air takes away all receipts, or all key deliveries. */
bool drop_receipts(void *context, struct squad_frame *frame, size_t receiver);
bool drop_deliveries(void *context, struct squad_frame *frame, size_t receiver);

#endif
