/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/call.h"

#include <stdio.h>
#include <stdlib.h>

void call_clear(struct call *call) {
    gsc_free(call->sending);
    gsc_free(call->receiving);
    voice_sender_free(call->sender);
    voice_receiver_free(call->receiver);
    *call = (struct call){.desk = call->desk,
                          .air = call->air,
                          .connections = call->connections,
                          .groups = call->groups,
                          .roster = call->roster,
                          .use = call->use};
}

/* The SSRC of the caller's stream, which an incoming connection keeps as its errand. */
static uint32_t remote_ssrc_of(const struct connection *connection) {
    return *(const uint32_t *)connection->errand;
}

/* The call is over: it goes into the log of sessions if anything was said. */
static void end(struct call *call, struct moment now, const char *why) {
    if (call->state == CALL_ACTIVE) {
        struct view_session session = {.began_utc_ms = call->began_utc_ms,
                                       .lasted_ms = now.boot_ms - call->began_ms};
        snprintf(session.talker, sizeof session.talker, "%s", call->identity);
        snprintf(session.talker_name, sizeof session.talker_name, "%s",
                 groups_name_of(call->groups, call->identity));
        journal_add_session(&call->desk->journal, &session);
    }
    desk_tell(call->desk, now, TELL_CALL, LOG_NOTICE, "One-to-one talk with %s is over: %s",
              call->identity, why);
    if (call->connection != NULL && !call->connection->d2d->initiator) {
        call->connection->by_officer = false; /* it is the other side's to keep alive */
    }
    call_clear(call);
}

static enum status start_media(struct call *call, struct moment now, const struct d2d *d2d,
                               uint32_t remote_ssrc) {
    uint8_t out = d2d->initiator ? CALL_CS_FORWARD : CALL_CS_BACK;
    uint8_t in = d2d->initiator ? CALL_CS_BACK : CALL_CS_FORWARD;
    uint32_t start;
    enum status status = desk_draw_u32(call->desk, &start);
    if (status == STATUS_OK) {
        status =
            gsc_new(d2d->tgk, out, d2d->key_id, d2d->rand, call->ssrc, GSC_SEND, &call->sending);
    }
    if (status == STATUS_OK) {
        status = gsc_new(d2d->tgk, in, d2d->key_id, d2d->rand, remote_ssrc, GSC_RECEIVE,
                         &call->receiving);
    }
    if (status == STATUS_OK) {
        status = voice_sender_new(call->ssrc, start & GSC_START_MAX, &call->sender);
    }
    if (status == STATUS_OK) {
        status = voice_receiver_new(&call->receiver);
    }
    if (status != STATUS_OK) {
        return status;
    }
    call->state = CALL_ACTIVE;
    call->key_id = d2d->key_id;
    call->began_ms = now.boot_ms;
    call->began_utc_ms = now.utc_ms;
    desk_tell(call->desk, now, TELL_CALL, LOG_NOTICE, "One-to-one talk with %s has begun",
              call->identity);
    return STATUS_OK;
}

static void ring(struct call *call, const char *identity, struct connection *connection) {
    call->state = CALL_RINGING;
    call->connection = connection;
    snprintf(call->identity, sizeof call->identity, "%s", identity);
}

/* --- The officer ---------------------------------------------------------------------------- */

enum status call_begin(struct call *call, struct moment now, const struct command *command,
                       char problem[VIEW_LOG_TEXT_SIZE]) {
    const struct neighbour *neighbour = roster_find(call->roster, command->identity);
    if (neighbour == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "%.90s has not been heard nearby", command->identity);
        return STATUS_NOT_FOUND;
    }
    struct connection *connection;
    enum status status = desk_draw_u32(call->desk, &call->ssrc);
    if (status == STATUS_OK) {
        status =
            connection_open(call->connections, now, &call->use, NULL, true,
                            neighbour->presence.identity, neighbour->presence.kms, &connection);
    }
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The call was not made: %s", status_text(status));
        return status;
    }
    ring(call, neighbour->presence.identity, connection);
    return STATUS_OK;
}

enum status call_hang_up(struct call *call, struct moment now, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct connection *connection = call->connection;
    if (call->state == CALL_NONE) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "There is no one-to-one talk to end");
        return STATUS_NOT_FOUND;
    }
    end(call, now, "you hung up");
    if (connection == NULL) {
        return STATUS_OK;
    }
    if (connection->d2d->initiator) {
        connection_close(call->connections, now, connection);
    } else {
        proposal_end(connection); /* the next poll brings it over */
    }
    return STATUS_OK;
}

bool call_is_proposed(const struct call *call, const struct connection *connection) {
    return connection->use == &call->use;
}

enum status call_accept(struct call *call, struct moment now, struct connection *connection,
                        char problem[VIEW_LOG_TEXT_SIZE]) {
    enum status status = desk_draw_u32(call->desk, &call->ssrc);
    if (status == STATUS_OK) {
        ring(call, connection->d2d->remote, connection);
        status = start_media(call, now, connection->d2d, remote_ssrc_of(connection));
    }
    if (status != STATUS_OK) {
        call_clear(call);
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The call did not begin: %s", status_text(status));
        return status;
    }
    connection->by_officer = true;
    proposal_accept(connection);
    return STATUS_OK;
}

/* --- The connection ------------------------------------------------------------------------- */

static void established(void *owner, struct moment now, struct connection *connection) {
    struct call *call = owner;
    struct d2d_record record = {.type = RECORD_PROPOSE_CALL, .ssrc = call->ssrc};
    connection_request(call->connections, now, connection, &record);
}

