/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The asked side of ad-hoc GMK distribution (6.X.3.3.3.3 step 5): a group was proposed by a
 * verified identity; its parameters are checked, the officer decides, and the GMK is stored before
 * the receipt is given. A proposal never touches a group that is not the proposer's own ad-hoc
 * group.
 */
#ifndef MUSTER_APP_HANDSET_INVITATION_H
#define MUSTER_APP_HANDSET_INVITATION_H

#include "app/handset/connection.h"
#include "app/handset/engine.h"

enum {
    INVITATION_DECISION_MS = 120000, /* how long an officer may take to decide */
    JOINING_TOLERANCE_MS = 3000, /* who joins hears what was announced so long before, not older */
    INVITATIONS_EACH_MAX = 2, /* open ones of one identity: nobody fills the officer's list alone */
};

/* May `proposer`, of the domain `proposer_kms`, propose these parameters to this handset?
 * `group_now_ms` is the group's time as the proposer says. STATUS_KEY_ID_WRONG_SPACE,
 * STATUS_GROUP_IDENTITY_WRONG, STATUS_NOT_A_MEMBER, STATUS_PERIOD_TOO_LONG, STATUS_GMK_EXPIRED,
 * STATUS_GMK_NOT_YET, STATUS_REPLAYED (older than the GMK held), STATUS_MALFORMED (a GMK id that
 * stands for something else here). */
MUST_CHECK enum status invitation_check(const struct handset *handset, const char *proposer,
                                        const char *proposer_kms,
                                        const struct group_parameters *parameters,
                                        int64_t group_now_ms);

/* A request of an incoming connection that is not about a call. */
void invitation_request(struct handset *handset, struct moment now, struct connection *connection,
                        const struct d2d_record *record);
void invitation_lost(struct handset *handset, struct moment now, struct connection *connection);

/* Puts a decision before the officer: numbers the invitation and sets its time limit. Used for
 * groups and calls. False when too many are open already. */
bool invitation_ask(struct handset *handset, struct moment now, struct connection *connection);

/* The connection whose open invitation has that number, or NULL. */
struct connection *invitation_find(const struct handset *handset, uint64_t number);

/* The officer's decision on a group: the answer is given to the next poll. */
void invitation_accept(struct handset *handset, struct moment now, struct connection *connection);
void invitation_decline(struct handset *handset, struct moment now, struct connection *connection);

/* The officer deleted `group`: a key for it that was accepted and is still to come is declined. */
void invitation_renounce(struct handset *handset, const char *group);

/* Declines what was not decided in time. */
void invitation_tick(struct handset *handset, struct moment now);
int64_t invitation_deadline(const struct handset *handset);

/* Copies the open invitations into the view, oldest first. */
void invitation_show(const struct handset *handset, struct moment now, struct view *view);

#endif
