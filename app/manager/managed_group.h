/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A standard group as its manager sees it (6.X.3.3.2.3): the keys of the group identity, the roll
 * of members, and the rekey: the GMK that each member should have, and who has it.
 *
 *   1. managed_group_begin draws a GMK and an id; both are durable before any member gets them.
 *   2. managed_group_pending tells who lacks the GMK, managed_group_build makes their key
 *      deliveries, some path takes them, and managed_group_sent notes it.
 *   3. After a stop at any point the manager continues with step 2: the same GMK under the same id
 *      goes to the remaining members. A member may get it twice, but nobody ever gets another one
 *      under that id.
 *   4. Later members get the GMK by step 2 as well. Excluded members get nothing; if one of them
 * has the GMK, it is spoiled: nobody is sent it any longer, and only step 1 helps.
 *
 *   5. Members are told which list of exclusions a key was drawn with, and refuse one whose manager
 *      does not know the list that they were told of before (identity/exclusion_state.h). Once one
 *      of them has proven that there is such a list, no key is drawn or sent until it is known
 * here.
 *
 * There is no I/O here: records come in by managed_group_restore and go out in batches. A change is
 * made in memory and added to the caller's batch; when the batch cannot be made durable, the group
 * must no longer be used. muster-gm drives this with threads and waits for its paths; a handset
 * that manages a group drives it from its engine.
 */
#ifndef MUSTER_APP_MANAGER_MANAGED_GROUP_H
#define MUSTER_APP_MANAGER_MANAGED_GROUP_H

#include "app/identity/epoch.h"
#include "app/identity/keyring.h"
#include "app/manager/exclusions.h"
#include "app/manager/roll.h"

enum {
    REKEY_RECORD_MAX = 128, /* octets of a rekey's record */

    MANAGED_VOUCHED_MAX = 1 << 29, /* number: as many are left for those to come */

    /* What was dated longer ago is dated anew when it goes out. */
    MANAGED_REDATE_MS = 60 * 60 * 1000
};

/* The GMK that members should have. */
struct rekey {
    uint32_t gmk_id;       /* 0: there was never one */
    uint64_t counter;      /* its number among the group's keys: in a term, later ones count */
    int64_t utc_ms;        /* T of its deliveries: later than that of every rekey before */
    int64_t not_before_ms; /* its period of use */
    int64_t not_after_ms;
    struct secret *gmk; /* NULL when its period of use is over */
    bool is_spoiled;    /* somebody who has it was excluded or taken off the roll */
};

struct managed_group {
    char identity[IDENTITY_SIZE]; /* the group identity */
    struct keyring keyring;       /* its keys */
    struct roll roll;
    struct rekey rekey;

    /* Who is excluded; and what of that, and in which term, this store and the state at the broker
     * (group_state.h) agreed on last. */
    struct exclusions exclusions;
    uint32_t shared;      /* highest number */
    uint64_t shared_term; /* 0: never */

    uint64_t latest_term; /* of a list that was agreed on or taken from a file: what a manager of an
                           * earlier one says counts no more; 0: of none */
    uint64_t drawn_term;  /* this manager's own, in which it drew its last key; 0: none since that
                           * is noted. A manager of an earlier one lets in nobody any more */

    struct exclusion_states known;  /* the lists that members were told of and this one includes */
    struct exclusion_state unknown; /* one that a member has proven and this one does not include;
                                     * number 0: none */

    /* Its manager's own term when it last took over what others knew, or vouched for it: what
     * members show of an earlier term stops nothing from then on. 0: never. */
    uint64_t settled_term;

    struct log_head witnessed; /* of the KMS's log, by another manager's state; not in the store */
};

/* How far a group is. */
struct managed_tally {
    size_t members;  /* who are not excluded */
    size_t excluded; /* who are */
    size_t sent;     /* of the members: those to whom the GMK was sent */
    size_t received; /* of the members: those who sent a receipt for it */
};

/* An empty group. STATUS_IDENTITY_INVALID for anything but the identity of a standard group,
 * STATUS_NO_MEMORY. The caller frees it. */
MUST_CHECK enum status managed_group_new(const struct provider *provider, const char *identity,
                                         struct managed_group **out);

/* Wipes and frees; NULL is allowed. */
void managed_group_free(struct managed_group *group);

/* The group identity that a record of the kinds RECORD_MANAGER_KEYS, RECORD_REKEY, RECORD_MEMBER
 * and RECORD_EXCLUSIONS belongs to, by its key. STATUS_MALFORMED. */
MUST_CHECK enum status managed_group_of_record(enum record_kind kind, struct span key,
                                               char identity[IDENTITY_SIZE]);

