/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "app/sound/metronome.h"
#include "app/sound/modules.h"

struct silence {
    struct playback playback;
    struct metronome metronome;
};

static enum status silence_open(const char *device, struct playback **out, struct error *error) {
    *out = NULL;
    if (device != NULL) {
        return error_set(error, STATUS_UNSUPPORTED, "sound silence: it takes no file");
    }
    struct silence *silence = calloc(1, sizeof *silence);
    if (silence == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound silence: out of memory");
    }
    silence->playback.kind = &playback_silence;
    *out = &silence->playback;
    return STATUS_OK;
}

static enum status silence_start(struct playback *playback, int64_t now_ms, struct error *error) {
    (void)error;
    metronome_start(&((struct silence *)playback)->metronome, now_ms);
    return STATUS_OK;
}

static void silence_stop(struct playback *playback) {
    ((struct silence *)playback)->metronome.runs = false;
}

static int silence_descriptor(const struct playback *playback) {
    (void)playback;
    return -1;
}

static int64_t silence_deadline(const struct playback *playback) {
    return metronome_deadline(&((const struct silence *)playback)->metronome);
}

static enum status silence_ask(struct playback *playback, int64_t now_ms,
                               struct playback_need *need, struct error *error) {
    struct silence *silence = (struct silence *)playback;
    (void)error;
    *need = (struct playback_need){
        .wanted = metronome_due(&silence->metronome, now_ms, PLAYBACK_HELD_MS), .plays = true};
    return STATUS_OK;
}

static enum status silence_write(struct playback *playback, struct sound_frame *frame,
                                 struct error *error) {
    (void)error;
    metronome_take(&((struct silence *)playback)->metronome, frame);
    return STATUS_OK;
}

static enum status silence_close(struct playback *playback, struct error *error) {
    (void)error;
    free(playback);
    return STATUS_OK;
}

const struct playback_kind playback_silence = {
    .name = "silence",
    .open = silence_open,
    .start = silence_start,
    .stop = silence_stop,
    .descriptor = silence_descriptor,
    .deadline = silence_deadline,
    .ask = silence_ask,
    .write = silence_write,
    .close = silence_close,
};
