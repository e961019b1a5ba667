/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/call.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/invitation.h"

void call_clear(struct call *call) {
    gsc_free(call->sending);
    gsc_free(call->receiving);
    voice_sender_free(call->sender);
    voice_receiver_free(call->receiver);
    *call = (struct call){.state = CALL_NONE};
}

/* The call is over: it goes into the log of sessions if anything was said. */
static void end(struct handset *handset, struct moment now, const char *why) {
    struct call *call = &handset->call;
    if (call->state == CALL_ACTIVE) {
        struct view_session session = {.began_utc_ms = call->began_utc_ms,
                                       .lasted_ms = now.boot_ms - call->began_ms};
        snprintf(session.talker, sizeof session.talker, "%s", call->identity);
        snprintf(session.talker_name, sizeof session.talker_name, "%s",
                 handset_name_of(handset, call->identity));
        journal_add_session(&handset->journal, &session);
    }
    handset_tell(handset, now, TELL_CALL, LOG_NOTICE, "One-to-one talk with %s is over: %s",
                 call->identity, why);
    call_clear(call);
}

static enum status start_media(struct handset *handset, struct moment now, const struct d2d *d2d,
                               uint32_t remote_ssrc) {
    struct call *call = &handset->call;
    uint8_t out = d2d->initiator ? CALL_CS_FORWARD : CALL_CS_BACK;
    uint8_t in = d2d->initiator ? CALL_CS_BACK : CALL_CS_FORWARD;
    uint32_t start;
    enum status status = handset_draw_u32(handset, &start);
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
    handset_tell(handset, now, TELL_CALL, LOG_NOTICE, "One-to-one talk with %s has begun",
                 call->identity);
    return STATUS_OK;
}

static enum status ring(struct handset *handset, const char *identity,
                        struct connection *connection) {
    struct call *call = &handset->call;
    enum status status = handset_draw_u32(handset, &call->ssrc);
    if (status != STATUS_OK) {
        return status;
    }
    call->state = CALL_RINGING;
    call->connection = connection;
    snprintf(call->identity, sizeof call->identity, "%s", identity);
    return STATUS_OK;
}

/* --- The officer ---------------------------------------------------------------------------- */

enum status call_begin(struct handset *handset, struct moment now, const struct command *command,
                       char problem[VIEW_LOG_TEXT_SIZE]) {
    const struct neighbour *neighbour = roster_find(&handset->roster, command->identity);
    if (handset->call.state != CALL_NONE || handset->talk.active) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "You are talking already; end that first");
        return STATUS_BUSY;
    }
    if (neighbour == NULL) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "%.90s has not been heard nearby", command->identity);
        return STATUS_NOT_FOUND;
    }
    struct connection *connection;
    enum status status = connection_open(handset, now, USE_CALL, neighbour->presence.identity,
                                         neighbour->presence.kms, &connection);
    if (status == STATUS_OK) {
        status = ring(handset, neighbour->presence.identity, connection);
        if (status != STATUS_OK) {
            connection_drop(handset, connection);
        }
    }
    if (status != STATUS_OK) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The call was not made: %s", status_text(status));
    }
    return status;
}

enum status call_hang_up(struct handset *handset, struct moment now,
                         char problem[VIEW_LOG_TEXT_SIZE]) {
    struct connection *connection = handset->call.connection;
    if (handset->call.state == CALL_NONE) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "There is no one-to-one talk to end");
        return STATUS_NOT_FOUND;
    }
    end(handset, now, "you hung up");
    if (connection == NULL) {
        return STATUS_OK;
    }
    if (connection->d2d->initiator) {
        connection_close(handset, now, connection);
    } else {
        connection->answer = RECORD_CLOSED; /* the next poll brings it over */
        connection->over = true;
    }
    return STATUS_OK;
}

enum status call_accept(struct handset *handset, struct moment now, struct connection *connection,
                        char problem[VIEW_LOG_TEXT_SIZE]) {
    if (handset->call.state != CALL_NONE || handset->talk.active) {
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "You are talking already; end that first");
        return STATUS_BUSY;
    }
    enum status status = ring(handset, connection->d2d->remote, connection);
    if (status == STATUS_OK) {
        status = start_media(handset, now, connection->d2d, connection->remote_ssrc);
    }
    if (status != STATUS_OK) {
        call_clear(&handset->call);
        snprintf(problem, VIEW_LOG_TEXT_SIZE, "The call did not begin: %s", status_text(status));
        return status;
    }
    connection->invitation = 0;
    connection->answer = RECORD_ACCEPTED;
    return STATUS_OK;
}

/* --- The connection ------------------------------------------------------------------------- */

