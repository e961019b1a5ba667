/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts that reach muster-gm over any transport.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_RECEIVING_H
#define MUSTER_APP_PROGRAMS_GM_RECEIVING_H

#include "app/programs/gm/order.h"

/* If `octets` is a frame with a verified receipt for the present GMK of the group, from a member on
 * its roll, returns that member, otherwise NULL. If the member's receipt is already known, the
 * signature is not checked again, so that repeats cost little. */
struct roll_member *receiving_member(const struct managed_group *group, struct span octets);

/* Is `octets` a frame with an objection to what this store knows of exclusions, of a member who is
 * not excluded, verified and with its proof? Then STATUS_EXCLUSION_UNKNOWN, with words and its
 * name, and it is durable: no key is drawn or delivered until they are known. STATUS_OK for
 * anything else; errors of store_apply. */
MUST_CHECK enum status receiving_objection(struct gm *gm, struct span octets, struct error *error);

/* May keys be drawn and delivered, as far as members know? STATUS_EXCLUSION_UNKNOWN, with words. */
MUST_CHECK enum status receiving_check(const struct gm *gm, struct error *error);

/* Notes the receipt of that member. *is_new tells whether it was new; then it is now durable.
 * Errors of store_apply. */
MUST_CHECK enum status receiving_note(struct gm *gm, struct roll_member *member, bool *is_new,
                                      struct error *error);

#endif
