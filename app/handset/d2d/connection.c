/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/connection.h"

#include <stdlib.h>

enum status connections_start(struct connections *connections) {
    connections->record_room = secret_new(D2D_RECORD_MAX + D2D_FIRST_MAX);
    return connections->record_room == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

void connections_serve(struct connections *connections, const struct connection_use *use) {
    connections->uses[connections->use_count++] = use;
}

void connections_clear(struct connections *connections) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections->list[i] != NULL) {
            connection_drop(connections, connections->list[i]);
        }
    }
    secret_free(connections->record_room);
}

struct connection *connections_next(const struct connections *connections,
                                    const struct connection_use *use, size_t *at) {
    while (*at < CONNECTIONS_MAX) {
        struct connection *connection = connections->list[(*at)++];
        if (connection != NULL && connection->use == use) {
            return connection;
        }
    }
    return NULL;
}

struct connection *connection_find(const struct connections *connections, uint64_t id) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections->list[i] != NULL && connections->list[i]->d2d->id == id) {
            return connections->list[i];
        }
    }
    return NULL;
}

void connection_drop(struct connections *connections, struct connection *connection) {
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        if (connections->list[i] == connection) {
            connections->list[i] = NULL;
        }
    }
    if (connection->use != NULL && connection->use->dropped != NULL) {
        connection->use->dropped(connection->use->owner, connection);
    }
    free(connection->to_say);
    free(connection->parts);
    d2d_free(connection->d2d);
    free(connection);
}

void connection_lose(struct connections *connections, struct moment now,
                     struct connection *connection) {
    if (connection->use != NULL && connection->use->lost != NULL) {
        connection->use->lost(connection->use->owner, now, connection);
    }
    connection_drop(connections, connection);
}

/* A place for one more connection; an incoming one may take that of the incoming connection that
 * matters least: one that is over, or the quietest whose other side has shown no keys yet. */
static struct connection **place(struct connections *connections, bool incoming) {
    struct connection **free_place = NULL, *least = NULL;
    size_t count = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = connections->list[i];
        if (connection == NULL) {
            free_place = &connections->list[i];
            continue;
        }
        if (connection->d2d->initiator) {
            continue;
        }
        count++;
        bool may_go = connection->over || connection->d2d->stage == D2D_OPENING;
        if (may_go && (least == NULL || connection->heard_ms < least->heard_ms)) {
            least = connection;
        }
    }
    if (!incoming || (free_place != NULL && count < CONNECTIONS_INCOMING_MAX)) {
        return free_place;
    }
    if (least == NULL) {
        return NULL;
    }
    connection_drop(connections, least);
    return place(connections, true);
}

enum status connection_add(struct connections *connections, struct moment now, struct d2d *d2d,
                           uint64_t peer, struct connection **out) {
    struct connection **at = place(connections, !d2d->initiator);
    struct connection *connection = at == NULL ? NULL : calloc(1, sizeof *connection);
    if (connection == NULL) {
        d2d_free(d2d);
        return at == NULL ? STATUS_BUSY : STATUS_NO_MEMORY;
    }
    connection->d2d = d2d;
    connection->peer = peer;
    connection->heard_ms = now.boot_ms;
    *at = connection;
    *out = connection;
    return STATUS_OK;
}
