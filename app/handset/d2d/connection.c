/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/connection.h"

#include <stdlib.h>
#include <string.h>

enum status connections_start(struct connections *connections) {
    connections->record_room = secret_new(D2D_RECORD_MAX + D2D_HASH_SIZE);
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

static struct connection *find(const struct connections *connections, uint64_t id) {
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

/* Contact is lost, or not wanted any more: whom it concerns is told. */
static void lose(struct connections *connections, struct moment now,
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

/* Takes over `d2d`, which is freed on failure. */
static enum status add(struct connections *connections, struct moment now, struct d2d *d2d,
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

/* --- Sending -------------------------------------------------------------------------------- */

/* The latest word goes on the air. Under radio silence only what the officer does goes out, and no
 * connection that somebody else keeps alive. */
static void transmit(struct connections *connections, uint64_t peer,
                     const struct connection *connection) {
    if (!desk_is_silent(connections->desk) || connection->by_officer) {
        air_send_under(connections->air, peer, FRAME_D2D, d2d_payload(connection->d2d), NULL, false,
                       connection->after);
    }
}

/* Says the latest word again to who asked for it. That may be another address than the connection's
 * peer: whoever repeats a frame of the other side first must not draw all answers to itself. */
static void answer_again(struct connections *connections, struct moment now,
                         const struct connection *connection, uint64_t peer) {
    /* Whoever asks proves nothing: it must not make this handset fill the air. */
    if (limits_allow_peer(connections->limits, &connections->limits->opening.by_peer, now, peer,
                          COST_SIGNATURE)) {
        transmit(connections, peer, connection);
    }
}

/* The other side is asked on its best way from now on, or the best that was not tried yet. When all
 * were tried, they are again. */
static void choose_way(struct connections *connections, struct moment now,
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

/* Nothing came back on this way, or its link is off: on to another one. */
static void leave_way(struct connections *connections, struct moment now,
                      struct connection *connection) {
    struct ways *ways = roster_ways(connections->roster, connection->d2d->remote);
    if (ways != NULL) {
        ways_fail(ways, connection->peer, now);
    }
    choose_way(connections, now, connection);
}

static void send_payload(struct connections *connections, const struct connection *connection) {
    /* The peer's address may have changed, or a replayed presence may have misled us about it: now
     * and then what gets no answer goes to everyone, who cannot read it. */
    bool to_everyone = connection->repeats >= 3 && connection->repeats % 2 == 1;
    transmit(connections, to_everyone ? EVERYONE : connection->peer, connection);
}

static void await_answer(struct connections *connections, struct moment now,
                         struct connection *connection) {
    connection->awaiting = true;
    connection->repeats = 0;
    connection->tried_count = 1;
    connection->tried[0] = connection->peer;
    if (link_is_off(connections->links, connection->peer)) {
        leave_way(connections, now, connection);
    }
    connection->repeat_interval_ms = CONNECTION_REPEAT_MS;
    connection->repeat_due_ms = now.boot_ms + CONNECTION_REPEAT_MS;
    send_payload(connections, connection);
}

enum status connection_open(struct connections *connections, struct moment now,
                            const struct connection_use *use, void *errand, bool by_officer,
                            const char *remote, const char *remote_kms, struct connection **out) {
    struct d2d *d2d;
    enum status status = d2d_open(&connections->desk->keyring, &connections->desk->entropy, remote,
                                  remote_kms, now, &d2d);
    if (status != STATUS_OK) {
        return status;
    }
    status = add(connections, now, d2d, EVERYONE, out);
    if (status != STATUS_OK) {
        return status;
    }
    (*out)->use = use;
    (*out)->errand = errand;
    (*out)->by_officer = by_officer;
    choose_way(connections, now, *out);
    await_answer(connections, now, *out);
    return STATUS_OK;
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
        await_answer(connections, now, connection);
    }
}

static void forget_what_to_say(struct connection *connection) {
    free(connection->to_say);
    connection->to_say = NULL;
}

/* The next part of the record that goes in parts. */
static void request_part(struct connections *connections, struct moment now,
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
    if (record->type != RECORD_PROPOSE_GROUP) { /* all others are short */
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
        request_part(connections, now, connection);
    } else {
        forget_what_to_say(connection);
        request_whole(connections, now, connection, record);
    }
}

void connection_respond(struct connections *connections, struct moment now,
                        struct connection *connection, struct d2d_record *record) {
    record->utc_ms = now.utc_ms;
    if (seal_record(connections->desk, connection, d2d_respond, record)) {
        send_payload(connections, connection);
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

/* --- Hearing -------------------------------------------------------------------------------- */

/* A connection id as octets: it is made of its I_MESSAGE's hash and stands for it. */
static struct span span_of_id(const uint64_t *id) {
    return (struct span){(const uint8_t *)id, sizeof *id};
}

/* The signature is paid for first, and opening by the identity that signed: what a stranger can
 * send must not use up what opening costs. */
static enum status check_open(struct connections *connections, struct moment now, uint64_t peer,
                              const struct d2d_head *head, const struct i_message *message) {
    const char *initiator = message->fields.initiator;
    if (seen_has(&connections->established, span_of_id(&head->id), (struct span){NULL, 0})) {
        return STATUS_REPLAYED;
    }
    if (!limits_allow_claim(connections->limits, &connections->limits->opening, now, peer,
                            initiator)) {
        return STATUS_RATE_LIMITED;
    }
    bool is_known = roster_find(connections->roster, initiator) != NULL ||
                    roster_trusts(connections->roster, initiator);
    const struct keyring *keyring = &connections->desk->keyring;
    enum status status =
        limits_explain(connections->limits, d2d_verify(keyring, head, message, now), keyring,
                       initiator, now, message->covered, message->signature.octets);
    if (status == STATUS_OK &&
        !limiter_allows(&connections->limits->decapsulation, limiter_source(initiator), is_known,
                        now.boot_ms, COST_DECAPSULATION)) {
        status = STATUS_RATE_LIMITED;
    }
    return status;
}

static void hear_open(struct connections *connections, struct moment now, uint64_t peer,
                      const struct d2d_head *head) {
    struct i_message message;
    if (i_message_parse(head->body, &message) != STATUS_OK ||
        strcmp(message.fields.responder, own_identity(connections->desk)) != 0) {
        return; /* not for this handset, which others' repeats to everyone are not either */
    }
    struct connection *connection = find(connections, head->id);
    if (connection != NULL) {
        if (connection->d2d->stage == D2D_OPENING && !connection->d2d->initiator) {
            answer_again(connections, now, connection, peer);
        }
        return;
    }
    if (desk_is_silent(connections->desk)) {
        return;
    }
    struct d2d *d2d = NULL;
    enum status status = check_open(connections, now, peer, head, &message);
    if (status == STATUS_OK) {
        status = d2d_answer(&connections->desk->keyring, &connections->desk->entropy, head,
                            &message, now, &d2d);
    }
    if (status == STATUS_OK) {
        status = add(connections, now, d2d, peer, &connection);
    }
    if (status != STATUS_OK) {
        desk_refuse(connections->desk, now, MESSAGE_I_MESSAGE, status);
    } else {
        send_payload(connections, connection);
    }
}

/* What verified came from `peer`: that is a way to the other side. */
static void heard_from(struct connections *connections, struct moment now,
                       struct connection *connection, uint64_t peer) {
    struct ways *ways = roster_ways(connections->roster, connection->d2d->remote);
    connection->peer = peer;
    connection->heard_ms = now.boot_ms;
    if (ways != NULL) {
        ways_answer(ways, peer, now);
    }
}

static void hear_hello(struct connections *connections, struct moment now, uint64_t peer,
                       struct connection *connection, struct span body) {
    if (!connection->d2d->initiator || connection->d2d->stage != D2D_OPENING) {
        return;
    }
    enum status status = d2d_hear_hello(connection->d2d, body);
    if (status != STATUS_OK) {
        desk_refuse(connections->desk, now, MESSAGE_D2D_HELLO, status);
        return;
    }
    heard_from(connections, now, connection, peer);
    connection->awaiting = false;
    if (connection->closing) {
        connection_close(connections, now, connection);
    } else {
        connection->use->established(connection->use->owner, now, connection);
    }
}

/* The use that an incoming connection's first request is for; NULL when there is none. */
static const struct connection_use *use_for(const struct connections *connections,
                                            const struct d2d_record *record) {
    for (size_t i = 0; i < connections->use_count; i++) {
        if (connections->uses[i]->opening == record->type) {
            return connections->uses[i];
        }
    }
    return NULL;
}

static void handle_request(struct connections *connections, struct moment now,
                           struct connection *connection, const struct d2d_record *record) {
    connection->clock_difference_ms = record->utc_ms - now.utc_ms;
    if (connection->use == NULL && !connection->over) {
        connection->use = use_for(connections, record);
    }
    if (connection->use != NULL) {
        connection->use->request(connection->use->owner, now, connection, record);
        return;
    }
    struct d2d_record response = {.type = RECORD_CLOSED};
    connection->over = true;
    connection_respond(connections, now, connection, &response);
}

/* The other side has a part and wants the next. */
static enum status say_next(struct connections *connections, struct moment now,
                            struct connection *connection) {
    if (connection->to_say == NULL) {
        return STATUS_MALFORMED;
    }
    if (connection->closing) {
        connection_close(connections, now, connection);
    } else {
        request_part(connections, now, connection);
    }
    return STATUS_OK;
}

static enum status handle_response(struct connections *connections, struct moment now,
                                   struct connection *connection, const struct d2d_record *record) {
    connection->awaiting = false;
    connection->poll_due_ms = now.boot_ms + CONNECTION_POLL_MS;
    if (record->type == RECORD_NEXT) {
        return say_next(connections, now, connection);
    }
    bool proposal_is_over = record->type == RECORD_CLOSED || record->type == RECORD_DECLINED;
    if (connection->closing && proposal_is_over) {
        connection_drop(connections, connection);
    } else {
        connection->use->response(connection->use->owner, now, connection, record);
    }
    return STATUS_OK;
}

static bool is_part(const struct d2d_record *record) {
    return record->type == RECORD_PART || record->type == RECORD_LAST_PART;
}

/* Into *record, with its parameters and by the side that may say it. */
static enum status read_record(const struct connection *connection, struct span octets,
                               struct d2d_record *record) {
    enum status status = d2d_record_read(octets, record);
    bool is_request = record->type < RECORD_PENDING;
    if (status == STATUS_OK && is_request == connection->d2d->initiator) {
        status = STATUS_MALFORMED;
    }
    return status;
}

static void forget_parts(struct connection *connection) {
    free(connection->parts);
    connection->parts = NULL;
    connection->parts_length = 0;
}

/* One more part of a longer record, which is then read into *record if it was the last. */
static enum status take_part(struct connection *connection, struct moment now,
                             struct d2d_record *record) {
    struct span part = record->part;
    if (connection->parts == NULL) {
        connection->parts = malloc(D2D_RECORD_MAX);
        connection->parts_length = 0;
        connection->parts_since_ms = now.boot_ms;
    }
    if (connection->parts == NULL) {
        return STATUS_NO_MEMORY;
    }
    if (part.length > D2D_RECORD_MAX - connection->parts_length) {
        return STATUS_TOO_LONG;
    }
    memcpy(connection->parts + connection->parts_length, part.octets, part.length);
    connection->parts_length += part.length;
    if (record->type == RECORD_PART) {
        return STATUS_OK;
    }
    struct span whole = {connection->parts, connection->parts_length};
    enum status status = read_record(connection, whole, record);
    if (status == STATUS_OK && record->type != RECORD_PROPOSE_GROUP) {
        status = STATUS_MALFORMED;
    }
    if (status == STATUS_OK) {
        /* What the other parts took has passed in the group, and on the other's clock, as well. */
        record->group_ms += now.boot_ms - connection->parts_since_ms;
        record->utc_ms += now.boot_ms - connection->parts_since_ms;
    }
    return status;
}

/* A request, whole or a part of one. */
static enum status handle_asked(struct connections *connections, struct moment now,
                                struct connection *connection, struct d2d_record *record) {
    enum status status = is_part(record) ? take_part(connection, now, record) : STATUS_OK;
    if (status == STATUS_OK && record->type == RECORD_PART) {
        struct d2d_record next = {.type = RECORD_NEXT};
        connection_respond(connections, now, connection, &next);
        return STATUS_OK;
    }
    forget_parts(connection);
    if (status == STATUS_OK) {
        handle_request(connections, now, connection, record);
    }
    return status;
}

/* What came in a sealed record, once it is open. */
static enum status handle_record(struct connections *connections, struct moment now,
                                 struct connection *connection, struct span octets) {
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct d2d_record record = {.parameters = parameters};
    enum status status = read_record(connection, octets, &record);
    if (status == STATUS_OK) {
        status = connection->d2d->initiator ? handle_response(connections, now, connection, &record)
                                            : handle_asked(connections, now, connection, &record);
    }
    secret_wipe(&record, sizeof record);
    free(parameters);
    return status;
}

/* The quietest connection makes way when an identity establishes too many: nobody takes up the
 * places of others. Only now, since an I_MESSAGE alone may be a replay of somebody's. */
static void limit_each(struct connections *connections, struct moment now,
                       const struct connection *established) {
    struct connection *quietest = NULL;
    size_t count = 1;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *other = connections->list[i];
        if (other == NULL || other == established || other->over || other->d2d->initiator ||
            other->d2d->stage == D2D_OPENING ||
            strcmp(other->d2d->remote, established->d2d->remote) != 0) {
            continue;
        }
        count++;
        if (quietest == NULL || other->heard_ms < quietest->heard_ms) {
            quietest = other;
        }
    }
    if (count > CONNECTIONS_EACH_MAX) {
        lose(connections, now, quietest);
    }
}

bool connection_concerns(const struct connections *connections, struct span payload) {
    struct d2d_head head;
    struct i_message message;
    if (d2d_head_read(payload, &head) != STATUS_OK) {
        return false;
    }
    return find(connections, head.id) != NULL ||
           (head.step == D2D_OPEN && i_message_parse(head.body, &message) == STATUS_OK &&
            strcmp(message.fields.responder, own_identity(connections->desk)) == 0);
}

/* Whoever talks under this connection's keys and breaks the rules gets no further. */
static void hear_record(struct connections *connections, struct moment now, uint64_t peer,
                        struct connection *connection, const struct d2d_head *head) {
    bool expected = connection->d2d->initiator
                        ? head->step == D2D_RESPONSE && connection->awaiting &&
                              connection->d2d->stage == D2D_ESTABLISHED
                        : head->step == D2D_REQUEST;
    if (!expected) {
        return;
    }
    struct secret *room = connections->record_room;
    struct writer opened = writer_into(room->octets, room->length);
    bool is_new = true;
    bool was_opening = connection->d2d->stage == D2D_OPENING;
    enum status status = connection->d2d->initiator
                             ? d2d_hear_response(connection->d2d, head->body, &opened)
                             : d2d_hear_request(connection->d2d, head->body, &opened, &is_new);
    if (status == STATUS_OK && !is_new) {
        answer_again(connections, now, connection, peer);
    } else if (status == STATUS_OK) {
        heard_from(connections, now, connection, peer);
        /* Only now: an I_MESSAGE whose connection was crowded out may come again. */
        if (was_opening) {
            seen_add(&connections->established, span_of_id(&head->id), (struct span){NULL, 0});
            limit_each(connections, now, connection);
        }
        status = handle_record(connections, now, connection, writer_span(&opened));
        if (status != STATUS_OK) {
            lose(connections, now, connection);
        }
    }
    if (status != STATUS_OK && status != STATUS_REPLAYED) {
        desk_refuse(connections->desk, now, MESSAGE_D2D_RECORD, status);
    }
    secret_wipe(room->octets, room->length);
}

void connection_frame(struct connections *connections, struct moment now, uint64_t peer,
                      struct span payload) {
    struct d2d_head head;
    enum status status = d2d_head_read(payload, &head);
    if (status != STATUS_OK) {
        desk_refuse(connections->desk, now, MESSAGE_D2D_FRAME, status);
        return;
    }
    if (head.step == D2D_OPEN) {
        hear_open(connections, now, peer, &head);
        return;
    }
    struct connection *connection = find(connections, head.id);
    if (connection == NULL) {
        return;
    }
    if (head.step == D2D_HELLO) {
        hear_hello(connections, now, peer, connection, head.body);
    } else {
        hear_record(connections, now, peer, connection, &head);
    }
}

/* --- Time ----------------------------------------------------------------------------------- */

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
        leave_way(connections, now, connection);
    }
    send_payload(connections, connection);
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
            lose(connections, now, connection);
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
