/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for microphones: one struct of functions over a device with a clock of its own. No
 * call waits, and time is an argument (milliseconds of the boot clock).
 *
 * A device is opened once, and started for each talk; it may fail at any call, and come back. While
 * it runs, whoever uses it waits for its descriptor to become readable, or for its deadline, and
 * then reads until there is nothing more.
 *
 * What has no clock of its own goes by the metronome (metronome.h). A sound card has a thread,
 * which hands frames over through a ring and makes the descriptor readable (alsa/). An overrun is
 * no failure: the position of the next frame shows what was lost. A device that vanishes is one,
 * and `reopen` the way back; so is a microphone that gives nothing but zeros (STATUS_FILE_GONE).
 */
#ifndef MUSTER_APP_SOUND_CAPTURE_H
#define MUSTER_APP_SOUND_CAPTURE_H

#include "app/error.h"
#include "app/sound/frame.h"

struct capture;

struct capture_kind {
    const char *name; /* "wav", "tone", "silence" */

    /* The devices that are there, the usual one first, as far as is known; writes at most `room`
     * and returns how many. NULL where there is nothing to choose from. */
    size_t (*list)(struct capture *capture, struct sound_device devices[], size_t room);

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

    /* While it rests: could it be started? As far as is known; it is found out beside, in time for
     * the next time that this is asked. NULL where there is no doubt. */
    enum status (*look)(struct capture *capture, struct error *error);

    /* Takes another device from now on, named as of `open`. NULL where there is nothing to choose
     * from. STATUS_BUSY while the one chosen before is still being taken. */
    enum status (*choose)(struct capture *capture, const char *device, struct error *error);

    /* The officer speaks and hears others at the same time, or no longer: meanwhile their echo is
     * taken out, if it hears it (sound_join, `treat`). NULL where it never does. */
    void (*face)(struct capture *capture, bool hears_others);

    /* What is done to its sound, and how it stands. NULL where nothing is done to it. */
    void (*treat)(struct capture *capture, struct sound_treatment treatment);
    void (*tell)(const struct capture *capture, struct sound_state *state);

    /* Closes and frees; of a device whose driver hangs nothing is freed, for it may go on one day.
     */
    void (*close)(struct capture *capture);
};

/* Every microphone's struct starts with this. */
struct capture {
    const struct capture_kind *kind;
};

#endif
