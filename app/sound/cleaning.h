/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is done to the sound of a microphone before anybody hears it: the gain that the officer
 * chose, and noise suppression with automatic gain (libspeexdsp). Files and tones are left alone.
 */
#ifndef MUSTER_APP_SOUND_CLEANING_H
#define MUSTER_APP_SOUND_CLEANING_H

#include <speex/speex_echo.h>
#include <speex/speex_preprocess.h>

#include "app/error.h"
#include "app/sound/frame.h"

enum {
    CLEANING_SAMPLES = VOICE_RATE / 100 /* 10 ms at a time, and as much delay while it is on */
};

struct cleaning {
    SpeexPreprocessState *preprocess;
    SpeexEchoState *filter;
    bool gain_rests;
};

/* STATUS_NO_MEMORY. The caller ends it. */
MUST_CHECK enum status cleaning_begin(struct cleaning *cleaning, struct error *error);
void cleaning_end(struct cleaning *cleaning);

/* While others are heard: what `filter` (echo.h) left of their echo is suppressed as noise is; and
 * the automatic gain rests while they speak, so that it does not make their echo louder. NULL and
 * false: they are not. The filter outlives that. */
void cleaning_face(struct cleaning *cleaning, SpeexEchoState *filter, bool others_speak);

/* Changes the samples in place: louder by `gain_db`, at most SOUND_GAIN_DB_MAX up or down, without
 * overflow, and without noise if `suppresses`. */
void cleaning_run(struct cleaning *cleaning, int16_t samples[CLEANING_SAMPLES], int gain_db,
                  bool suppresses);

#endif
