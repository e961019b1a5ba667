/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How the two sides of a sound card are joined: the microphone takes what the loudspeaker tells.
 */
#ifndef MUSTER_APP_SOUND_ALSA_JOIN_H
#define MUSTER_APP_SOUND_ALSA_JOIN_H

#include "app/sound/alsa/alsa.h"
#include "app/sound/reference.h"

/* Each owns the reference from now on, for one of its two owners. Once. */
void alsa_capture_hear(struct capture *capture, struct reference *reference);
void alsa_playback_tell(struct playback *playback, struct reference *reference);

#endif