static const char *refusal(const struct d2d_record *record) {
    if (record->type != RECORD_DECLINED) {
        return "the other side hung up";
    }
    switch (record->reason) {
    case DECLINED_BY_OFFICER:
        return "declined";
    case DECLINED_NO_DECISION:
        return "nobody answered";
    case DECLINED_BUSY:
        return "busy";
    case DECLINED_PERIOD_TOO_LONG:
    case DECLINED_NOT_VALID:
        break;
    }
    return "refused";
}

static void response(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record) {
    struct call *call = owner;
    bool is_ours = call->connection == connection;
    if (connection->closing) {
        connection_close(call->connections, now, connection);
        return;
    }
    if (is_ours && record->type == RECORD_PENDING && call->state == CALL_RINGING) {
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED && call->state == CALL_ACTIVE) {
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED) {
        enum status status = start_media(call, now, connection->d2d, record->ssrc);
        if (status == STATUS_OK) {
            return;
        }
        end(call, now, status_text(status));
        connection_close(call->connections, now, connection);
        return;
    }
    if (is_ours) {
        end(call, now, refusal(record));
    }
    connection_drop(call->connections, connection);
}

/* The other side wants to talk: the officer is asked, unless there is a talk already. */
static void propose(struct call *call, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    uint32_t *remote_ssrc = malloc(sizeof *remote_ssrc);
    connection->errand = remote_ssrc;
    if (remote_ssrc == NULL || call->state != CALL_NONE ||
        !proposal_ask(call->connections, now, connection)) {
        proposal_decline(connection, DECLINED_BUSY);
        return;
    }
    *remote_ssrc = record->ssrc;
    desk_tell(call->desk, now, TELL_INVITATION, LOG_NOTICE, "%s asks for one-to-one talk",
              connection->d2d->remote);
}

static void request(void *owner, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    struct call *call = owner;
    bool is_ours = call->connection == connection;
    if (record->type == RECORD_PROPOSE_CALL && connection->proposal.answer == 0) {
        propose(call, now, connection, record);
    } else if (record->type != RECORD_POLL) {
        if (is_ours) {
            end(call, now, "the other side hung up");
        } else if (connection->proposal.number != 0) {
            desk_tell(call->desk, now, TELL_INVITATION, LOG_NOTICE, "%s asks no more",
                      connection->d2d->remote);
        }
        proposal_end(connection);
    }
    struct d2d_record answer = {.type = connection->proposal.answer,
                                .reason = connection->proposal.reason,
                                .ssrc = is_ours ? call->ssrc : 0};
    connection_respond(call->connections, now, connection, &answer);
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    struct call *call = owner;
    if (call->connection == connection) {
        end(call, now, call->state == CALL_RINGING ? "no answer" : "contact was lost");
    }
}

static void dropped(void *owner, struct connection *connection) {
    struct call *call = owner;
    if (call->connection == connection) {
        call->connection = NULL;
    }
    free(connection->errand);
}

void call_serve(struct call *call) {
    call->use = (struct connection_use){.owner = call,
                                        .says_nothing_durable = true,
                                        .opening = RECORD_PROPOSE_CALL,
                                        .established = established,
                                        .request = request,
                                        .response = response,
                                        .lost = lost,
                                        .dropped = dropped};
    connections_serve(call->connections, &call->use);
}

/* --- Media ---------------------------------------------------------------------------------- */

void call_speak(struct call *call, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (call->state == CALL_ACTIVE && call->connection != NULL) {
        media_send(call->air, call->connection->peer, call->key_id, call->sending, call->sender,
                   samples);
    }
}

bool call_concerns(const struct call *call, struct span payload) {
    struct reader r = reader_of(payload);
    uint32_t key_id = read_u32(&r);
    return !r.failed && call->state == CALL_ACTIVE && key_id == call->key_id;
}

bool call_media(struct call *call, struct moment now, struct span payload) {
    if (!call_concerns(call, payload)) {
        return false;
    }
    struct reader r = reader_of(payload);
    (void)read_u32(&r);
    struct span srtp = read_span(&r, reader_left(&r));
    uint8_t room[RTP_PACKET_MAX];
    struct writer rtp = writer_into(room, sizeof room);
    enum status status = gsc_unprotect(call->receiving, srtp, &rtp);
    if (status == STATUS_OK) {
        status = voice_receiver_packet(call->receiver, now.boot_ms, writer_span(&rtp));
    }
    if (status != STATUS_OK && status != STATUS_REPLAYED) {
        desk_refuse(call->desk, now, "voice of a one-to-one talk", status);
    }
    secret_wipe(room, sizeof room);
    return true;
}

bool call_play(struct call *call, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    if (call->state != CALL_ACTIVE) {
        return false;
    }
    bool voice = voice_receiver_play(call->receiver, now.boot_ms, samples);
    call->level = voice ? voice_level(samples) : 0;
    voice_mix(mix, samples);
    return voice;
}

void call_show(const struct call *call, struct moment now, struct view *view) {
    view->call_state = call->state;
    snprintf(view->call_identity, sizeof view->call_identity, "%s", call->identity);
    snprintf(view->call_name, sizeof view->call_name, "%s",
             call->state == CALL_NONE ? "" : groups_name_of(call->groups, call->identity));
    view->call_elapsed_ms = call->state == CALL_ACTIVE ? now.boot_ms - call->began_ms : 0;
    if (call->state != CALL_ACTIVE || view->talker_count == VIEW_TALKERS_MAX) {
        return;
    }
    struct view_talker *row = &view->talkers[view->talker_count++];
    *row = (struct view_talker){.elapsed_ms = view->call_elapsed_ms, .level = call->level};
    snprintf(row->identity, sizeof row->identity, "%s", call->identity);
    snprintf(row->name, sizeof row->name, "%s", view->call_name);
}
