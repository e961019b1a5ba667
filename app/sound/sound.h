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

#endif
