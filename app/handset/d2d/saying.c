/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/saying.h"

#include <stdlib.h>

/* The latest word goes on the air. Under radio silence only what the officer does goes out, and no
 * connection that somebody else keeps alive. */
static void transmit(struct connections *connections, uint64_t peer,
                     const struct connection *connection) {
    if (!desk_is_silent(connections->desk) || connection->by_officer) {
        air_send_under(connections->air, peer, FRAME_D2D, d2d_payload(connection->d2d), NULL, false,
                       connection->after);
    }
}

void connection_answer_again(struct connections *connections, struct moment now,
                             const struct connection *connection, uint64_t peer) {
    /* Whoever asks proves nothing: it must not make this handset fill the air. */
    if (admission_affords(connections->admission, now, SPENT_ON_ANSWERS, COST_SIGNATURE * UNIT)) {
        transmit(connections, peer, connection);
    }
}

void connection_choose_way(struct connections *connections, struct moment now,
                           struct connection *connection) {
    struct ways *ways = roster_ways(connections->roster, connection->d2d->remote);
    const struct way *way = NULL;
    if (ways == NULL || ways->count == 0) {
        return;
    }
    if (connection->tried_count < WAYS_MAX) {
        way = ways_other(ways, connections->links, now, connection->tried, connection->tried_count);
    }
    if (way == NULL) {
        connection->tried_count = 0;
        way = ways_best(ways, connections->links, now);
    }
    connection->peer = way->peer;
    connection->tried[connection->tried_count++] = way->peer;
}

void connection_leave_way(struct connections *connections, struct moment now,
                          struct connection *connection) {
    struct ways *ways = roster_ways(connections->roster, connection->d2d->remote);
    if (ways != NULL) {
        ways_fail(ways, connection->peer, now);
    }
    connection_choose_way(connections, now, connection);
}

void connection_say_again(struct connections *connections, const struct connection *connection) {
    /* The peer's address may have changed, or a replayed presence may have misled us about it: now
     * and then what gets no answer goes to everyone, who cannot read it. */
    bool to_everyone = connection->repeats >= 3 && connection->repeats % 2 == 1;
    transmit(connections, to_everyone ? EVERYONE : connection->peer, connection);
}

void connection_await(struct connections *connections, struct moment now,
                      struct connection *connection) {
    connection->awaiting = true;
    connection->repeats = 0;
    connection->tried_count = 1;
    connection->tried[0] = connection->peer;
    if (link_is_off(connections->links, connection->peer)) {
        connection_leave_way(connections, now, connection);
    }
    connection->repeat_interval_ms = CONNECTION_REPEAT_MS;
    connection->repeat_due_ms = now.boot_ms + CONNECTION_REPEAT_MS;
    connection_say_again(connections, connection);
}

/* Does the record say something of a group that a power cut could make untrue? Others ask, or
 * answer with what no disk has to remember; and that nothing can be saved does not wait for it. */
static bool waits_for_disk(const struct connection *connection, const struct d2d_record *record) {
    return connection->use != NULL && !connection->use->says_nothing_durable &&
           record->type != RECORD_POLL && record->type != RECORD_PENDING &&
           record->type != RECORD_ACCEPTED &&
           !(record->type == RECORD_DECLINED && record->reason == DECLINED_CANNOT_SAVE);
}

/* Seals `record` by `seal`; on failure nothing new is sent, and the connection times out. */
static bool seal_record(const struct desk *desk, struct connection *connection,
                        enum status (*seal)(struct d2d *, struct span),
                        const struct d2d_record *record) {
    struct secret *room = secret_new(D2D_RECORD_MAX);
    if (room == NULL) {
        return false;
    }
    struct writer w = writer_into(room->octets, room->length);
    d2d_record_write(&w, record);
    bool sealed =
        writer_finish(&w) == STATUS_OK && seal(connection->d2d, writer_span(&w)) == STATUS_OK;
    if (sealed) {
        connection->after = waits_for_disk(connection, record) ? desk->outbox.queued : 0;
    }
    secret_free(room);
    return sealed;
}

/* How many octets of a record fit into one frame, on whatever link it goes. */
static size_t record_room(const struct connections *connections) {
    const struct handset_links *links = connections->links;
    return links_largest(links, link_bits(links)) - FRAME_HEADER_SIZE - D2D_SEALED_MAX;
}

static void request_whole(struct connections *connections, struct moment now,
                          struct connection *connection, const struct d2d_record *record) {
    if (seal_record(connections->desk, connection, d2d_request, record)) {
        connection_await(connections, now, connection);
    }
}

static void forget_what_to_say(struct connection *connection) {
    free(connection->to_say);
    connection->to_say = NULL;
}

void connection_say_part(struct connections *connections, struct moment now,
                         struct connection *connection) {
    size_t room = record_room(connections) - RECORD_HEADER_SIZE;
    size_t left = connection->to_say_length - connection->said;
    struct d2d_record part = {
        .type = left > room ? RECORD_PART : RECORD_LAST_PART,
        .utc_ms = now.utc_ms,
        .part = {connection->to_say + connection->said, left > room ? room : left}};
    connection->said += part.part.length;
    request_whole(connections, now, connection, &part);
    if (part.type == RECORD_LAST_PART) {
        forget_what_to_say(connection);
    }
}

void connection_request(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record) {
    record->utc_ms = now.utc_ms;
    forget_what_to_say(connection);
    bool is_short = record->type != RECORD_PROPOSE_GROUP && record->type != RECORD_LIST;
    if (is_short) {
        request_whole(connections, now, connection, record);
        return;
    }
    connection->to_say = malloc(D2D_RECORD_MAX);
    if (connection->to_say == NULL) {
        return; /* nothing is sent, and the connection times out */
    }
    struct writer w = writer_into(connection->to_say, D2D_RECORD_MAX);
    d2d_record_write(&w, record);
    connection->to_say_length = w.length;
    connection->said = 0;
    if (writer_finish(&w) != STATUS_OK) {
        forget_what_to_say(connection);
    } else if (w.length > record_room(connections)) {
        connection_say_part(connections, now, connection);
    } else {
        forget_what_to_say(connection);
        request_whole(connections, now, connection, record);
    }
}

void connection_respond(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record) {
    record->utc_ms = now.utc_ms;
    if (seal_record(connections->desk, connection, d2d_respond, record)) {
        connection_say_again(connections, connection);
    }
}

void connection_close(struct connections *connections, struct moment now,
                      struct connection *connection) {
    connection->closing = true;
    if (connection->awaiting) {
        return;
    }
    struct d2d_record record = {.type = RECORD_CLOSE};
    connection_request(connections, now, connection, &record);
}
