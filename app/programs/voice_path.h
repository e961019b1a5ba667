/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The path of voice between a handset's engine and its microphone and loudspeaker: speech is taken
 * from the microphone while the officer talks, and the loudspeaker is given the voices that are
 * heard. Each device runs by its own clock; nobody waits here, and time is an argument.
 *
 * A device that fails is reported once, and tried again every VOICE_PATH_RETRY_MS while it is
 * needed. The talk goes on meanwhile: without a microphone nothing is spoken, and without a
 * loudspeaker what would be heard is dropped as its time passes. A microphone is back with its
 * first frame. One that was not there or gave nothing before is reported again with each talk that
 * begins, and a device that rests is looked at every VOICE_PATH_LOOK_MS, so that it is reported
 * before the first word; one that has failed in use every VOICE_PATH_LOOK_AGAIN_MS, so that it is
 * soon known to be back although nobody needs it.
 */
#ifndef MUSTER_APP_PROGRAMS_VOICE_PATH_H
#define MUSTER_APP_PROGRAMS_VOICE_PATH_H

#include "app/handset/ear.h"
#include "app/handset/engine.h"
#include "app/programs/given_voice.h"
#include "app/programs/sound_test.h"
#include "app/programs/tones.h"
#include "app/sound/capture.h"
#include "app/sound/metronome.h"
#include "app/sound/playback.h"

enum {
    VOICE_PATH_RETRY_MS = 1000,
    VOICE_PATH_LOOK_MS = 10000,
    VOICE_PATH_LOOK_AGAIN_MS = 2000, /* at one that has failed in use */
    VOICE_PATH_FIRST_LOOK_MS = 500,  /* by then it was found out whether the devices are there */
    VOICE_PATH_LOOKS_APART_MS = 100, /* one after the other: ALSA has both wait for each other */
    VOICE_PATH_DOUBT_MS = 200, /* a microphone that is back gives its first frame within that */
    VOICE_PATH_TURN_FRAMES = 5 /* each way in one turn; other work comes in between */
};

enum voice_side_state {
    VOICE_RESTS, /* it is not wanted */
    VOICE_RUNS,
    VOICE_FAILED, /* tried again at retry_ms */
    VOICE_LOST,   /* for good */
};

struct voice_side {
    enum voice_side_state state;
    enum event_kind failed, back; /* how it is told */
    int descriptor;               /* that is waited for; -1: none */
    bool is_broken;               /* reported, and not back; it has to be opened again first */
    bool was_wanted;              /* and was in use, or was to be, since it broke */
    bool has_news;
    int64_t retry_ms;
    int64_t look_ms;    /* when it is looked at next while it rests; INT64_MAX: never */
    struct error error; /* what failed last */
};

struct voice_path {
    struct capture *capture;
    struct playback *playback;
    struct handset *handset; /* NULL: there is none yet, */
    struct ear *ear;         /* but perhaps what a locked one hears with */
    int epoll;               /* over the devices' descriptors, which come and go */
    struct voice_side speech, hearing;
    int64_t doubt_ms; /* until then it is not sure that what was mute still is; INT64_MAX: it is */
    struct tones tones; /* for the officer's ears alone */
    struct sound_test test;
    struct given_voice given; /* what is said in place of the microphone's, while a talk lasts */
    struct metronome unheard; /* the time of what is heard while there is no loudspeaker */
};

/* Joins two devices, which are opened and outlive it. STATUS_IO_FAILED without descriptors. */
MUST_CHECK enum status voice_path_open(struct voice_path *path, struct capture *capture,
                                       struct playback *playback, struct error *error);

/* Stops the devices, which stay open. */
void voice_path_close(struct voice_path *path);

/* Gives it the handset, which outlives it. */
void voice_path_begin(struct voice_path *path, struct handset *handset, struct moment now);

/* Gives it what a locked handset hears with, which outlives it: it plays, and the microphone stays
 * closed. */
void voice_path_begin_ear(struct voice_path *path, struct ear *ear, struct moment now);

/* The handset is no more, or the ear is not, and another one may begin. */
void voice_path_end(struct voice_path *path);

/* Records from the microphone for SOUND_TEST_MS, and then plays that; or ends it. Talk ends it, and
 * so does a microphone that fails while it records. */
void voice_path_test(struct voice_path *path, struct moment now);

/* In the talk that begins now `octets` of given voice are said in place of the microphone, which
 * stays closed (given_voice.h); given_voice_end, or the end of the talk, opens it again to the
 * next. */
void voice_path_give(struct voice_path *path, uint64_t octets, struct moment now);

/* The tone that goes with an event is played, if there is one and a person hears it. No permit to
 * talk is given while the microphone is known to be broken. */
void voice_path_tell(struct voice_path *path, enum event_kind kind);

/* Is a tone to say that the floor is won? It is, unless this says no. */
void voice_path_permit_tone(struct voice_path *path, bool is_on);

/* The officer wanted to talk, and may not now: that has a tone as well. */
void voice_path_refuse(struct voice_path *path);

/* Whether somebody talks, rings or is heard may have changed: starts what is needed now, and stops
 * what no longer is. */
void voice_path_settle(struct voice_path *path, struct moment now);

/* The program slept: what the devices hold is of before and is dropped. voice_path_settle starts
 * anew what is still wanted. */
void voice_path_slept(struct voice_path *path);

/* Speaks and plays what is due, at most VOICE_PATH_TURN_FRAMES each way. To be called when the
 * descriptor is readable, which never changes, and at the deadline: boot_ms, or INT64_MAX. */
void voice_path_run(struct voice_path *path, struct moment now);
int voice_path_descriptor(const struct voice_path *path);
int64_t voice_path_deadline(const struct voice_path *path);

/* Does what others say become sound at this moment, a piece after the other? Then it is run each
 * VOICE_FRAME_MS. */
bool voice_path_plays(const struct voice_path *path);

struct voice_path_news {
    struct event event;
    bool is_for_good;   /* `error` is what the program has to end with, later */
    struct error error; /* of a device that failed */
};

/* Takes the next thing that the officer should know of a device: it has failed, it is back. False
 * when there is nothing. */
bool voice_path_take_news(struct voice_path *path, struct voice_path_news *news);

#endif