/* One record of this group. STATUS_MALFORMED, STATUS_TRUNCATED, STATUS_NEWER_VERSION, errors of
 * keyring_load and roll_add; then the group must not be used. */
MUST_CHECK enum status managed_group_restore(struct managed_group *group, enum record_kind kind,
                                             struct span key, struct span value);

/* --- The roll ------------------------------------------------------------------------------- */

/* Puts a member on the roll, or gives one who is already there the name in `member`; its other
 * fields do not matter: whoever is excluded stays so. Errors of roll_add but STATUS_ALREADY_DONE,
 * and of batch_put. */
MUST_CHECK enum status managed_group_enlist(struct managed_group *group,
                                            const struct roll_member *member, struct batch *batch);

/* Takes a member off the roll; whoever is excluded stays so, under a number. Up to three changes.
 * STATUS_TOO_LONG when EXCLUSIONS_MAX are excluded and this one has no number; errors of batch_put
 * and batch_delete. */
MUST_CHECK enum status managed_group_strike(struct managed_group *group, struct roll_member *member,
                                            struct batch *batch);

/* Excludes a member from all keys, under the next number, or lets it in again. Up to three changes.
 * STATUS_TOO_LONG when EXCLUSIONS_MAX are excluded; errors of batch_put. */
MUST_CHECK enum status managed_group_exclude(struct managed_group *group,
                                             struct roll_member *member, bool is_excluded,
                                             struct batch *batch);

/* Marks the member as the group's exclusions have it; *changed tells whether it was not so. Up to
 * two changes. Errors of batch_put. */
MUST_CHECK enum status managed_group_mark(struct managed_group *group, struct roll_member *member,
                                          struct batch *batch, bool *changed);

/* Numbers the exclusions of members that were made before there were numbers. STATUS_TOO_LONG,
 * errors of batch_put. */
MUST_CHECK enum status managed_group_number(struct managed_group *group, struct batch *batch);

/* Members are told of the exclusions as they are now, with the next delivery that is built. One
 * change at most. Errors of batch_put. */
MUST_CHECK enum status managed_group_tell(struct managed_group *group, struct batch *batch);

/* A member whose signature has verified was told of exclusions in that state, and shows `proof`
 * (identity/epoch.h); *is_behind tells whether they are not known here. Then no key is drawn or
 * sent. Up to two changes. STATUS_MANAGER_UNCERTIFIED for what is no proof of it, or of a number
 * that nobody reaches by excluding; STATUS_TERM_OVER for that of a manager of an earlier term than
 * that in which whoever manages took over or vouched, since a former manager can go on signing such
 * words: nothing is stopped. Errors of epoch_proof_read, epoch_proof_verify and batch_put. */
MUST_CHECK enum status managed_group_hear(struct managed_group *group,
                                          const struct exclusion_state *state, struct span proof,
                                          struct batch *batch, bool *is_behind);

/* Whoever manages says that all whom exclusions up to that number concern are excluded here; 0: up
 * to the one that a member has proven. One change. STATUS_ALREADY_DONE when none has,
 * STATUS_TOO_LONG for a number above MANAGED_VOUCHED_MAX; errors of batch_put. */
MUST_CHECK enum status managed_group_vouch(struct managed_group *group, uint32_t number,
                                           struct batch *batch);

/* The member will get the GMK again, for example on a new handset. Errors of batch_put. */
MUST_CHECK enum status managed_group_again(struct managed_group *group, struct roll_member *member,
                                           struct batch *batch);

/* --- Keys ----------------------------------------------------------------------------------- */

/* Draws a GMK for all members from now on; nobody has it yet. Its period of use begins at
 * `not_before_ms` and lasts `period_ms`, in group time, which is the manager's clock; both are
 * taken in whole seconds. Deliveries are dated `now_ms`, or just after the GMK before when the
 * clock was set back since; until it has caught up, members begin at once with what they get, also
 * before `not_before_ms`. STATUS_PERIOD_TOO_LONG and STATUS_DATED_AHEAD for a period of use that
 * lasts longer or begins later than handsets take (identity/freshness.h), STATUS_NOT_FOUND when
 * there are no keys of the group identity for the month of `now_ms`, STATUS_EXCLUSION_UNKNOWN when
 * a member knows of an exclusion that is not known here, STATUS_TIME_OUT_OF_RANGE for a period of
 * use that is empty or over at `now_ms`, STATUS_NO_MEMORY, errors of `entropy` and of batch_put;
 * then nothing has changed. */
