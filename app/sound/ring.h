/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames on their way between a sound card's thread and the loop: a ring without locks, for one
 * thread that puts and one that takes. Neither ever waits for the other. It is held within its
 * owner's memory, which decides whether it is locked.
 */
#ifndef MUSTER_APP_SOUND_RING_H
#define MUSTER_APP_SOUND_RING_H

#include <stdatomic.h>

#include "app/sound/frame.h"

enum {
    RING_FRAMES = 64 /* a power of two: 1.28 s */
};

struct ring {
    _Atomic uint32_t put, taken; /* frames of all time, modulo 2^32 */
    struct ring_place {
        uint32_t start; /* of which start of the device the frame is: older ones are dropped */
        struct sound_frame frame;
    } places[RING_FRAMES];
};

/* Empty. Nobody else may use it meanwhile. */
void ring_begin(struct ring *ring);

/* Copies the frame behind the others; false when it is full, and then nothing was put. For the
 * thread that puts. */
MUST_CHECK bool ring_put(struct ring *ring, uint32_t start, const struct sound_frame *frame);

/* Takes the oldest frame of `start`, drops those of earlier starts, and wipes their places; false
 * when there is none. Those of a later start stay. For the thread that takes. */
MUST_CHECK bool ring_take(struct ring *ring, uint32_t start, struct sound_frame *frame);

/* Drops and wipes what is there of `start` and of those before it. For the thread that takes. */
void ring_drop(struct ring *ring, uint32_t start);

/* How many frames are there. For either thread; the other may change it at once. */
size_t ring_held(const struct ring *ring);

#endif
