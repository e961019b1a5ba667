/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receipts as they reach muster-gm over whatever transport.
 */
#ifndef MUSTER_APP_PROGRAMS_GM_RECEIVING_H
#define MUSTER_APP_PROGRAMS_GM_RECEIVING_H

#include "app/programs/gm/order.h"

/* Is `octets` a frame with a receipt, for the present GMK of the group and verified, of a member
 * who is on its roll? Then that member, otherwise NULL. Of a member whose receipt is known already
 * the signature is not checked again, so that repeats cost little. */
struct roll_member *receiving_member(const struct managed_group *group, struct span octets);

/* The receipt of that member came. *is_new tells whether that was not known yet; then it is durable
 * now. Errors of store_apply. */
MUST_CHECK enum status receiving_note(struct gm *gm, struct roll_member *member, bool *is_new,
                                      struct error *error);

#endif
