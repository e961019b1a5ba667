/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which tone tells the officer what (app/sound/cue.h): of what happens to the own talk one each,
 * and ringing for as long as it rings.
 *
 * The tone that permits to talk comes once the microphone is open, and never holds up a word: who
 * speaks at once is heard from the first word on. Where the loudspeaker is open-air the microphone
 * may hear that tone; then it is better off.
 */
#ifndef MUSTER_APP_PROGRAMS_TONES_H
#define MUSTER_APP_PROGRAMS_TONES_H

#include "app/handset/engine.h"
#include "app/sound/cue.h"

/* Zero is silence, and that all are on. */
struct tones {
    bool has_no_permit; /* the officer wants to hear nothing when the floor is won */
    struct cue cue, ring;
};

/* Plays that one. A permit to talk takes the place of no other: that one says why not to. */
void tones_begin(struct tones *tones, enum cue_kind kind);

/* The tone that goes with an event, or CUE_NONE. */
enum cue_kind tones_of(enum event_kind kind);

/* It rings so from now on, and again and again; CUE_NONE: it does not. */
void tones_ring(struct tones *tones, enum cue_kind kind);

bool tones_play(const struct tones *tones);

/* Mixes the next 20 ms of them into `samples`. */
void tones_mix(struct tones *tones, int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
