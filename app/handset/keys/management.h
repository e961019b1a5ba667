/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The standard groups that this handset manages (6.X.3.3.2.3): an officer's handset that was given
 * the keys of a group identity does what muster-gm does, over its own links
 * (manager/managed_group.h has what both share).
 *
 *   1. A rekey draws a GMK, which is durable before anybody gets it. Then the key deliveries go
 *      out, some at a time, until nobody lacks it: to everyone nearby, and into each member's
 *      mailbox at a broker. After a restart that goes on.
 *   2. A GMK that takes the place of one in use begins MANAGEMENT_LEAD_MS later, when all within
 *      reach have it, so that nobody is cut off in the middle of a word. One that excludes a member
 *      begins at once.
 *   3. What was sent may not have been heard: a member has the GMK when its signed receipt says so.
 *      Until then it is sent again when the member comes near, and to all others now and then.
 *   4. When the manager is on the roll itself, its handset takes its own delivery without the air.
 *
 * Group time is this handset's wall clock. Nothing is sent under radio silence.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_MANAGEMENT_H
#define MUSTER_APP_HANDSET_KEYS_MANAGEMENT_H

#include "app/handset/keys/managed.h"

/* Fills the purses; to be called once. */
void management_begin(struct management *management, int64_t boot_ms);

/* One of the records of managed groups, before the start. STATUS_TOO_LONG for more than
 * MANAGED_GROUPS_MAX groups, errors of managed_group_of_record, managed_group_new and
 * managed_group_restore. */
MUST_CHECK enum status management_restore(struct management *management, enum record_kind kind,
                                          struct span key, struct span value);

/* All records are in: sending goes on where it stopped. */
void management_start(struct management *management, struct moment now);

/* Sends what is due, makes receipts durable, and drops keys whose time is over. */
void management_tick(struct management *management, struct moment now);

/* The boot_ms at which management_tick has something to do. */
int64_t management_deadline(const struct management *management);

/* The broker is there again: what it kept may be lost (handing_out_again). */
void management_broker_is_back(struct management *management, struct moment now);

/* The topics under which members leave their receipts; writes at most `room` of them and returns
 * how many. */
size_t management_topics(const struct management *management, struct handset_topic out[],
                         size_t room);

/* Fills in the managed groups of the view. */
void management_show(struct management *management, struct moment now, struct view *view);

#endif
