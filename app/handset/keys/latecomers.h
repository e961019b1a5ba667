/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Latecomers: members that the creator of an ad-hoc group lets in while it runs, without a new key
 * for everybody. Who comes late gets the present hour's key (hours.h), so it opens nothing that was
 * said in earlier ones, and the list by D2D as every member does.
 *
 *   1. Each one is a new list of the next number, from 1 up; the first list, which was made with
 *      the GMK, is number 0. A rekey makes a first list again. Nobody leaves a list but by a rekey.
 *   2. The other members hear of it from the creator by D2D once they are in reach (lists.h), or
 *      from the latecomer's ticket (ticket.h), which its announcements carry as long as the GMK
 *      lasts: who has heard of it cannot be told for sure.
 *   3. Lists are merged: whoever the creator has named under this GMK is a member. So all lists
 *      become the same, in whatever order they come, and two with the same number, of a creator
 *      that has lost its memory, count both.
 *   4. A ticket counts under the current GMK alone, once the announcement's MAC proves that the
 *      talker holds it and its signature that it is the one that the ticket names.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_LATECOMERS_H
#define MUSTER_APP_HANDSET_KEYS_LATECOMERS_H

#include "app/handset/keys/groups.h"
#include "app/handset/keys/ticket.h"

/* Do these parameters say the same of the GMK that `group` holds, but for who came late? */
bool latecomers_is_same_gmk(const struct group *group, const struct group_parameters *parameters);

/* Whoever came late by `list`, which is the creator's and of the same GMK, is a member from now on;
 * the officer is told of who is new. STATUS_TOO_LONG: there is no room for all of them, and nothing
 * changed. */
MUST_CHECK enum status latecomers_merge(struct groups *groups, struct group *group,
                                        const struct group_parameters *list, struct moment now);

/* Who announces itself with `fields` under `gmk` is no member of `group`, as far as is known here.
 * Does it show a ticket that may let it in? That is read into *ticket, whose spans live as long as
 * the announcement's octets, and is still to be verified. */
bool latecomers_shows_ticket(const struct group *group, const struct gmk *gmk,
                             const struct announcement_fields *fields, struct ticket *ticket);

/* The ticket has verified: whom it names is a member from now on, and the officer is told. The
 * errors of groups_admit. */
MUST_CHECK enum status latecomers_admit(struct groups *groups, struct group *group,
                                        const struct ticket *ticket, struct moment now);

#endif
