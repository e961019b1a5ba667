/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "app/sound_kinds.h"

static const double TURN = 6.283185307179586;
enum {
    TONE_PEAK = 8192,
    TONE_HZ_MAX = VOICE_RATE / 2 - 1
};

struct tone {
    struct sound sound;
    long hz; /* 0 is silence */
    long at; /* samples into the second */
};

static enum status open_with(const struct sound_kind *kind, long hz, struct sound **sound,
                             struct error *error) {
    struct tone *tone = calloc(1, sizeof *tone);
    if (tone == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound %s: out of memory", kind->name);
    }
    tone->sound.kind = kind;
    tone->hz = hz;
    *sound = &tone->sound;
    return STATUS_OK;
}

static enum status tone_open(const char *source, const char *sink, struct sound **sound,
                             struct error *error) {
    *sound = NULL;
    char *end = NULL;
    long hz = source == NULL ? 0 : strtol(source, &end, 10);
    if (source != NULL && (end == source || *end != '\0' || hz < 1 || hz > TONE_HZ_MAX)) {
        return error_set(error, STATUS_MALFORMED,
                         "sound tone: '%.40s' is not a frequency from 1 to %d Hz", source,
                         TONE_HZ_MAX);
    }
    if (sink != NULL) {
        return error_set(error, STATUS_UNSUPPORTED, "sound tone: it cannot record; use sound wav");
    }
    return open_with(&sound_tone, hz, sound, error);
}

static enum status silence_open(const char *source, const char *sink, struct sound **sound,
                                struct error *error) {
    *sound = NULL;
    if (source != NULL || sink != NULL) {
        return error_set(error, STATUS_UNSUPPORTED, "sound silence: it takes no file");
    }
    return open_with(&sound_silence, 0, sound, error);
}

static bool tone_read(struct sound *sound, int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct tone *tone = (struct tone *)sound;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        /* Whole turns are taken off in integers: the tone stays in tune for ever. */
        long phase = tone->at * tone->hz % VOICE_RATE;
        samples[i] = (int16_t)lround(TONE_PEAK * sin(TURN * (double)phase / VOICE_RATE));
        tone->at = (tone->at + 1) % VOICE_RATE;
    }
    return true;
}

static enum status tone_write(struct sound *sound, const int16_t samples[VOICE_FRAME_SAMPLES],
                              struct error *error) {
    (void)sound;
    (void)samples;
    (void)error;
    return STATUS_OK;
}

static void tone_rewind(struct sound *sound) {
    ((struct tone *)sound)->at = 0;
}

static enum status tone_close(struct sound *sound, struct error *error) {
    (void)error;
    free(sound);
    return STATUS_OK;
}

const struct sound_kind sound_tone = {
    .name = "tone",
    .open = tone_open,
    .read = tone_read,
    .write = tone_write,
    .rewind = tone_rewind,
    .close = tone_close,
};

const struct sound_kind sound_silence = {
    .name = "silence",
    .open = silence_open,
    .read = tone_read,
    .write = tone_write,
    .rewind = tone_rewind,
    .close = tone_close,
};
