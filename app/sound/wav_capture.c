/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "app/sound/metronome.h"
#include "app/sound/modules.h"
#include "app/sound/wav.h"

struct wav_capture {
    struct capture capture;
    struct metronome metronome;
    struct wav source;
    size_t at;
};

static enum status wav_open(const char *device, struct capture **out, struct error *error) {
    *out = NULL;
    struct wav_capture *wav = calloc(1, sizeof *wav);
    if (wav == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound wav: out of memory");
    }
    wav->capture.kind = &capture_wav;
    enum status status = device == NULL ? STATUS_OK : wav_load(device, &wav->source, error);
    if (status == STATUS_OK && device != NULL && wav->source.count == 0) {
        status = error_set(error, STATUS_TRUNCATED, "%s has no samples", device);
    }
    if (status != STATUS_OK) {
        free(wav->source.samples);
        free(wav);
        return status;
    }
    *out = &wav->capture;
    return STATUS_OK;
}

static enum status wav_start(struct capture *capture, int64_t now_ms, struct error *error) {
    struct wav_capture *wav = (struct wav_capture *)capture;
    (void)error;
    metronome_start(&wav->metronome, now_ms);
    wav->at = 0;
    return STATUS_OK;
}

static void wav_stop(struct capture *capture) {
    ((struct wav_capture *)capture)->metronome.runs = false;
}

static int wav_descriptor(const struct capture *capture) {
    (void)capture;
    return -1;
}

static int64_t wav_deadline(const struct capture *capture) {
    return metronome_deadline(&((const struct wav_capture *)capture)->metronome);
}

/* A file goes on where it was, however late it is read: nothing of it is lost. */
static enum status wav_read(struct capture *capture, int64_t now_ms, struct sound_frame *frame,
                            bool *there, struct error *error) {
    struct wav_capture *wav = (struct wav_capture *)capture;
    size_t left = wav->source.count - wav->at;
    size_t count = left < VOICE_FRAME_SAMPLES ? left : VOICE_FRAME_SAMPLES;
    (void)error;
    *there = metronome_due(&wav->metronome, now_ms, CAPTURE_HELD_MS) > 0;
    if (!*there) {
        return STATUS_OK;
    }
    metronome_take(&wav->metronome, frame);
    frame->is_silence = count == 0;
    memset(frame->samples, 0, sizeof frame->samples);
    if (count > 0) {
        memcpy(frame->samples, wav->source.samples + wav->at, count * sizeof frame->samples[0]);
    }
    wav->at += count;
    return STATUS_OK;
}

static void wav_close(struct capture *capture) {
    struct wav_capture *wav = (struct wav_capture *)capture;
    free(wav->source.samples);
    free(wav);
}

const struct capture_kind capture_wav = {
    .name = "wav",
    .open = wav_open,
    .start = wav_start,
    .stop = wav_stop,
    .descriptor = wav_descriptor,
    .deadline = wav_deadline,
    .read = wav_read,
    .close = wav_close,
};
