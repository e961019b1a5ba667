/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for sound: one struct of functions. Samples are 16-bit mono at VOICE_RATE.
 */
#ifndef MUSTER_APP_SOUND_H
#define MUSTER_APP_SOUND_H

#include "app/error.h"
#include "app/voice/voice.h"

struct sound;

struct sound_kind {
    const char *name; /* "wav", "tone", "silence" */

    /* `source` is the microphone's side, `sink` the loudspeaker's: a file's path, or what the kind
     * takes (a tone's frequency in Hz); NULL when that side is not wanted. */
    enum status (*open)(const char *source, const char *sink, struct sound **sound,
                        struct error *error);

    /* The next 20 ms from the source. Returns false when the source has ended (samples are then
     * silence). */
    bool (*read)(struct sound *sound, int16_t samples[VOICE_FRAME_SAMPLES]);

    /* 20 ms to the sink. */
    enum status (*write)(struct sound *sound, const int16_t samples[VOICE_FRAME_SAMPLES],
                         struct error *error);

    /* Starts the source again from its beginning. */
    void (*rewind)(struct sound *sound);

    /* Finishes the sink (a WAV header is complete only then) and frees. */
    enum status (*close)(struct sound *sound, struct error *error);
};

struct sound {
    const struct sound_kind *kind;
};

/* The kind of that name, or NULL. */
const struct sound_kind *sound_find(const char *name);

#endif
