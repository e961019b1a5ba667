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
#ifndef MUSTER_APP_HANDSET_MANAGEMENT_H
#define MUSTER_APP_HANDSET_MANAGEMENT_H

#include "app/handset/engine.h"
#include "app/handset/limiter.h"
#include "app/manager/managed_group.h"

enum {
    MANAGED_GROUPS_MAX = VIEW_MANAGED_MAX,
    MANAGEMENT_AT_ONCE = 8,  /* deliveries built in one tick: a few milliseconds, */
    MANAGEMENT_PACE_MS = 10, /* and from one such tick to the next: what links and voice bear */
    MANAGEMENT_LEAD_MS = 60 * 1000,       /* until a GMK that follows another one begins */
    MANAGEMENT_NEARBY_MS = 60 * 1000,     /* between two deliveries to one member who is nearby */
    MANAGEMENT_LOOK_MS = 5 * 1000,        /* how often it is looked for such members */
    MANAGEMENT_ROUND_MS = 10 * 60 * 1000, /* between two rounds to all who gave no receipt */
    MANAGEMENT_ROUND_AT_ONCE = 4,         /* deliveries of a round in one go, */
    MANAGEMENT_ROUND_STEP_MS = 1000,      /* and from one to the next */
    MANAGEMENT_RECEIPTS_WAIT_MS = 200,    /* receipts are made durable together */
    MANAGEMENT_RECEIPT_MILLI_UNITS = 250, /* of the limiter: what a receipt's signature costs */
    MANAGEMENT_LATELY_MAX = VIEW_NEARBY_MAX
};

#define MANAGEMENT_PERIOD_MAX_MS (INT64_C(366) * 24 * 60 * 60 * 1000)

struct handset;

/* When a member who is nearby was sent the GMK last, by this handset's boot clock. */
struct lately_sent {
    uint64_t source; /* stands for its identity (limiter_source); 0: a free place */
    int64_t at_ms;
};

/* A group, and how far its sending is. */
struct managed {
    struct managed_group *group;
    struct managed_tally tally; /* as it is now */
    bool is_broken;  /* a change could not be saved: not used any more (managed_group.h) */
    bool is_sending; /* from the place `at` of the roll on somebody may lack the GMK */
    size_t at;
    int64_t sending_since_ms, send_due_ms; /* boot clock */
    size_t sent_since;                     /* deliveries since then */
    bool is_all_told;                      /* the officer knows that all have it */
    size_t round_at;                       /* the place of the roll from which a round goes on */
    int64_t round_due_ms, look_due_ms, expiry_due_ms; /* boot clock; INT64_MAX: never */
    struct batch *receipts; /* those not durable yet; NULL when there are none */
    int64_t receipts_due_ms;
    struct lately_sent lately[MANAGEMENT_LATELY_MAX];
    struct view_managed_member *rows; /* of the roll, for the view */
    size_t row_room, row_count;
    bool rows_are_old;
};

struct management {
    size_t count;
    struct managed *groups[MANAGED_GROUPS_MAX];
    struct limiter limiter; /* receipts, by the member that they are said to be of */
};

/* Starts the limiter; to be called once. */
void management_begin(struct management *management, int64_t boot_ms);

/* Wipes and frees what it holds. */
void management_clear(struct management *management);

/* One of the records of managed groups, before the start. STATUS_TOO_LONG for more than
 * MANAGED_GROUPS_MAX groups, errors of managed_group_of_record, managed_group_new and
 * managed_group_restore. */
MUST_CHECK enum status management_restore(struct handset *handset, enum record_kind kind,
                                          struct span key, struct span value);

/* All records are in: sending goes on where it stopped. */
void management_start(struct handset *handset, struct moment now);

/* Carries out one of the commands COMMAND_MANAGE_*. On failure nothing has changed and `problem`
 * says why. STATUS_NOT_FOUND for a group that this handset does not manage, a member that is not on
 * the roll, or when there are no keys of the group identity for this month; STATUS_ALREADY_DONE;
 * STATUS_TIME_OUT_OF_RANGE; STATUS_IDENTITY_INVALID; STATUS_NO_MEMORY; errors of
 * managed_group.h. */
MUST_CHECK enum status management_command(struct handset *handset, struct moment now,
                                          const struct command *command,
                                          char problem[VIEW_LOG_TEXT_SIZE]);

/* The payload of a FRAME_RECEIPT arrived. One of a group that others manage is passed over, and one
 * that tells nothing new. */
void management_receipt(struct handset *handset, struct moment now, uint64_t peer,
                        struct span payload);

/* Sends what is due, makes receipts durable, and drops keys whose time is over. */
void management_tick(struct handset *handset, struct moment now);

/* The boot_ms at which management_tick has something to do. */
int64_t management_deadline(const struct handset *handset);

/* The topics under which members leave their receipts; writes at most `room` of them and returns
 * how many. */
size_t management_topics(const struct handset *handset, struct handset_topic out[], size_t room);

/* Fills in the managed groups of the view. */
void management_show(struct handset *handset, struct moment now, struct view *view);

#endif
