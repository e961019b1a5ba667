/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The listener's side of talk sessions (6.X.3.2.3 step 2): announcements are checked, a GSC is made
 * for each talker, media is opened and played. Nobody is a talker here unless that identity's
 * signature verified and it is a member of the group (app/README.md section 5, 5): in an ad-hoc
 * group one of the list, in a standard group one who holds the GMK, of this handset's domain
 * (standard.h).
 */
#ifndef MUSTER_APP_HANDSET_TALK_LISTENING_H
#define MUSTER_APP_HANDSET_TALK_LISTENING_H

#include "app/handset/air/limits.h"
#include "app/handset/air/presence.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/again.h"
#include "app/handset/talk/refused.h"
#include "app/handset/talk/session.h"
#include "app/handset/talk/talk.h"

enum {
    SESSIONS_MAX = VIEW_TALKERS_MAX - 1, /* the handset's own talk has a place in the view too */
    SESSION_SILENCE_MS = 2000,           /* no media for so long: the session has ended */
    SESSION_LAST_WORDS_MS = VOICE_HELD_MAX_MS, /* so long, at most, is played after its end */
    SESSION_KEPT_MS = TALK_REFRESH_MS, /* but media after a fade can still take it up again */
    /* Media is heard for so long after its announcement was made: the talker has made a newer one
     * by then, so that only media held back on the way is older. */
    GSK_LASTS_MS = TALK_REFRESH_MS + ANNOUNCEMENT_TOLERANCE_MS,
};

struct listening {
    struct desk *desk;
    struct limits *limits;
    struct groups *groups;
    struct presences *presences;
    struct again *again;
    struct limiter talker_limiter; /* by verified identity: the records that one may cause */
    uint64_t groups_version;       /* that the sessions were checked against */
    struct session sessions[SESSIONS_MAX];
    struct heard heard;
    struct refused refused;
};

/* Fills the budget of talkers; to be called once. */
void listening_start(struct listening *listening, struct moment now);

/* An announcement arrived; checked in this order: form, GMK known, group, member, GMK in its
 * period of use, time (judging.h), MAC, replay, signature. A GMK that waits begins with an
 * announcement under it, where the talker's clock was measured. Who is refused for time is told of
 * (refused.h). A repetition of the one in use costs next to nothing. Nothing waits for the disk
 * (heard.h). */
void listening_announcement(struct listening *listening, struct moment now, uint64_t peer,
                            struct span octets);

/* A media payload arrived (media.h). Checked in this order: session, tag and replay window, the
 * talker's signature; only then anything changes. */
void listening_media(struct listening *listening, struct moment now, uint64_t peer,
                     struct span payload);

/* 20 ms of every session added into `mix`; returns whether there was voice. A session whose talker
 * has ended it is over with its last words. */
bool listening_play(struct listening *listening, struct moment now,
                    int16_t mix[VOICE_FRAME_SAMPLES]);

/* Ends what may go on no longer, if the held groups are not what they were when it looked last: who
 * was left out of a key is heard no more. */
void listening_look(struct listening *listening, struct moment now);

/* The handset slept: what waits to be played is not of now and is dropped. Who talks on is heard
 * with what comes next. */
void listening_slept(struct listening *listening);

/* Is somebody heard, or may be in a moment? Until then there is nothing to play. */
bool listening_is_active(const struct listening *listening);

/* Ends what has fallen silent or whose GMK may not be used any more. */
void listening_tick(struct listening *listening, struct moment now);
int64_t listening_deadline(const struct listening *listening);

/* Frees what it holds. */
void listening_clear(struct listening *listening);

void listening_show(const struct listening *listening, struct moment now, struct view *view);

#endif
