/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * 20 ms of sound with their place in time: 16-bit mono at VOICE_RATE.
 *
 * Two clocks count. `position` is by the device's own, a crystal beside the computer's: it counts
 * the samples since the device was started, runs on whatever else happens, and drifts. `at_ms` is
 * the boot clock of the same moment, as well as the device knows it. The two together over time
 * tell how fast the device's clock is, which is what a device that plays is steered by.
 */
#ifndef MUSTER_APP_SOUND_FRAME_H
#define MUSTER_APP_SOUND_FRAME_H

#include "app/voice/voice.h"

struct sound_frame {
    uint64_t position; /* of the first sample; what lies between two frames was lost */
    int64_t at_ms;     /* when the first sample was captured, or will be heard */
    bool is_silence;   /* nothing is in it: the source is over, or nobody is heard */
    int16_t samples[VOICE_FRAME_SAMPLES]; /* how loud they are, voice_level tells */
};

enum {
    SOUND_DEVICES_MAX = 32,
    SOUND_NAME_SIZE = 80,
    SOUND_GAIN_DB_MAX = 24 /* up and down */
};

/* A device that a person may choose. */
struct sound_device {
    char name[SOUND_NAME_SIZE];        /* to open it by */
    char description[SOUND_NAME_SIZE]; /* for people; may be empty */
};

/* What is done to a microphone's sound. */
struct sound_treatment {
    int gain_db; /* louder by so much */
    bool suppresses_noise;
    bool has_headset; /* the microphone does not hear the loudspeaker: no echo is taken out */
};

/* How a device stands. */
struct sound_state {
    char device[SOUND_NAME_SIZE];
    struct sound_treatment treatment; /* of a microphone */
    unsigned level;                   /* 0 to 100: what was captured last */
    unsigned delay_ms;                /* between the device and the air, as it says itself */
    unsigned gaps;                    /* how often it was late, of all time */
    bool is_realtime, is_locked;      /* what its thread was allowed */
};

#endif
