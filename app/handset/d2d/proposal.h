/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What others propose over incoming connections, a group or a one-to-one talk, until this handset's
 * officer has decided. The answer so far is given to each poll (record.h).
 */
#ifndef MUSTER_APP_HANDSET_D2D_PROPOSAL_H
#define MUSTER_APP_HANDSET_D2D_PROPOSAL_H

#include "app/handset/d2d/connection.h"

enum {
    PROPOSAL_DECISION_MS = 120000, /* how long an officer may take to decide */
    PROPOSALS_EACH_MAX = 2, /* open ones of one identity: nobody fills the officer's list alone */
};

/* Puts a decision before the officer: numbers the proposal and sets its time limit. False when too
 * many are open already. */
bool proposal_ask(struct connections *connections, struct moment now,
                  struct connection *connection);

/* The same is proposed again over another connection: it stays one question, with its number and
 * its time limit, and is asked over `connection` from now on. The earlier one is over. */
void proposal_move(struct connection *earlier, struct connection *connection);

/* The connection whose open proposal has that number, or NULL. */
struct connection *proposal_find(const struct connections *connections, uint64_t number);

/* An event about an incoming connection's proposal: who asks, and for which group. */
struct event proposal_event(const struct connection *connection, enum event_kind kind);

/* The answer from now on; the officer is asked no longer. A proposal is over once it was declined
 * or closed. */
void proposal_accept(struct connection *connection);
void proposal_decline(struct connection *connection, enum decline_reason reason);
void proposal_end(struct connection *connection);

/* Declines what was not decided in time. */
void proposal_tick(struct connections *connections, struct moment now);

/* The boot_ms at which proposal_tick has something to do. */
int64_t proposal_deadline(const struct connections *connections);

#endif
