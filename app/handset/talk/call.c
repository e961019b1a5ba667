/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/opening.h"
#include "app/handset/d2d/saying.h"
#include "app/handset/talk/packing.h"
#include "app/handset/talk/routes.h"

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
                          .use = call->use,
                          .rings = call->rings};
}

/* The SSRC of the caller's stream, which an incoming connection keeps as its errand. */
static uint32_t remote_ssrc_of(const struct connection *connection) {
    return *(const uint32_t *)connection->errand;
}

/* About the other side. */
static struct event event_about(const struct call *call, enum event_kind kind,
                                const char *identity) {
    return groups_event(call->groups, kind, identity, "");
}

/* The call is over: it goes into the log of sessions if anything was said. */
static void end(struct call *call, struct moment now, enum event_reason reason,
                enum status status) {
    struct event event = event_about(call, EVENT_CALL_ENDED, call->identity);
    event.reason = reason;
    event.check = reason == REASON_CHECK_FAILED ? status_name(status) : NULL;
    if (call->state == CALL_ACTIVE) {
        event.duration_ms = now.boot_ms - call->began_ms;
        struct view_session session = {.began_utc_ms = call->began_utc_ms,
                                       .lasted_ms = event.duration_ms};
        snprintf(session.talker, sizeof session.talker, "%s", call->identity);
        snprintf(session.talker_name, sizeof session.talker_name, "%s", event.name);
        session.talker_name_kind = event.name_kind;
        journal_add_session(&call->desk->journal, &session);
    }
    desk_tell(call->desk, now, &event);
    if (call->connection != NULL && !call->connection->d2d->initiator) {
        call->connection->by_officer = false; /* it is the other side's to keep alive */
    }
    call_clear(call);
}

static enum status start_media(struct call *call, struct moment now, uint64_t peer,
                               const struct d2d *d2d, uint32_t remote_ssrc) {
    uint8_t out = d2d->initiator ? CALL_CS_FORWARD : CALL_CS_BACK;
    uint8_t in = d2d->initiator ? CALL_CS_BACK : CALL_CS_FORWARD;
    uint32_t start;
    enum status status = desk_draw_u32(call->desk, &start);
    if (status == STATUS_OK) {
        status = gsc_new(d2d->call_key, out, d2d->key_id, d2d->rand, call->ssrc, GSC_SEND,
                         &call->sending);
    }
    if (status == STATUS_OK) {
        status = gsc_new(d2d->call_key, in, d2d->key_id, d2d->rand, remote_ssrc, GSC_RECEIVE,
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
    voice_sender_pack(call->sender, packing_to_peer(call->roster, call->air->links, peer));
    call->state = CALL_ACTIVE;
    call->key_id = d2d->key_id;
    call->began_ms = call->heard_ms = now.boot_ms;
    call->began_utc_ms = now.utc_ms;
    const struct event event = event_about(call, EVENT_CALL_BEGAN, call->identity);
    desk_tell(call->desk, now, &event);
    return STATUS_OK;
}

static void ring(struct call *call, const char *identity, struct connection *connection) {
    call->state = CALL_RINGING;
    call->connection = connection;
    snprintf(call->identity, sizeof call->identity, "%s", identity);
}

/* --- The officer ---------------------------------------------------------------------------- */

/* The connection over which `identity` rings here, or NULL. NULL for who rings: anybody. */
static struct connection *ringing_from(const struct call *call, const char *identity) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = connections_next(call->connections, &call->use, &at)) != NULL) {
        if (connection->proposal.number != 0 &&
            (identity == NULL || strcmp(connection->d2d->remote, identity) == 0)) {
            break;
        }
    }
    return connection;
}

enum status call_begin(struct call *call, struct moment now, const struct command *command,
                       struct event *problem) {
    struct connection *ringing = ringing_from(call, command->identity);
    if (ringing != NULL) {
        return call_accept(call, now, ringing, problem);
    }
    const struct neighbour *neighbour = roster_find(call->roster, command->identity);
    if (neighbour == NULL) {
        return desk_problem(problem, event_about(call, EVENT_NOT_NEARBY, command->identity),
                            STATUS_NOT_FOUND);
    }
    struct connection *connection;
    enum status status = desk_draw_u32(call->desk, &call->ssrc);
    if (status == STATUS_OK) {
        status =
            connection_open(call->connections, now, &call->use, NULL, true,
                            neighbour->presence.identity, neighbour->presence.kms, &connection);
    }
    if (status != STATUS_OK) {
        return desk_problem(problem, event_about(call, EVENT_CALL_NOT_MADE, command->identity),
                            status);
    }
    ring(call, neighbour->presence.identity, connection);
    return STATUS_OK;
}

void call_hang_up(struct call *call, struct moment now, enum event_reason reason) {
    struct connection *connection = call->connection;
    end(call, now, reason, STATUS_OK);
    if (connection == NULL) {
        return;
    }
    call->parting = connection;
    if (connection->d2d->initiator) {
        connection_close(call->connections, now, connection);
    } else {
        proposal_end(connection); /* the next poll brings it over */
    }
}

