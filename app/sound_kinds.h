/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The kinds of sound that are built in; sound_find looks them up by name.
 */
#ifndef MUSTER_APP_SOUND_KINDS_H
#define MUSTER_APP_SOUND_KINDS_H

#include "app/sound.h"

/* A WAV file as the microphone, a WAV file as the loudspeaker: 16-bit PCM, mono, 16000 Hz, and
 * nothing else. The sink's header is true at least once a second while it grows, so that a
 * recording cut short can still be played. */
extern const struct sound_kind sound_wav;

/* A steady sine of the frequency that `source` names in Hz ("440"), endless. It has no sink. */
extern const struct sound_kind sound_tone;

/* Endless silence from the source; the sink swallows. It takes no parameters. */
extern const struct sound_kind sound_silence;

#endif
