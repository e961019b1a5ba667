/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for loudspeakers, as capture.h is for microphones: a device with a clock of its own,
 * which says how much it wants. Whoever uses it waits for its descriptor or its deadline, asks how
 * much it wants, and writes that; what it was not given in time is silence, and its clock goes on.
 *
 * Files have the metronome as their clock (metronome.h), and so has a sound card: its thread takes
 * frames from a ring and holds its own crystal to that clock by resampling (alsa/, drift.h), so
 * that whoever uses it sees one clock. An underrun is no failure.
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
    bool plays;    /* something was heard of it since it was started, or is about to be */
};

struct playback_kind {
    const char *name; /* "wav", "silence" */
    bool is_heard;    /* a person hears it: tones for the officer are played, too */

    /* As of capture.h. A file that is there is begun anew. */
    size_t (*list)(struct playback *playback, struct sound_device devices[], size_t room);
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

    /* As of capture.h. */
    enum status (*look)(struct playback *playback, struct error *error);
    enum status (*choose)(struct playback *playback, const char *device, struct error *error);
    void (*tell)(const struct playback *playback, struct sound_state *state);

    /* Finishes (a WAV header is complete only then), closes and frees. STATUS_IO_FAILED,
     * STATUS_NO_SPACE when what was written is not all there. As in capture.h for what hangs. */
    enum status (*close)(struct playback *playback, struct error *error);
};

/* Every loudspeaker's struct starts with this. */
struct playback {
    const struct playback_kind *kind;
};

#endif