bool call_turn_away(struct call *call, struct moment now) {
    struct connection *ringing;
    bool is_any = false;
    while ((ringing = ringing_from(call, NULL)) != NULL) {
        const struct event event = proposal_event(ringing, EVENT_INVITATION_EXPIRED);
        desk_tell(call->desk, now, &event);
        proposal_decline(ringing, DECLINED_NO_DECISION); /* the next poll brings it over */
        call->parting = ringing;
        is_any = true;
    }
    return is_any;
}

void call_slept(struct call *call, struct moment now, int64_t slept_ms) {
    if (call->state != CALL_NONE) {
        call->began_ms += slept_ms;
        call_hang_up(call, now, REASON_SLEPT);
    }
}

bool call_is_proposed(const struct call *call, const struct connection *connection) {
    return connection->use == &call->use;
}

enum status call_accept(struct call *call, struct moment now, struct connection *connection,
                        struct event *problem) {
    enum status status = desk_draw_u32(call->desk, &call->ssrc);
    if (status == STATUS_OK) {
        ring(call, connection->d2d->remote, connection);
        status =
            start_media(call, now, connection->peer, connection->d2d, remote_ssrc_of(connection));
    }
    if (status != STATUS_OK) {
        call_clear(call);
        return desk_problem(
            problem, event_about(call, EVENT_CALL_NOT_MADE, connection->d2d->remote), status);
    }
    rings_answered(&call->rings, connection->d2d->remote);
    connection->by_officer = true;
    proposal_accept(connection);
    return STATUS_OK;
}

enum ringing call_ringing(const struct call *call) {
    if (call->state == CALL_RINGING) {
        return call->rings_there ? RINGS_THERE : RINGS_NOWHERE;
    }
    return ringing_from(call, NULL) != NULL ? RINGS_HERE : RINGS_NOWHERE;
}

/* --- The connection ------------------------------------------------------------------------- */

static void established(void *owner, struct moment now, struct connection *connection) {
    struct call *call = owner;
    struct d2d_record record = {.type = RECORD_PROPOSE_CALL, .ssrc = call->ssrc};
    connection_request(call->connections, now, connection, &record);
}

static enum event_reason reason_of(const struct d2d_record *record) {
    if (record->type != RECORD_DECLINED) {
        return REASON_OTHER_HUNG_UP;
    }
    switch (record->reason) {
    case DECLINED_BY_OFFICER:
        return REASON_OFFICER_DECLINED;
    case DECLINED_NO_DECISION:
        return REASON_NO_DECISION;
    case DECLINED_BUSY:
        return REASON_BUSY;
    case DECLINED_TOO_OFTEN:
        return REASON_TOO_OFTEN;
    case DECLINED_PERIOD_TOO_LONG:
    case DECLINED_NOT_VALID:
    case DECLINED_CANNOT_SAVE:
        break;
    }
    return REASON_PROPOSAL_REFUSED;
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
        call->rings_there = true;
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED && call->state == CALL_ACTIVE) {
        return;
    }
    if (is_ours && record->type == RECORD_ACCEPTED) {
        enum status status =
            start_media(call, now, connection->peer, connection->d2d, record->ssrc);
        if (status == STATUS_OK) {
            return;
        }
        end(call, now, REASON_CHECK_FAILED, status);
        connection_close(call->connections, now, connection);
        return;
    }
    if (is_ours) {
        end(call, now, reason_of(record), STATUS_OK);
    }
    connection_drop(call->connections, connection);
}

/* Does this handset call whoever proposes a talk over `connection`? The call of the lower identity
 * is the one that counts, at both handsets. */
static bool is_crossed(const struct call *call, const struct connection *connection) {
    return call->state != CALL_NONE && call->connection != connection &&
           strcmp(call->identity, connection->d2d->remote) == 0;
}

static bool is_own_lower(const struct call *call, const struct connection *connection) {
    return strcmp(own_identity(call->desk), connection->d2d->remote) < 0;
}

/* Both officers want to talk: the other side's call takes the place of the own one. */
static void give_way(struct call *call, struct moment now, struct connection *connection) {
    struct connection *own = call->connection;
    struct event problem;
    call_clear(call);
    if (own != NULL) {
        connection_close(call->connections, now, own);
    }
    if (call_accept(call, now, connection, &problem) != STATUS_OK) {
        proposal_decline(connection, DECLINED_BUSY);
        desk_tell(call->desk, now, &problem);
    }
}

/* Has whoever calls not called too often? */
static bool may_ring(struct call *call, struct moment now, const char *caller) {
    const struct event quieted = event_about(call, EVENT_CALLS_QUIETED, caller);
    return rings_allow(&call->rings, call->desk, now, &quieted,
                       roster_trusts(call->roster, caller) || groups_share(call->groups, caller));
}

