/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/sound_kinds.h"
#include "app/wav.h"

enum {
    HEADER_EVERY = VOICE_RATE,                     /* samples between header updates */
    SINK_SAMPLES_MAX = INT32_MAX / 2 - VOICE_RATE, /* 18 hours: sizes stay in 31 bits */
    FRAME_SIZE = VOICE_FRAME_SAMPLES * (int)sizeof(int16_t),
};

struct wav_sound {
    struct sound sound;
    struct wav source;
    size_t at;
    FILE *sink;
    char *sink_path;
    uint32_t sink_count;
    uint32_t header_count; /* samples that the header on disk tells of */
};

static enum status sink_failed(const struct wav_sound *wav, struct error *error) {
    return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED, "%s: %s",
                     wav->sink_path, strerror(errno));
}

/* Samples first, so that the header never tells of samples that are not there. */
static enum status sink_complete(struct wav_sound *wav, struct error *error) {
    uint8_t header[WAV_HEADER_SIZE];
    wav_header(wav->sink_count, header);
    if (fflush(wav->sink) != 0 || fseek(wav->sink, 0, SEEK_SET) != 0 ||
        fwrite(header, 1, sizeof header, wav->sink) != sizeof header || fflush(wav->sink) != 0 ||
        fseek(wav->sink, 0, SEEK_END) != 0) {
        return sink_failed(wav, error);
    }
    wav->header_count = wav->sink_count;
    return STATUS_OK;
}

static enum status sink_open(struct wav_sound *wav, const char *path, struct error *error) {
    wav->sink_path = strdup(path);
    if (wav->sink_path == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    }
    wav->sink = fopen(path, "wb");
    return wav->sink == NULL ? sink_failed(wav, error) : sink_complete(wav, error);
}

static void wav_free(struct wav_sound *wav) {
    if (wav->sink != NULL) {
        fclose(wav->sink);
    }
    free(wav->sink_path);
    free(wav->source.samples);
    free(wav);
}

static enum status wav_open(const char *source, const char *sink, struct sound **sound,
                            struct error *error) {
    *sound = NULL;
    struct wav_sound *wav = calloc(1, sizeof *wav);
    if (wav == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound wav: out of memory");
    }
    wav->sound.kind = &sound_wav;
    enum status status = source == NULL ? STATUS_OK : wav_load(source, &wav->source, error);
    if (status == STATUS_OK && sink != NULL) {
        status = sink_open(wav, sink, error);
    }
    if (status != STATUS_OK) {
        wav_free(wav);
        return status;
    }
    *sound = &wav->sound;
    return STATUS_OK;
}

static bool wav_read(struct sound *sound, int16_t samples[VOICE_FRAME_SAMPLES]) {
    struct wav_sound *wav = (struct wav_sound *)sound;
    size_t left = wav->source.count - wav->at;
    size_t count = left < VOICE_FRAME_SAMPLES ? left : VOICE_FRAME_SAMPLES;
    memset(samples, 0, FRAME_SIZE);
    if (count > 0) {
        memcpy(samples, wav->source.samples + wav->at, count * sizeof samples[0]);
    }
    wav->at += count;
    return count > 0;
}

static enum status wav_write(struct sound *sound, const int16_t samples[VOICE_FRAME_SAMPLES],
                             struct error *error) {
    struct wav_sound *wav = (struct wav_sound *)sound;
    if (wav->sink == NULL) {
        return STATUS_OK;
    }
    if (wav->sink_count > SINK_SAMPLES_MAX) {
        return error_set(error, STATUS_TOO_LONG, "%s: the recording is full", wav->sink_path);
    }
    uint8_t octets[FRAME_SIZE];
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        octets[2 * i] = (uint8_t)((uint16_t)samples[i] & 0xFF);
        octets[2 * i + 1] = (uint8_t)((uint16_t)samples[i] >> 8);
    }
    if (fwrite(octets, 1, sizeof octets, wav->sink) != sizeof octets) {
        return sink_failed(wav, error);
    }
    wav->sink_count += VOICE_FRAME_SAMPLES;
    return wav->sink_count - wav->header_count < HEADER_EVERY ? STATUS_OK
                                                              : sink_complete(wav, error);
}

static void wav_rewind(struct sound *sound) {
    ((struct wav_sound *)sound)->at = 0;
}

static enum status wav_close(struct sound *sound, struct error *error) {
    struct wav_sound *wav = (struct wav_sound *)sound;
    enum status status = wav->sink == NULL ? STATUS_OK : sink_complete(wav, error);
    if (wav->sink != NULL && fclose(wav->sink) != 0 && status == STATUS_OK) {
        status = sink_failed(wav, error);
    }
    wav->sink = NULL;
    wav_free(wav);
    return status;
}

const struct sound_kind sound_wav = {
    .name = "wav",
    .open = wav_open,
    .read = wav_read,
    .write = wav_write,
    .rewind = wav_rewind,
    .close = wav_close,
};
