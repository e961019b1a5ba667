/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Microphone and loudspeaker by ALSA: "default" where nothing is named, which is PipeWire's or
 * PulseAudio's where one of them runs, and the hardware where none does.
 *
 * A device that is not there is opened all the same: it may be plugged in later. It fails when it
 * is started, and `look` says so before.
 */
#ifndef MUSTER_APP_SOUND_ALSA_ALSA_H
#define MUSTER_APP_SOUND_ALSA_ALSA_H

#include "app/sound/capture.h"
#include "app/sound/playback.h"

enum {
    CAPTURE_MUTE_MS = 300,   /* of exact zeros: it is muted or gone */
    CAPTURE_LATE_MS = 1500,  /* without anything: as well; a Bluetooth headset takes its time */
    PLAYBACK_QUEUE_MS = 45,  /* that are to be between the loop and the card, on average */
    PLAYBACK_BUFFER_MS = 80, /* that the card can hold */
    PLAYBACK_STALE_MS = 300, /* of more than that the oldest is dropped: the card stood still */
    PLAYBACK_STUCK_MS = 400, /* without taking anything: it is gone */
    PLAYBACK_LATE_MS = 2500  /* the same of a card that was just started */
};

/* The microphone of this kind hears the loudspeaker of this kind: it can take the echo out
 * (`face`). STATUS_NO_MEMORY. Once, when both were opened. */
MUST_CHECK enum status alsa_join(struct capture *capture, struct playback *playback,
                                 struct error *error);

extern const struct capture_kind capture_alsa;
extern const struct playback_kind playback_alsa;

#endif