/* The other side wants to talk: the officer is asked, unless there is a talk already. */
static void consider(struct call *call, struct moment now, struct connection *connection) {
    if (is_crossed(call, connection)) {
        if (call->state == CALL_RINGING && !is_own_lower(call, connection)) {
            give_way(call, now, connection);
        } else {
            connection->proposal.answer = RECORD_PENDING; /* it gives way, once it is reached */
        }
    } else if (call->state != CALL_NONE) {
        proposal_decline(connection, DECLINED_BUSY);
    } else if (!may_ring(call, now, connection->d2d->remote)) {
        proposal_decline(connection, DECLINED_TOO_OFTEN);
    } else if (!proposal_ask(call->connections, now, connection)) {
        proposal_decline(connection, DECLINED_BUSY);
    } else {
        const struct event event = proposal_event(connection, EVENT_INVITED_TO_CALL);
        desk_tell(call->desk, now, &event);
    }
}

static void propose(struct call *call, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    uint32_t *remote_ssrc = malloc(sizeof *remote_ssrc);
    connection->errand = remote_ssrc;
    if (remote_ssrc == NULL) {
        proposal_decline(connection, DECLINED_BUSY);
        return;
    }
    *remote_ssrc = record->ssrc;
    consider(call, now, connection);
}

/* Its answer was left open because the own call crossed it, and that is over. */
static bool is_left_open(const struct call *call, const struct connection *connection) {
    return connection->proposal.answer == RECORD_PENDING && connection->proposal.number == 0 &&
           !is_crossed(call, connection);
}

static void request(void *owner, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    struct call *call = owner;
    if (record->type == RECORD_PROPOSE_CALL && connection->proposal.answer == 0) {
        propose(call, now, connection, record);
    } else if (record->type == RECORD_POLL) {
        if (is_left_open(call, connection)) {
            consider(call, now, connection);
        }
    } else {
        if (call->connection == connection) {
            end(call, now, REASON_OTHER_HUNG_UP, STATUS_OK);
        } else if (connection->proposal.number != 0) {
            const struct event event = proposal_event(connection, EVENT_INVITATION_WITHDRAWN);
            desk_tell(call->desk, now, &event);
        }
        proposal_end(connection);
    }
    /* Only now: a call that crossed the own one may just have become this handset's. */
    bool is_ours = call->connection == connection;
    struct d2d_record answer = {.type = connection->proposal.answer,
                                .reason = connection->proposal.reason,
                                .ssrc = is_ours ? call->ssrc : 0};
    connection_respond(call->connections, now, connection, &answer);
    call->parting = call->parting == connection ? NULL : call->parting;
}

static struct event about(const void *owner, enum event_kind kind,
                          const struct connection *connection) {
    return event_about(owner, kind, connection->d2d->remote);
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    struct call *call = owner;
    if (call->connection == connection) {
        end(call, now, call->state == CALL_RINGING ? REASON_NO_ANSWER : REASON_CONTACT_LOST,
            STATUS_OK);
    }
}

static void dropped(void *owner, struct connection *connection) {
    struct call *call = owner;
    if (call->connection == connection) {
        call->connection = NULL;
    }
    call->parting = call->parting == connection ? NULL : call->parting;
    free(connection->errand);
}

void call_serve(struct call *call) {
    call->use = (struct connection_use){.owner = call,
                                        .says_nothing_durable = true,
                                        .opening = RECORD_PROPOSE_CALL,
                                        .established = established,
                                        .request = request,
                                        .response = response,
                                        .about = about,
                                        .lost = lost,
                                        .dropped = dropped};
    connections_serve(call->connections, &call->use);
}

/* --- Media ---------------------------------------------------------------------------------- */

void call_speak(struct call *call, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (call->state == CALL_ACTIVE && call->connection != NULL) {
        const struct media_key key = {.key_id = call->key_id, .gsc = call->sending};
        media_send(call->air, call->connection->peer, &key, call->sender, samples);
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
        call->heard_ms = now.boot_ms;
        call->proven++;
        status = voice_receiver_packet(call->receiver, now.boot_ms, writer_span(&rtp));
    }
    if (status != STATUS_OK && status != STATUS_REPLAYED) {
        desk_refuse(call->desk, now, MESSAGE_CALL_VOICE, status);
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
    view->call_is_parting = call->parting != NULL;
    snprintf(view->call_identity, sizeof view->call_identity, "%s", call->identity);
    view->call_name[0] = '\0';
    if (call->state != CALL_NONE) {
        groups_show_name(call->groups, call->identity, "", view->call_name, &view->call_name_kind);
    }
    view->call_elapsed_ms = call->state == CALL_ACTIVE ? now.boot_ms - call->began_ms : 0;
    view->call_is_quiet =
        call->state == CALL_ACTIVE && now.boot_ms - call->heard_ms >= CALL_QUIET_MS;
    if (call->state != CALL_ACTIVE || view->call_is_quiet ||
        view->talker_count == VIEW_TALKERS_MAX) {
        return;
    }
    struct view_talker *row = &view->talkers[view->talker_count++];
    *row = (struct view_talker){.elapsed_ms = view->call_elapsed_ms, .level = call->level};
    routes_show(call->receiver, row);
    snprintf(row->identity, sizeof row->identity, "%s", call->identity);
    snprintf(row->name, sizeof row->name, "%s", view->call_name);
    row->name_kind = view->call_name_kind;
}
