/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for microphones: one struct of functions over a device with a clock of its own. No
 * call waits, and time is an argument (milliseconds of the boot clock).
 *
 * A device is opened once, and started for each talk; it may fail at any call, and come back. While
 * it runs, whoever uses it waits for its descriptor to become readable, or for its deadline, and
 * then reads until there is nothing more.
 *
 * How a sound card fits in (ALSA, periods of 20 ms): `list` is the PCM hints; `open` is
 * snd_pcm_open with SND_PCM_NONBLOCK and the parameters; `start` drops what the card holds and
 * calls snd_pcm_start; the descriptor is an epoll of snd_pcm_poll_descriptors, of which a card may
 * have several, or the eventfd of a thread of its own that hands frames over through a ring; `read`
 * asks for the events (snd_pcm_poll_descriptors_revents), takes a period with snd_pcm_readi, and
 * stamps it with snd_pcm_htimestamp. An overrun (-EPIPE) is no failure: `read` prepares and starts
 * the card again, and the position of the next frame shows what was lost. A device that vanishes
 * (-ENODEV) is one, and `reopen` the way back. The deadline is for what raises no event: a card
 * from which nothing has come for some periods.
 */
#ifndef MUSTER_APP_SOUND_CAPTURE_H
#define MUSTER_APP_SOUND_CAPTURE_H

#include "app/error.h"
#include "app/sound/frame.h"

struct capture;

struct capture_kind {
    const char *name; /* "wav", "tone", "silence" */

    /* The devices that are there now, the usual one first; writes at most `room` and returns how
     * many. NULL where there is nothing to choose from. */
    size_t (*list)(struct sound_device devices[], size_t room);

    /* Opens `device`: its name, or what the kind takes (a file's path, a tone's frequency in Hz);
     * NULL: the usual one. It does not capture yet. The caller closes it. */
    enum status (*open)(const char *device, struct capture **out, struct error *error);

    /* From now on it captures, anew: a file from its beginning, a card what is said from now on.
     * Positions count from 0. Of a device that runs it is started again. */
    enum status (*start)(struct capture *capture, int64_t now_ms, struct error *error);

    /* It captures no more, until it is started again. */
    void (*stop)(struct capture *capture);

    /* What to wait on for reading while it runs; the same until it is stopped or fails. -1: there
     * is nothing, the deadline alone counts. */
    int (*descriptor)(const struct capture *capture);

    /* When to read although the descriptor is quiet; INT64_MAX: never. */
    int64_t (*deadline)(const struct capture *capture);

    /* The next frame, or *there is false when there is none yet. After any other status than
     * STATUS_OK, of which *error says what happened, the device does not run. */
    enum status (*read)(struct capture *capture, int64_t now_ms, struct sound_frame *frame,
                        bool *there, struct error *error);

    /* Tries to open a device again that has failed; then it can be started. NULL where what failed
     * stays so. */
    enum status (*reopen)(struct capture *capture, struct error *error);

    /* Closes and frees. */
    void (*close)(struct capture *capture);
};

/* Every microphone's struct starts with this. */
struct capture {
    const struct capture_kind *kind;
};

#endif
