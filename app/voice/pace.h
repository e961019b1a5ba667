/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The pace of playing: who is behind plays up to 1.2 times as fast until it has caught up. Words
 * are shortened by whole periods of the voice (libsonic), so that nothing is left out and it sounds
 * no higher. At the usual pace samples pass as they are; after catching up, less than a frame may
 * stay behind until the talk pauses.
 */
#ifndef MUSTER_APP_VOICE_PACE_H
#define MUSTER_APP_VOICE_PACE_H

#include "app/voice/voice.h"

struct pace;

/* STATUS_NO_MEMORY. The caller frees it. */
MUST_CHECK enum status pace_new(struct pace **out);
void pace_free(struct pace *pace);

/* Another stream begins, or the talk pauses: what is still to be played is dropped. */
void pace_reset(struct pace *pace);

/* From the next frame on: does it hurry? */
void pace_hurry(struct pace *pace, bool hurries);

/* The next 20 ms as they were said. What memory does not suffice for is lost. */
void pace_put(struct pace *pace, const int16_t samples[VOICE_FRAME_SAMPLES]);

/* The next 20 ms to play; false when more has to be put in before. */
bool pace_take(struct pace *pace, int16_t samples[VOICE_FRAME_SAMPLES]);

#endif