void call_established(struct handset *handset, struct moment now, struct connection *connection) {
    struct d2d_record record = {.type = RECORD_PROPOSE_CALL, .ssrc = handset->call.ssrc};
    connection_request(handset, now, connection, &record);
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

void call_response(struct handset *handset, struct moment now, struct connection *connection,
                   const struct d2d_record *record) {
    bool is_ours = handset->call.connection == connection;
    if (is_ours && record->type == RECORD_PENDING && handset->call.state == CALL_RINGING) {
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED && handset->call.state == CALL_ACTIVE) {
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED) {
        enum status status = start_media(handset, now, connection->d2d, record->ssrc);
        if (status == STATUS_OK) {
            return;
        }
        end(handset, now, status_text(status));
        connection_close(handset, now, connection);
        return;
    }
    if (is_ours) {
        end(handset, now, refusal(record));
    }
    connection_drop(handset, connection);
}

void call_request(struct handset *handset, struct moment now, struct connection *connection,
                  const struct d2d_record *record) {
    bool is_ours = handset->call.connection == connection;
    if (record->type == RECORD_PROPOSE_CALL && connection->answer == 0) {
        connection->remote_ssrc = record->ssrc;
        bool busy = handset->call.state != CALL_NONE;
        if (busy || !invitation_ask(handset, now, connection)) {
            connection->answer = RECORD_DECLINED;
            connection->reason = DECLINED_BUSY;
            connection->over = true;
        } else {
            handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "%s asks for one-to-one talk",
                         connection->d2d->remote);
        }
    } else if (record->type != RECORD_POLL) {
        if (is_ours) {
            end(handset, now, "the other side hung up");
        } else if (connection->invitation != 0) {
            handset_tell(handset, now, TELL_INVITATION, LOG_NOTICE, "%s asks no more",
                         connection->d2d->remote);
        }
        connection->invitation = 0;
        connection->answer = RECORD_CLOSED;
        connection->over = true;
    }
    struct d2d_record response = {.type = connection->answer,
                                  .reason = connection->reason,
                                  .ssrc = is_ours ? handset->call.ssrc : 0};
    connection_respond(handset, now, connection, &response);
}

void call_lost(struct handset *handset, struct moment now, struct connection *connection) {
    if (handset->call.connection == connection) {
        end(handset, now, handset->call.state == CALL_RINGING ? "no answer" : "contact was lost");
    }
}

/* --- Media ---------------------------------------------------------------------------------- */

void call_speak(struct handset *handset, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct call *call = &handset->call;
    if (call->state == CALL_ACTIVE && call->connection != NULL) {
        media_send(handset, call->connection->peer, call->key_id, call->sending, call->sender,
                   samples);
    }
}

bool call_media(struct handset *handset, struct moment now, uint32_t key_id, struct span srtp) {
    struct call *call = &handset->call;
    if (call->state != CALL_ACTIVE || key_id != call->key_id) {
        return false;
    }
    uint8_t room[RTP_PACKET_MAX];
    struct writer rtp = writer_into(room, sizeof room);
    enum status status = gsc_unprotect(call->receiving, srtp, &rtp);
    if (status == STATUS_OK) {
        status = voice_receiver_packet(call->receiver, now.boot_ms, writer_span(&rtp));
    }
    if (status != STATUS_OK && status != STATUS_REPLAYED) {
        handset_refuse(handset, now, "voice of a one-to-one talk", status);
    }
    secret_wipe(room, sizeof room);
    return true;
}

bool call_play(struct handset *handset, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]) {
    struct call *call = &handset->call;
    int16_t samples[VOICE_FRAME_SAMPLES];
    if (call->state != CALL_ACTIVE) {
        return false;
    }
    bool voice = voice_receiver_play(call->receiver, now.boot_ms, samples);
    call->level = voice ? voice_level(samples) : 0;
    voice_mix(mix, samples);
    return voice;
}

void call_show(const struct handset *handset, struct moment now, struct view *view) {
    const struct call *call = &handset->call;
    view->call_state = call->state;
    snprintf(view->call_identity, sizeof view->call_identity, "%s", call->identity);
    snprintf(view->call_name, sizeof view->call_name, "%s",
             call->state == CALL_NONE ? "" : handset_name_of(handset, call->identity));
    view->call_elapsed_ms = call->state == CALL_ACTIVE ? now.boot_ms - call->began_ms : 0;
    if (call->state != CALL_ACTIVE || view->talker_count == VIEW_TALKERS_MAX) {
        return;
    }
    struct view_talker *row = &view->talkers[view->talker_count++];
    *row = (struct view_talker){.elapsed_ms = view->call_elapsed_ms, .level = call->level};
    snprintf(row->identity, sizeof row->identity, "%s", call->identity);
    snprintf(row->name, sizeof row->name, "%s", view->call_name);
}
