/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The groups that this handset manages (management.h), and what all that happens to them shares:
 * changes are kept, and what they call for is sent.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_MANAGED_H
#define MUSTER_APP_HANDSET_KEYS_MANAGED_H

#include "app/handset/air/admission.h"
#include "app/handset/air/air.h"
#include "app/handset/keys/ending.h"
#include "app/handset/keys/standard.h"
#include "app/manager/managed_group.h"

enum {
    MANAGED_GROUPS_MAX = VIEW_MANAGED_MAX,
    MANAGEMENT_ROUND_MS = 10 * 60 * 1000, /* between two rounds to all who gave no receipt */
    MANAGEMENT_LATELY_MAX = VIEW_NEARBY_MAX,
};

/* When a member who is nearby was sent the GMK last, by this handset's boot clock. */
struct lately_sent {
    uint64_t source; /* stands for its identity (purse_source); 0: a free place */
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
    struct ending ending;                  /* of months of the group identity's keys */
    bool is_all_told;                      /* the officer knows that all have it */
    size_t round_at;                       /* the place of the roll from which a round goes on */
    int64_t round_due_ms, look_due_ms, expiry_due_ms; /* boot clock; INT64_MAX: never */
    struct batch *receipts; /* those not durable yet; NULL when there are none */
    int64_t receipts_due_ms;
    uint64_t list_put; /* the number of the list of the revoked in the group's mailbox; 0: none */
    struct lately_sent lately[MANAGEMENT_LATELY_MAX];
    struct view_managed_member *rows; /* of the roll, for the view */
    size_t row_room, row_count;
    bool rows_are_old;
};

struct management {
    struct desk *desk;
    struct air *air;
    const struct roster *roster;
    const struct groups *groups;
    struct standard *standard;
    size_t count;
    struct managed *list[MANAGED_GROUPS_MAX];
    struct admission *admission;
    struct purses receipts; /* by the member that they are said to be of (admission_who) */
};

/* The managed group with that identity, or NULL. */
struct managed *management_group(const struct management *management, const char *identity);

/* A group without GMK or roll, which this handset manages from now on. STATUS_TOO_LONG for more
 * than MANAGED_GROUPS_MAX, errors of managed_group_new. */
MUST_CHECK enum status management_add(struct management *management, const char *identity,
                                      struct managed **out);

/* Wipes and frees all of them. */
void management_clear(struct management *management);

/* What the group's topics are made under: its own domain, which need not be the handset's. */
void management_topic_key(const struct management *management, const struct managed *managed,
                          struct topic_key *key);

/* The group is not as it was: brings up to date what is kept of it. */
void management_changed(struct managed *managed, struct moment now);

/* Finds out when the GMK expires, by the clocks as they are now. */
void management_watch(struct managed *managed, struct moment now);

/* An event about the group and its GMK. */
struct event management_event(const struct managed *managed, enum event_kind kind);

/* Queues `batch`, which it owns from now on, to be made durable, where `status`, that of the
 * changes in it, is STATUS_OK. On any failure the group is broken: memory and store differ. */
MUST_CHECK enum status management_keep(struct management *management, struct moment now,
                                       struct managed *managed, struct batch *batch,
                                       enum status status);

/* Somebody may lack the GMK: from now on it is sent, from the first of the roll on. */
void management_send_on(struct managed *managed, struct moment now);

#endif
