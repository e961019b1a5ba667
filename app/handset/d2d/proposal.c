/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/proposal.h"

#include <string.h>

bool proposal_ask(struct connections *connections, struct moment now,
                  struct connection *connection) {
    size_t open = 0, open_of_same = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *other = connections->list[i];
        if (other == NULL || other->proposal.number == 0) {
            continue;
        }
        open++;
        open_of_same += strcmp(other->d2d->remote, connection->d2d->remote) == 0;
    }
    if (open >= VIEW_INVITATIONS_MAX || open_of_same >= PROPOSALS_EACH_MAX) {
        return false;
    }
    connection->proposal = (struct proposal){.number = ++connections->last_proposal,
                                             .answer = RECORD_PENDING,
                                             .decide_by_ms = now.boot_ms + PROPOSAL_DECISION_MS};
    return true;
}

void proposal_move(struct connection *earlier, struct connection *connection) {
    connection->proposal = earlier->proposal;
    proposal_end(earlier);
}

struct connection *proposal_find(const struct connections *connections, uint64_t number) {
    for (size_t i = 0; number != 0 && i < CONNECTIONS_MAX; i++) {
        if (connections->list[i] != NULL && connections->list[i]->proposal.number == number) {
            return connections->list[i];
        }
    }
    return NULL;
}

struct event proposal_event(const struct connection *connection, enum event_kind kind) {
    return connection->use->about(connection->use->owner, kind, connection);
}

void proposal_accept(struct connection *connection) {
    connection->proposal = (struct proposal){.answer = RECORD_ACCEPTED};
}

void proposal_decline(struct connection *connection, enum decline_reason reason) {
    connection->proposal = (struct proposal){.answer = RECORD_DECLINED, .reason = reason};
    connection->over = true;
}

void proposal_end(struct connection *connection) {
    connection->proposal = (struct proposal){.answer = RECORD_CLOSED};
    connection->over = true;
}

void proposal_tick(struct connections *connections, struct moment now) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = connections->list[i];
        if (connection == NULL || connection->proposal.number == 0 ||
            connection->proposal.decide_by_ms > now.boot_ms) {
            continue;
        }
        const struct event event = proposal_event(connection, EVENT_INVITATION_EXPIRED);
        proposal_decline(connection, DECLINED_NO_DECISION);
        desk_tell(connections->desk, now, &event);
    }
}

int64_t proposal_deadline(const struct connections *connections) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *connection = connections->list[i];
        if (connection != NULL && connection->proposal.number != 0 &&
            connection->proposal.decide_by_ms < deadline) {
            deadline = connection->proposal.decide_by_ms;
        }
    }
    return deadline;
}
