/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-to-one talk (6.X.2: C3, C4): the TGK of a D2D connection makes a GSC each way, and the
 * connection stays to notice hanging up and loss of contact. One at a time.
 */
#ifndef MUSTER_APP_HANDSET_CALL_H
#define MUSTER_APP_HANDSET_CALL_H

#include "app/handset/connection.h"
#include "app/handset/engine.h"
#include "crypto/gsc.h"

enum {
    CALL_CS_FORWARD = 1,
    CALL_CS_BACK = 2
}; /* crypto sessions: initiator's stream, and back */

struct call {
    enum call_state state;
    struct connection *connection; /* NULL once contact is lost */
    char identity[IDENTITY_SIZE];
    uint32_t key_id; /* of the TGK: marks the media frames */
    uint32_t ssrc;   /* of this handset's stream */
    struct gsc *sending, *receiving;
    struct voice_sender *sender;
    struct voice_receiver *receiver;
    int64_t began_ms; /* boot clock */
    int64_t began_utc_ms;
    unsigned level; /* of the other side */
};

/* The officer's commands. STATUS_BUSY, STATUS_NOT_FOUND. */
MUST_CHECK enum status call_begin(struct handset *handset, struct moment now,
                                  const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]);
MUST_CHECK enum status call_hang_up(struct handset *handset, struct moment now,
                                    char problem[VIEW_LOG_TEXT_SIZE]);

/* The officer accepted the call that `connection` proposes. */
MUST_CHECK enum status call_accept(struct handset *handset, struct moment now,
                                   struct connection *connection, char problem[VIEW_LOG_TEXT_SIZE]);

/* Events of its connection: as initiator, as responder, and loss of contact. */
void call_established(struct handset *handset, struct moment now, struct connection *connection);
void call_response(struct handset *handset, struct moment now, struct connection *connection,
                   const struct d2d_record *record);
void call_request(struct handset *handset, struct moment now, struct connection *connection,
                  const struct d2d_record *record);
void call_lost(struct handset *handset, struct moment now, struct connection *connection);

/* 20 ms to the other side, and from it (added into `mix`; returns whether there was voice). */
void call_speak(struct handset *handset, const int16_t samples[VOICE_FRAME_SAMPLES]);
bool call_play(struct handset *handset, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]);

/* A media frame under `key_id`; false when it is not this call's. */
bool call_media(struct handset *handset, struct moment now, uint32_t key_id, struct span srtp);

/* Frees what it holds, without a word to the other side. */
void call_clear(struct call *call);

void call_show(const struct handset *handset, struct moment now, struct view *view);

#endif
