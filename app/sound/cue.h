/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tones that tell the officer something while eyes are elsewhere. They are mixed into what the
 * loudspeaker plays, and are in no recording and in no talk.
 */
#ifndef MUSTER_APP_SOUND_CUE_H
#define MUSTER_APP_SOUND_CUE_H

#include "app/sound/frame.h"

enum cue_kind {
    CUE_NONE = 0,
    CUE_MICROPHONE_LOST, /* falling: nobody hears you */
    CUE_MICROPHONE_BACK, /* rising */
};

/* The cue that is playing. Zero is none. */
struct cue {
    enum cue_kind kind;
    size_t at; /* samples that were played of it */
};

/* Plays that one from now on, in place of one that plays. */
void cue_begin(struct cue *cue, enum cue_kind kind);

bool cue_plays(const struct cue *cue);

/* Mixes the next 20 ms of it into `samples`, without overflow. */
void cue_mix(struct cue *cue, int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
