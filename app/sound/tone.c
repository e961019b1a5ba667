/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "app/sound/metronome.h"
#include "app/sound/modules.h"

static const double TURN = 6.283185307179586;
enum {
    TONE_PEAK = 8192,
    TONE_HZ = 440, /* where none is given */
    TONE_HZ_MAX = VOICE_RATE / 2 - 1
};

struct tone {
    struct capture capture;
    struct metronome metronome;
    long hz; /* 0 is silence */
    long at; /* samples into the second */
};

static enum status open_with(const struct capture_kind *kind, long hz, struct capture **out,
                             struct error *error) {
    struct tone *tone = calloc(1, sizeof *tone);
    if (tone == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound %s: out of memory", kind->name);
    }
    tone->capture.kind = kind;
    tone->hz = hz;
    *out = &tone->capture;
    return STATUS_OK;
}

static enum status tone_open(const char *device, struct capture **out, struct error *error) {
    *out = NULL;
    char *end = NULL;
    long hz = device == NULL ? TONE_HZ : strtol(device, &end, 10);
    if (device != NULL && (end == device || *end != '\0' || hz < 1 || hz > TONE_HZ_MAX)) {
        return error_set(error, STATUS_MALFORMED,
                         "sound tone: '%.40s' is not a frequency from 1 to %d Hz", device,
                         TONE_HZ_MAX);
    }
    return open_with(&capture_tone, hz, out, error);
}

static enum status silence_open(const char *device, struct capture **out, struct error *error) {
    *out = NULL;
    if (device != NULL) {
        return error_set(error, STATUS_UNSUPPORTED, "sound silence: it takes no file");
    }
    return open_with(&capture_silence, 0, out, error);
}

static enum status tone_start(struct capture *capture, int64_t now_ms, struct error *error) {
    struct tone *tone = (struct tone *)capture;
    (void)error;
    metronome_start(&tone->metronome, now_ms);
    tone->at = 0;
    return STATUS_OK;
}

static void tone_stop(struct capture *capture) {
    ((struct tone *)capture)->metronome.runs = false;
}

static int tone_descriptor(const struct capture *capture) {
    (void)capture;
    return -1;
}

static int64_t tone_deadline(const struct capture *capture) {
    return metronome_deadline(&((const struct tone *)capture)->metronome);
}

static enum status tone_read(struct capture *capture, int64_t now_ms, struct sound_frame *frame,
                             bool *there, struct error *error) {
    struct tone *tone = (struct tone *)capture;
    (void)error;
    *there = metronome_due(&tone->metronome, now_ms, CAPTURE_HELD_MS) > 0;
    if (!*there) {
        return STATUS_OK;
    }
    metronome_take(&tone->metronome, frame);
    frame->is_silence = tone->hz == 0;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        /* Whole turns are taken off in integers: the tone stays in tune for ever. */
        long phase = tone->at * tone->hz % VOICE_RATE;
        frame->samples[i] = (int16_t)lround(TONE_PEAK * sin(TURN * (double)phase / VOICE_RATE));
        tone->at = (tone->at + 1) % VOICE_RATE;
    }
    return STATUS_OK;
}

static void tone_close(struct capture *capture) {
    free(capture);
}

const struct capture_kind capture_tone = {
    .name = "tone",
    .open = tone_open,
    .start = tone_start,
    .stop = tone_stop,
    .descriptor = tone_descriptor,
    .deadline = tone_deadline,
    .read = tone_read,
    .close = tone_close,
};

const struct capture_kind capture_silence = {
    .name = "silence",
    .open = silence_open,
    .start = tone_start,
    .stop = tone_stop,
    .descriptor = tone_descriptor,
    .deadline = tone_deadline,
    .read = tone_read,
    .close = tone_close,
};
