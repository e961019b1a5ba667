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

#include "app/handset/air/admission.h"
#include "app/handset/air/presence.h"
#include "app/handset/keys/groups.h"
#include "app/handset/keys/ticket_checks.h"
#include "app/handset/talk/again.h"
#include "app/handset/talk/asking.h"
#include "app/handset/talk/early.h"
#include "app/handset/talk/other_keys.h"
#include "app/handset/talk/refused.h"
#include "app/handset/talk/reporting.h"
#include "app/handset/talk/routes.h"
#include "app/handset/talk/seats.h"
#include "app/handset/talk/talk.h"

enum {
    SESSION_SILENCE_MS = 2000, /* nothing was proven for so long: the session has ended */
    SESSION_LAST_WORDS_MS = VOICE_HELD_MAX_MS, /* so long, at most, is played after its end */
    SESSION_KEPT_MS = TALK_REFRESH_MS, /* but media after a fade can still take it up again */
};

struct listening {
    struct desk *desk;
    struct admission *admission;
    struct groups *groups;
    struct presences *presences;
    struct reporting *reporting;
    struct floor *floor;
    struct emergencies *emergencies;
    struct again *again; /* NULL: nothing is kept to be said again */
    struct asking *asking;
    struct other_keys *other_keys; /* NULL: nobody is told of those */
    uint64_t groups_version;       /* that the sessions were checked against */
    struct session sessions[SESSIONS_MAX];
    struct early early;
    struct routes routes; /* the sessions' receivers go by them */
    struct heard heard;
    struct refused refused;
    uint64_t proven; /* packets that were their talkers' */
    struct ticket_checks ticket_checks;
    struct seen verified; /* announcements: what the signature covers, and that with a signature */
};

/* An announcement arrived; checked in this order: form, GMK known, group, member, GMK in its
 * period of use, time (judging.h), MAC, order, signature, for which it may have to wait
 * (admission.h). It opens a session, which nobody is told
 * of before a packet of now: a recording of it may open one again. A GMK that waits begins with an
 * announcement under it, where the talker's clock was measured. Who is refused for time is told of
 * (refused.h). A repetition of the one in use costs next to nothing. One of
 * an earlier one, whose session had to make way, opens it once more, for its talker may come back
 * into reach; it costs its sender and not its talker, and makes way first (seats.h). Nothing waits
 * for the disk (heard.h). */
void listening_announcement(struct listening *listening, struct moment now, struct span octets);

/* A media payload arrived (media.h). Checked in this order: session, replay window, link
 * (session.h), key, time (judging.h), tag, the talker's signature, lead (lead.h); only then
 * anything changes. Under a held key, what no session opens yet is kept until its announcement
 * comes (early.h). */
void listening_media(struct listening *listening, struct moment now, uint64_t peer,
                     struct span payload);

/* 20 ms of who has the floor of each group added into `mix` (floor.h); returns whether there was
 * voice. A session whose talker has ended it is over with its last words. */
bool listening_play(struct listening *listening, struct moment now,
                    int16_t mix[VOICE_FRAME_SAMPLES]);

/* Ends what may go on no longer, if the held groups are not what they were when it looked last: who
 * was left out of a key is heard no more. And whose clock was measured since, and what was heard of
 * it found to be old, talks no more (proving.h). */
void listening_look(struct listening *listening, struct moment now);

/* The handset slept: what waits to be played is not of now and is dropped. Who talks on is heard
 * with what comes next. */
void listening_slept(struct listening *listening);

/* Is somebody heard, or may be in a moment? Until then there is nothing to play. */
bool listening_is_active(const struct listening *listening);

/* Ends what has fallen silent or whose GMK may not be used any more. */
void listening_tick(struct listening *listening, struct moment now);
int64_t listening_deadline(const struct listening *listening);

/* Whom `from` hears is heard by `to`, which heard nobody yet, from now on: its sessions as they
 * are, so that nothing is lost or heard twice, what was played before them, and whose announcements
 * were verified. `from` hears nobody then. The floor (floor.h) is the caller's to hand over. */
void listening_hand_over(struct listening *from, struct listening *to);

/* Frees what it holds. */
void listening_clear(struct listening *listening);

void listening_show(const struct listening *listening, struct moment now, struct view *view);

#endif
