/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The microphones and loudspeakers that need no sound card; sound_open looks them up by name. None
 * has a descriptor: their time is the metronome's.
 */
#ifndef MUSTER_APP_SOUND_MODULES_H
#define MUSTER_APP_SOUND_MODULES_H

#include "app/sound/capture.h"
#include "app/sound/playback.h"

enum {
    CAPTURE_HELD_MS = 1000, /* a file waits so long to be read, as a sound server's buffer does */
    PLAYBACK_HELD_MS = 4 * VOICE_FRAME_MS, /* and asks for what was missed no longer than that: what
                                            * was to be heard waits in the jitter buffer */
};

/* A sound file as the microphone, of any form that wav_load reads; one without samples is refused.
 * After its end, and without a file, there is silence. */
extern const struct capture_kind capture_wav;

/* A WAV file as the loudspeaker. Its header is true at least once a second while it grows, so that
 * a recording cut short can still be played. What is_silence is left out. Without a file it
 * swallows.
 */
extern const struct playback_kind playback_wav;

/* A steady sine of the frequency that `device` names in Hz ("440"), endless. */
extern const struct capture_kind capture_tone;

/* Endless silence; and what swallows all. They take no parameters. */
extern const struct capture_kind capture_silence;
extern const struct playback_kind playback_silence;

#endif
