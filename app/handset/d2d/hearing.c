/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/hearing.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/opening.h"
#include "app/handset/d2d/saying.h"

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
        connection_say_part(connections, now, connection);
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
    if (status == STATUS_OK && record->type != RECORD_PROPOSE_GROUP &&
        record->type != RECORD_LIST) {
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

bool connection_concerns(const struct connections *connections, struct span payload) {
    struct d2d_head head;
    struct i_message message;
    if (d2d_head_read(payload, &head) != STATUS_OK) {
        return false;
    }
    return connection_find(connections, head.id) != NULL ||
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
                             : d2d_hear_request(connection->d2d, &connections->desk->keyring,
                                                head->body, &opened, &is_new);
    if (status == STATUS_OK && !is_new) {
        connection_answer_again(connections, now, connection, peer);
    } else if (status == STATUS_OK) {
        connection_heard_from(connections, now, connection, peer);
        if (was_opening) {
            connection_is_established(connections, now, connection);
        }
        status = handle_record(connections, now, connection, writer_span(&opened));
        if (status != STATUS_OK) {
            connection_lose(connections, now, connection);
        }
    }
    if (status == STATUS_RECOVERY_MISSING) {
        connection_lose(connections, now, connection);
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
        connection_hear_open(connections, now, peer, &head);
        return;
    }
    struct connection *connection = connection_find(connections, head.id);
    if (connection == NULL) {
        return;
    }
    if (head.step == D2D_HELLO) {
        connection_hear_hello(connections, now, peer, connection, head.body);
    } else {
        hear_record(connections, now, peer, connection, &head);
    }
}
