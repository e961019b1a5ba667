/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for loudspeakers, as capture.h is for microphones: a device with a clock of its own,
 * which says how much it wants. Whoever uses it waits for its descriptor or its deadline, asks how
 * much it wants, and writes that; what it was not given in time is silence, and its clock goes on.
 *
 * How a sound card fits in (ALSA, periods of 20 ms): `ask` is snd_pcm_avail_delay: wanted is what
 * is missing of two periods in the queue (a little more where a sound server stands in between),
 * queued is the delay; `write` is snd_pcm_writei, which starts the card when the two periods are
 * there. An underrun (-EPIPE) is no failure: the card is prepared, and starts again with the next
 * frames; the clock has run on meanwhile. The descriptor becomes readable when the card polls
 * writable (an epoll of its descriptors, or the eventfd of a thread of its own). Where its clock is
 * faster or slower than those of the talkers is seen in the stamps that `write` gives.
 */
#ifndef MUSTER_APP_SOUND_PLAYBACK_H
#define MUSTER_APP_SOUND_PLAYBACK_H

#include "app/error.h"
#include "app/sound/frame.h"

struct playback;

/* How a device stands. */
struct playback_need {
    size_t wanted; /* frames that it wants now, so as not to run dry */
    size_t queued; /* samples that it has and that are not heard yet */
};

struct playback_kind {
    const char *name; /* "wav", "silence" */

    /* As of capture.h. A file that is there is begun anew. */
    size_t (*list)(struct sound_device devices[], size_t room);
    enum status (*open)(const char *device, struct playback **out, struct error *error);

    /* From now on it plays what is written, and wants frames. Positions count from 0. */
    enum status (*start)(struct playback *playback, int64_t now_ms, struct error *error);

    /* It plays no more and wants nothing until it is started again; what is queued is not heard. */
    void (*stop)(struct playback *playback);

    /* As of capture.h: what to wait on before asking. */
    int (*descriptor)(const struct playback *playback);
    int64_t (*deadline)(const struct playback *playback);

    /* How it stands while it runs. */
    enum status (*ask)(struct playback *playback, int64_t now_ms, struct playback_need *need,
                       struct error *error);

    /* Takes a frame behind those that are queued, wanted or not, and stamps it. What is_silence a
     * recording leaves out. After any status but STATUS_OK, here and of `ask`, the device does not
     * run. */
    enum status (*write)(struct playback *playback, struct sound_frame *frame, struct error *error);

    /* As of capture.h. */
    enum status (*reopen)(struct playback *playback, struct error *error);

    /* Finishes (a WAV header is complete only then), closes and frees. STATUS_IO_FAILED,
     * STATUS_NO_SPACE when what was written is not all there. */
    enum status (*close)(struct playback *playback, struct error *error);
};

/* Every loudspeaker's struct starts with this. */
struct playback {
    const struct playback_kind *kind;
};

#endif
