/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Samples at a speed a little off that at which they came (libspeexdsp): how a card is held to the
 * boot clock (drift.h).
 */
#ifndef MUSTER_APP_SOUND_STEERING_H
#define MUSTER_APP_SOUND_STEERING_H

#include <speex/speex_resampler.h>

#include "app/error.h"
#include "app/sound/frame.h"

enum {
    /* Of `count` samples at most count + count / 100 + this many are made. */
    STEERING_SPARE = 8
};

struct steering {
    SpeexResamplerState *resampler;
    int steps; /* of 20 ppm */
};

/* STATUS_NO_MEMORY. The caller ends it. */
MUST_CHECK enum status steering_begin(struct steering *steering, struct error *error);
void steering_end(struct steering *steering);

/* What it holds of before is forgotten; its speed stays. */
void steering_restart(struct steering *steering);

/* From now on `ppm` more samples are used up than are made, in steps of 20. */
void steering_set(struct steering *steering, int ppm);

/* Uses up all of `in` and returns how many samples it made of them, at most `room`, which is as
 * many as STEERING_SPARE says. */
size_t steering_run(struct steering *steering, const int16_t in[], size_t count, int16_t out[],
                    size_t room);

#endif
