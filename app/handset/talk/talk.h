/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talker's side of a talk session (6.X.3.2.3): a fresh GSK in a signed announcement under the
 * GMK, the GSC made from it, and media. The announcement rides with the first words, and is
 * repeated for as long as the session lasts (talker_gsk.h). When that gets long a new GSK is
 * announced, some time before the first packet under it, so that listeners know both. Where the GMK
 * has changed, the own life has a new start (air/life.h), or RTP's clock does not go with the boot
 * clock, because the sound stood still, it is used at once. The end of a session is an RTP packet
 * of payload type MEDIA_END_TYPE, sent a few times; its payload is the queue for the floor
 * (queue_info.h), if anybody is queued.
 */
#ifndef MUSTER_APP_HANDSET_TALK_TALK_H
#define MUSTER_APP_HANDSET_TALK_TALK_H

#include "app/handset/air/admission.h"
#include "app/handset/command.h"
#include "app/handset/desk/settings.h"
#include "app/handset/keys/groups.h"
#include "app/handset/talk/emergency.h"
#include "app/handset/talk/floor.h"
#include "app/handset/talk/hearers.h"
#include "app/handset/talk/queue.h"
#include "app/handset/talk/talker_gsk.h"
#include "app/handset/talk/turns.h"

enum {
    TALK_REFRESH_MS = 30000, /* packets go out under one GSK for so long */
    TALK_AHEAD_MS = 640,     /* the next one is announced so long before */
    TALK_ENDINGS = 3,        /* how often the end is said */
    TALK_LAG_MS = 500,       /* RTP's clock may be off so far: listeners judge packets by it */
    TALK_WAITS_MS = 2000,    /* sound waits no longer to be sent, whatever a device says */
    TALK_WARNING_MS = 5000,  /* before a talk is ended for having lasted too long */
};

struct talk {
    struct desk *desk;
    struct air *air;
    struct admission *admission;
    struct groups *groups;
    struct hearers *hearers;
    struct floor *floor;
    struct queue *queue;
    struct turns *turns;
    const struct settings *settings;
    struct emergencies *emergencies;
    bool active;
    bool is_warned;   /* that it ends soon */
    bool is_wordless; /* the session that is begun says no word: nobody is to report hearing it */
    struct claim claim;
    char group[GROUP_IDENTITY_SIZE];
    uint32_t ssrc;
    struct talker_gsk current; /* packets go out under this one */
    struct talker_gsk coming;  /* and later under this one, if there is one */
    struct voice_sender *sender;
    int64_t refresh_due_ms; /* boot clock: when the one that comes takes over */
    int64_t began_ms, began_utc_ms;
    int64_t longest_ms; /* then it is ended by force */
    unsigned level;
};

/* The officer presses and releases. STATUS_BUSY when another has the floor, or its turn, unless an
 * own emergency in that group takes it from them; STATUS_NOT_FOUND, STATUS_GMK_EXPIRED,
 * STATUS_GMK_NOT_YET; STATUS_RATE_LIMITED: so soon after so many presses that listeners would
 * refuse it. Failing changes nothing. */
MUST_CHECK enum status talk_begin(struct talk *talk, struct moment now,
                                  const struct command *command, struct event *problem);
void talk_end(struct talk *talk, struct moment now);

/* Tells that group of the own priority: a talk in it, which is the one that goes on, is announced
 * anew with it, or else there is a session without words. The errors of talk_begin but STATUS_BUSY;
 * failing changes nothing. */
MUST_CHECK enum status talk_say_priority(struct talk *talk, struct moment now, const char *group,
                                         enum talk_priority priority, struct event *problem);

/* The handset slept: the session ends as if the officer had released, and says why. */
void talk_slept(struct talk *talk, struct moment now, int64_t slept_ms);

/* Another may have been heard to have the floor: then the own session ends. */
void talk_look(struct talk *talk, struct moment now);

/* 20 ms of voice, captured `waited_ms` ago: more than nothing where the handset had no time to take
 * it. Announcements are dated by that. Ends the session when the GMK's period of use ends, or when
 * it has lasted as long as the officer lets a talk last. */
void talk_speak(struct talk *talk, struct moment now, int64_t waited_ms,
                const int16_t samples[VOICE_FRAME_SAMPLES]);

/* Ends a talk that has lasted so long, also one to which no microphone gives any sound. */
void talk_tick(struct talk *talk, struct moment now);
int64_t talk_deadline(const struct talk *talk);

/* Frees what it holds, without a word on the air. */
void talk_clear(struct talk *talk);

void talk_show(const struct talk *talk, struct moment now, struct view *view);

#endif
