/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A new key that only takes members out of an ad-hoc group which this handset joined before. Its
 * officer has said yes to each who stays: so it may be taken unasked (view_settings.takes_keys),
 * and the sooner it is, the sooner who was left out hears nothing more. Each such key leaves fewer
 * in the group, so that nobody can go on with it.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_NARROWING_H
#define MUSTER_APP_HANDSET_KEYS_NARROWING_H

#include "app/handset/keys/groups.h"

/* How many members does `proposed` leave out of `held`, which another handset made, and changes
 * nothing else? 0 where it leaves out none, or changes more: somebody is new, or has another
 * domain, name or right, or came late to the new key; the group has another name or creator; or the
 * key lasts longer than the one before. */
size_t narrowing_leaves_out(const struct group *held, const struct group_parameters *proposed);

/* Is there nothing about `group`, or about who is in `proposed`, that the officer has to look at?
 * There is where the key held is over or is not in use yet, where the officer has taken trust from
 * a member or declined another key since it came, where one that stays came late to it and the
 * officer was only told, where one that stays is revoked or lost, or where two devices answer to
 * one that stays or to this handset's own identity. */
bool narrowing_is_plain(const struct groups *groups, const struct group *held,
                        const struct group_parameters *proposed, struct moment now);

/* The officer trusts `identity` no more: what is proposed for a group with it is asked again. */
void narrowing_question(const struct groups *groups, const char *identity);

#endif
