/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tones that tell the officer something while eyes are elsewhere: short, quiet, and no two alike.
 * They are mixed into what the loudspeaker plays, and are in no recording and in no talk.
 */
#ifndef MUSTER_APP_SOUND_CUE_H
#define MUSTER_APP_SOUND_CUE_H

#include "app/sound/frame.h"

enum cue_kind {
    CUE_NONE = 0,
    CUE_TALK_PERMIT,  /* a chirp: the floor is won */
    CUE_TALK_REFUSED, /* three low: the key opened nothing, or the floor asked for will not come */
    CUE_YOUR_TURN,    /* rising, twice: the key opens the microphone now */
    CUE_TALK_CUT_OFF, /* up and down: the talk is over, and not by this officer */
    CUE_TALK_ENDS_SOON,  /* two alike */
    CUE_MICROPHONE_LOST, /* falling: nobody hears you */
    CUE_MICROPHONE_BACK, /* rising */
    CUE_EMERGENCY,       /* high and low twice: one was called */

    /* One round each, with the pause behind it: they go on for as long as it rings. */
    CUE_RINGS_HERE,       /* a trill: somebody calls */
    CUE_CALL_WAITS,       /* one blip: the same, while voices are heard */
    CUE_RINGS_THERE,      /* low and long: it rings at who is called */
    CUE_EMERGENCY_STANDS, /* as it was called: this officer has not seen it */
    CUE_EMERGENCY_WAITS,  /* one blip, higher than a call's: the same, while voices are heard */

    CUE_KINDS
};

/* The cue that is playing. Zero is none. */
struct cue {
    enum cue_kind kind;
    unsigned note; /* that plays */
    size_t at;     /* samples that were played of it */
    bool fades;    /* it ends within the next frame */
};

/* Plays that one from now on, in place of one that plays. */
void cue_begin(struct cue *cue, enum cue_kind kind);

/* It fades away, without a click. */
void cue_end(struct cue *cue);

bool cue_plays(const struct cue *cue);

/* Mixes the next 20 ms of it into `samples`, without overflow. */
void cue_mix(struct cue *cue, int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
