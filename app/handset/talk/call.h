/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One-to-one talk (6.X.2: C3, C4): the TGK of a D2D connection makes a GSC each way, and the
 * connection stays to notice hanging up and loss of contact. One at a time. While it rings, there
 * may be talk in a group; that has the microphone.
 */
#ifndef MUSTER_APP_HANDSET_TALK_CALL_H
#define MUSTER_APP_HANDSET_TALK_CALL_H

#include "app/handset/command.h"
#include "app/handset/d2d/proposal.h"
#include "app/handset/d2d/rings.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/media.h"
#include "crypto/gsc.h"

enum {
    CALL_CS_FORWARD = 1,
    CALL_CS_BACK = 2
}; /* crypto sessions: initiator's stream, and back */

enum {
    CALL_QUIET_MS = 2000 /* without a packet: nobody talks there, as far as is known */
};

struct call {
    struct desk *desk;
    struct air *air;
    const struct roster *roster;
    struct connections *connections;
    const struct groups *groups;
    struct connection_use use;
    struct rings rings;
    enum call_state state;
    bool rings_there;              /* the other side's officer is asked */
    struct connection *connection; /* NULL once contact is lost */
    struct connection *parting;    /* the other side was not told yet that it is over */
    char identity[IDENTITY_SIZE];
    uint32_t key_id; /* of the TGK: marks the media frames */
    uint32_t ssrc;   /* of this handset's stream */
    struct gsc *sending, *receiving;
    struct voice_sender *sender;
    struct voice_receiver *receiver;
    int64_t began_ms; /* boot clock */
    int64_t heard_ms; /* boot clock: the last packet that verified */
    uint64_t proven;  /* how many have */
    int64_t began_utc_ms;
    unsigned level; /* of the other side */
};

/* Its connections are served from now on. */
void call_serve(struct call *call);

/* The officer calls somebody; nobody is talking here. Whoever rings here is answered so. Two who
 * call each other at once are in one talk, by the call of the lower identity. STATUS_NOT_FOUND, and
 * the errors of connection_open; `problem` as for handset_command. */
MUST_CHECK enum status call_begin(struct call *call, struct moment now,
                                  const struct command *command, struct event *problem);

/* Ends the call, in whatever state it is, for `reason`. */
void call_hang_up(struct call *call, struct moment now, enum event_reason reason);

/* Who rings here learns that nobody answers; false when nobody rings. */
bool call_turn_away(struct call *call, struct moment now);

/* The handset slept: the call ends, if there is one, and has lasted without the sleep. */
void call_slept(struct call *call, struct moment now, int64_t slept_ms);

/* Does `connection` propose a call? */
bool call_is_proposed(const struct call *call, const struct connection *connection);

/* The officer accepted the call that `connection` proposes. */
MUST_CHECK enum status call_accept(struct call *call, struct moment now,
                                   struct connection *connection, struct event *problem);

/* Where does it ring? */
enum ringing call_ringing(const struct call *call);

/* 20 ms to the other side, and from it (added into `mix`; returns whether there was voice). */
void call_speak(struct call *call, const int16_t samples[VOICE_FRAME_SAMPLES]);
bool call_play(struct call *call, struct moment now, int16_t mix[VOICE_FRAME_SAMPLES]);

/* Is a media payload (media.h) of this call? */
bool call_concerns(const struct call *call, struct span payload);

/* A media payload arrived; false when it is not of this call. */
bool call_media(struct call *call, struct moment now, struct span payload);

/* Frees what it holds, without a word to the other side. */
void call_clear(struct call *call);

void call_show(const struct call *call, struct moment now, struct view *view);

#endif
