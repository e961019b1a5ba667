/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The hours of an ad-hoc group's GMK (crypto/gmk_hour.h): each hour of group time since the GMK was
 * created has a key of its own, and a handset destroys the one of an hour that is over. So who
 * takes it opens nothing that was said before.
 *
 *   1. A talker uses the hour that it is by its group time, and names it in its announcement. A
 *      listener makes the key of a later hour than it holds for this one announcement, and holds
 *      what it held: nobody's word moves a GMK.
 *   2. The key of an hour goes HOURS_KEPT_MS after the hour is over: group time differs between
 *      members, by what their clocks may be off. From then on nothing of it is opened. The record
 *      with the key of the next hour is durable before.
 *   3. After a start, or a step of the wall clock, this handset's idea of group time is doubted.
 *      No key goes until most neighbours' clocks agree, or a member is heard who names an hour and
 *      does not doubt it itself. One who names an earlier hour shows that the clock was set ahead:
 *      the hours go on from there, and the key that the others use stays. A later one shows that it
 *      stood still; that is believed for talking, where it does no harm, and never for destroying a
 *      key.
 *   4. A standard group's GMK is the same as long as it lasts.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_HOURS_H
#define MUSTER_APP_HANDSET_KEYS_HOURS_H

#include "app/handset/keys/group.h"

/* Two clocks that pass for right are as far apart, and an announcement may be as late. */
#define HOURS_KEPT_MS (2 * CLOCK_TOLERANCE_MS + ANNOUNCEMENT_TOLERANCE_MS)
#define GMK_HOUR_MS   (60 * 60 * 1000)

/* The hour to talk under the current GMK in. */
uint32_t hours_now(const struct group *group, struct moment now);

/* The hour whose key to give to a member: the same, or while group time is doubted the one held. */
uint32_t hours_to_give(const struct group *group, struct moment now);

/* The current GMK's key of `hour`, which is not before the one held. */
void hours_key(const struct group *group, uint32_t hour, uint8_t key[GMK_SIZE]);

/* Has a GMK with these parameters that hour? Is `key` the current one's key of it? */
bool hours_is_possible(const struct group_parameters *parameters, uint32_t hour);
bool hours_is_same(const struct group *group, uint32_t hour, const uint8_t key[GMK_SIZE]);

/* The key of `hour` of a GMK of that group, which a message names that is said now. The caller
 * wipes it. STATUS_GMK_HOUR_OVER; STATUS_MALFORMED for an hour that it cannot be now. */
MUST_CHECK enum status hours_key_named(const struct group *group, const struct gmk *gmk,
                                       uint32_t hour, struct moment now, uint8_t key[GMK_SIZE]);

/* How many steps of the key hours_open will take for that announcement, each about a microsecond: a
 * key may last for years, and its sender is to pay for them. 0 where it is refused before. */
int64_t hours_steps(const struct group *group, const struct gmk *gmk,
                    const struct announcement *announcement, struct moment now);

/* announcement_open with the key of the hour that the announcement names, of which its time is
 * judged already; its errors, and STATUS_GMK_HOUR_OVER; STATUS_MALFORMED for an hour that it cannot
 * be by its time. */
MUST_CHECK enum status hours_open(const struct group *group, const struct gmk *gmk,
                                  const struct announcement *announcement, struct moment now,
                                  uint8_t gsk[GSK_SIZE]);

/* Group time is not known for sure any more, since a clock here may be wrong; or since it was taken
 * from another handset, so that only what members say tells. */
void hours_doubt(struct group *group);
void hours_doubt_anothers(struct group *group);

/* Most neighbours' clocks agree with the one that group time went on by. */
void hours_agree(struct group *group);

/* Two of them at least agree, and most: what one member said of a later hour counts no more. What
 * one said of an earlier one does, for it keeps a key. */
void hours_outvote(struct group *group);

/* A member's announcement of now is genuine. */
void hours_hear(struct group *group, const struct announcement_fields *fields, struct moment now);

/* Destroys the keys of hours that are over, as far as the record that lacks them is durable.
 * Returns whether there are more such now: then the record is to be saved, and hours_saved says
 * with which batch it becomes durable. */
bool hours_step(struct group *group, uint64_t durable, struct moment now);
void hours_saved(struct group *group, uint64_t batch);

/* The boot_ms at which hours_step has something to do. */
int64_t hours_deadline(const struct group *group);

#endif