MUST_CHECK enum status managed_group_begin(struct managed_group *group, int64_t now_ms,
                                           int64_t not_before_ms, int64_t period_ms,
                                           const struct entropy *entropy, struct batch *batch);

/* Undoes a rekey that nobody has got a key of: `before` is what group->rekey was, with the GMK,
 * which the group then owns. Errors of batch_put; then nothing has changed. */
MUST_CHECK enum status managed_group_undo(struct managed_group *group, const struct rekey *before,
                                          struct batch *batch);

/* Dates a rekey anew, at `now_ms`, if it is dated more than MANAGED_REDATE_MS before or in an
 * earlier month: so members who have not got its GMK take it, and have KEYRING_HORIZON_MS for that.
 * Those who have the GMK know it by its id. Does nothing where that is not so, or without keys of
 * the group identity for this month. Errors of batch_put; then nothing has changed. */
MUST_CHECK enum status managed_group_redate(struct managed_group *group, int64_t now_ms,
                                            struct batch *batch);

/* May the GMK be sent at `now_ms`? STATUS_NOT_FOUND when there has never been one,
 * STATUS_GMK_EXPIRED, STATUS_EXCLUSION_UNKNOWN when a member knows of an exclusion that is not
 * known here, STATUS_NOT_ALLOWED when it is spoiled. */
MUST_CHECK enum status managed_group_check(const struct managed_group *group, int64_t now_ms);

/* Would handsets refuse a delivery that is made at `now_ms`? STATUS_DATED_AHEAD: the rekey is dated
 * by a clock that was further ahead than clocks may differ; STATUS_TOO_OLD and
 * STATUS_MONTHS_DIFFER: it could not be dated anew, without keys of the group identity for this
 * month; STATUS_PERIOD_TOO_LONG: it was drawn before there was a limit. */
MUST_CHECK enum status managed_group_check_dates(const struct managed_group *group, int64_t now_ms);

/* Does the GMK have to go to this member? */
bool managed_group_lacks(const struct managed_group *group, const struct roll_member *member);

/* Up to `room` members who lack the GMK, starting at the place *at in the roll, which is moved
 * behind the last of them; returns 0 at the end of the roll. They are valid until the roll
 * changes. */
size_t managed_group_pending(const struct managed_group *group, size_t *at, size_t room,
                             const struct roll_member *members[]);

/* Builds the key deliveries of `count` members, I_MESSAGES_AT_ONCE at most; appends that of
 * members[i] to outs[i] (at most KEY_DELIVERY_MAX octets). Changes nothing, so threads may build at
 * the same time. Call it only when managed_group_check allows it. STATUS_NOT_FOUND when the keys of
 * the group identity for the rekey's month are gone, errors of managed_group_check_dates and of
 * key_delivery_build_each. */
MUST_CHECK enum status managed_group_build(const struct managed_group *group, int64_t now_ms,
                                           size_t count, const struct roll_member *const members[],
                                           const struct entropy *entropy, struct writer outs[]);

/* A path has taken the delivery of the GMK with that id to this member. Errors of batch_put. */
MUST_CHECK enum status managed_group_sent(struct managed_group *group, struct roll_member *member,
                                          uint32_t gmk_id, struct batch *batch);

/* This member's verified receipt for the GMK with that id came. STATUS_ALREADY_DONE when it was
 * known, STATUS_NOT_FOUND for an id other than the present one; errors of batch_put. */
MUST_CHECK enum status managed_group_received(struct managed_group *group,
                                              struct roll_member *member, uint32_t gmk_id,
                                              struct batch *batch);

/* A GMK whose period of use is over at `now_ms` is wiped, here and in the batch; returns in
 * *dropped whether there was one. Errors of batch_put. */
MUST_CHECK enum status managed_group_drop_expired(struct managed_group *group, int64_t now_ms,
                                                  struct batch *batch, bool *dropped);

/* The term of this manager, by its latest keys; 0 without. */
uint64_t managed_group_term(const struct managed_group *group);

/* --- For group_state.c ---------------------------------------------------------------------- */

/* The keys of the group identity for the month of `utc_ms`. STATUS_NOT_FOUND. */
MUST_CHECK enum status managed_group_keys(const struct managed_group *group, int64_t utc_ms,
                                          const struct key_set **keys);

/* The exclusions as they are; the last key of another manager, without its GMK, in place of this
 * store's. Errors of batch_put. */
MUST_CHECK enum status managed_group_put_exclusions(const struct managed_group *group,
                                                    struct batch *batch);
MUST_CHECK enum status managed_group_take_key(struct managed_group *group,
                                              const struct rekey *theirs, struct batch *batch);

struct managed_tally managed_group_tally(const struct managed_group *group);

#endif
