/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The clock of what has none of its own, files and tones: a frame every 20 ms of the boot clock.
 */
#ifndef MUSTER_APP_SOUND_METRONOME_H
#define MUSTER_APP_SOUND_METRONOME_H

#include "app/sound/frame.h"

struct metronome {
    bool runs;
    uint64_t position; /* of the next frame */
    int64_t due_ms;    /* when the next frame is due; its first sample was 20 ms before */
};

/* The first frame is due 20 ms from now. */
void metronome_start(struct metronome *metronome, int64_t now_ms);

/* How many frames are due. Of what is due for longer than `held_ms` nobody knows any more: the
 * clock has gone on. */
size_t metronome_due(struct metronome *metronome, int64_t now_ms, int64_t held_ms);

/* Stamps the next frame. */
void metronome_take(struct metronome *metronome, struct sound_frame *frame);

/* INT64_MAX while it does not run. */
int64_t metronome_deadline(const struct metronome *metronome);

#endif
