/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The modules of sound that are built in, by the names that a person gives them: each is a
 * microphone (capture.h) and a loudspeaker (playback.h).
 */
#ifndef MUSTER_APP_SOUND_SOUND_H
#define MUSTER_APP_SOUND_SOUND_H

#include "app/sound/capture.h"
#include "app/sound/playback.h"

/* Is there a module of that name: alsa, wav, tone or silence? */
bool sound_exists(const char *name);

/* Opens both sides of the module `name`. `source` is the microphone's device and `sink` the
 * loudspeaker's; NULL: the usual one, which of files is silence. STATUS_NOT_FOUND for no such
 * module, STATUS_UNSUPPORTED for a side that the module has not, what the two `open` fail with;
 * then nothing is open. The caller closes both. */
MUST_CHECK enum status sound_open(const char *name, const char *source, const char *sink,
                                  struct capture **capture, struct playback **playback,
                                  struct error *error);

/* The microphone hears the loudspeaker: from now on the echo is taken out (`face` of capture.h),
 * where there is one. Once, of two that were just opened. STATUS_NO_MEMORY. */
MUST_CHECK enum status sound_join(struct capture *capture, struct playback *playback,
                                  struct error *error);

#endif
