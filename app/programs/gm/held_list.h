/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The list of the revoked that a manager's store has: from the group's bundles, or from a file. Who
 * hands out keys hands it out with them.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_HELD_LIST_H
#define MUSTER_APP_PROGRAMS_GM_HELD_LIST_H

#include "app/identity/revocation.h"
#include "app/programs/gm/order.h"

/* That of the group's domain; its number is 0 where there is none. Errors of store_find. */
MUST_CHECK enum status held_list_find(const struct gm *gm, struct revocation *list,
                                      struct error *error);

/* Excludes whom that list names on the roll, and says so. Errors of held_list_find,
 * managed_group_exclude and store_apply. */
MUST_CHECK enum status held_list_leave_out(const struct gm *gm, struct error *error);

#endif
