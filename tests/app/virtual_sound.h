/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A microphone and a loudspeaker whose clocks the test sets: they drift, fail, vanish and come back
 * as it says, and what passes through them is counted. They can have a descriptor, as a sound card
 * has, or go by their deadline.
 */
#ifndef MUSTER_TESTS_APP_VIRTUAL_SOUND_H
#define MUSTER_TESTS_APP_VIRTUAL_SOUND_H

#include "app/sound/capture.h"
#include "app/sound/playback.h"

enum {
    VIRTUAL_HELD_FRAMES = 50, /* that the microphone holds: what is older is overrun */
    VIRTUAL_QUEUE_FRAMES = 2, /* that the loudspeaker wants to have */
};

/* A crystal: samples since it was started. */
struct virtual_clock {
    bool runs;
    int ppm; /* faster than the boot clock by so much; it may be changed while it rests */
    int64_t started_ms;
};

struct virtual_capture {
    struct capture capture;
    struct virtual_clock clock;
    int event;         /* -1, or an eventfd that is readable while there is something to read */
    bool is_gone;      /* the device was pulled out */
    bool is_muted;     /* it gives nothing but zeros */
    bool hears_others; /* as it was told */
    uint64_t read;     /* frames since it was started, with those that were overrun */
    uint64_t overrun;  /* frames that were lost */
    int16_t said;      /* the first sample of the latest frame: each has its number from 1 up */
    unsigned starts, stops, reopens;
};

struct virtual_playback {
    struct playback playback;
    struct virtual_clock clock;
    int event;
    bool is_gone;
    bool was_gone;     /* when it was looked at last */
    uint64_t written;  /* samples since it was started, with the silence of underruns */
    uint64_t underrun; /* of them silence that it had to put in */
    int16_t peak;      /* the loudest sample of all time */
    uint64_t heard;    /* frames with somebody in them, of all time */
    unsigned starts, stops, reopens;
};

/* Microphone and loudspeaker; with `has_event` they have descriptors, and no deadlines. The test
 * closes what it opened by `close`. */
void virtual_capture_open(struct virtual_capture *capture, int ppm, bool has_event);
void virtual_playback_open(struct virtual_playback *playback, int ppm, bool has_event);

/* From now on they are as sound cards are: they can be looked at while they rest, and tones for the
 * officer are played. */
void virtual_capture_becomes_card(struct virtual_capture *capture);
void virtual_playback_becomes_card(struct virtual_playback *playback);

/* Time has come to `now_ms`: a device with a descriptor makes it readable if it has something to
 * do. */
void virtual_capture_pass(struct virtual_capture *capture, int64_t now_ms);
void virtual_playback_pass(struct virtual_playback *playback, int64_t now_ms);

#endif
