/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/upkeep.h"

#include "app/handset/d2d/saying.h"

static void repeat(struct connections *connections, struct moment now,
                   struct connection *connection) {
    if (connection->after > connections->desk->outbox.durable) {
        /* It has not left yet, so that nobody could answer. */
        connection->repeat_due_ms = now.boot_ms + connection->repeat_interval_ms;
        return;
    }
    connection->repeats++;
    connection->repeat_interval_ms *= 2;
    if (connection->repeat_interval_ms > CONNECTION_REPEAT_MAX_MS) {
        connection->repeat_interval_ms = CONNECTION_REPEAT_MAX_MS;
    }
    connection->repeat_due_ms = now.boot_ms + connection->repeat_interval_ms;
    bool is_on = !link_is_off(connections->links, connection->peer);
    if (!is_on || connection->repeats % 2 == 0) {
        connection_leave_way(connections, now, connection);
    }
    connection_say_again(connections, connection);
}

static void poll(struct connections *connections, struct moment now,
                 struct connection *connection) {
    struct d2d_record record = {.type = RECORD_POLL};
    connection->poll_due_ms = now.boot_ms + CONNECTION_POLL_MS; /* also when it cannot be sealed */
    if (connection->use->poll != NULL) {
        connection->use->poll(connection->use->owner, now, connection, &record);
    }
    connection_request(connections, now, connection, &record);
}

static int64_t due(const struct connection *connection) {
    int64_t lost = connection->heard_ms + CONNECTION_LOST_MS;
    if (!connection->d2d->initiator) {
        return lost;
    }
    int64_t next = connection->awaiting ? connection->repeat_due_ms : connection->poll_due_ms;
    return next < lost ? next : lost;
}

void connection_tick(struct connections *connections, struct moment now) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = connections->list[i];
        if (connection == NULL || due(connection) > now.boot_ms) {
            continue;
        }
        if (now.boot_ms - connection->heard_ms >= CONNECTION_LOST_MS) {
            connection_lose(connections, now, connection);
        } else if (connection->awaiting) {
            repeat(connections, now, connection);
        } else {
            poll(connections, now, connection);
        }
    }
}

void connection_slept(struct connections *connections, struct moment now, int64_t slept_ms) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = connections->list[i];
        if (connection == NULL) {
            continue;
        }
        int64_t heard_ms = connection->heard_ms + slept_ms;
        connection->heard_ms = heard_ms < now.boot_ms ? heard_ms : now.boot_ms;
        connection->proposal.decide_by_ms += slept_ms;
        connection->repeat_interval_ms = CONNECTION_REPEAT_MS;
        connection->repeat_due_ms = now.boot_ms;
        connection->poll_due_ms = now.boot_ms;
    }
}

int64_t connection_deadline(const struct connections *connections) {
    int64_t deadline = INT64_MAX;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections->list[i] != NULL && due(connections->list[i]) < deadline) {
            deadline = due(connections->list[i]);
        }
    }
    return deadline;
}
