/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/sound/metronome.h"
#include "app/sound/modules.h"
#include "app/sound/wav.h"

enum {
    HEADER_EVERY = VOICE_RATE,                     /* samples between header updates */
    SINK_SAMPLES_MAX = INT32_MAX / 2 - VOICE_RATE, /* 18 hours: sizes stay in 31 bits */
    FRAME_SIZE = VOICE_FRAME_SAMPLES * (int)sizeof(int16_t),
};

struct wav_playback {
    struct playback playback;
    struct metronome metronome;
    FILE *sink; /* NULL: it swallows */
    char *sink_path;
    uint32_t sink_count;
    uint32_t header_count; /* samples that the header on disk tells of */
};

static enum status sink_failed(const struct wav_playback *wav, struct error *error) {
    return error_set(error, errno == ENOSPC ? STATUS_NO_SPACE : STATUS_IO_FAILED, "%s: %s",
                     wav->sink_path, strerror(errno));
}

/* Samples first, so that the header never tells of samples that are not there. */
static enum status sink_complete(struct wav_playback *wav, struct error *error) {
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

/* What was said in a group is as secret as its keys: the file is its owner's before anything is in
 * it, also where there was one that others might read. NULL, and errno says why. */
static FILE *open_owners(const char *path) {
    struct stat about;
    int file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
    bool is_ready = file >= 0 && fstat(file, &about) == 0 &&
                    (!S_ISREG(about.st_mode) ||
                     (fchmod(file, S_IRUSR | S_IWUSR) == 0 && ftruncate(file, 0) == 0));
    FILE *sink = is_ready ? fdopen(file, "wb") : NULL;
    if (sink == NULL && file >= 0) {
        int cause = errno;
        close(file);
        errno = cause;
    }
    return sink;
}

static enum status sink_open(struct wav_playback *wav, const char *path, struct error *error) {
    wav->sink_path = strdup(path);
    if (wav->sink_path == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "%s: out of memory", path);
    }
    wav->sink = open_owners(path);
    return wav->sink == NULL ? sink_failed(wav, error) : sink_complete(wav, error);
}

static void wav_free(struct wav_playback *wav) {
    if (wav->sink != NULL) {
        fclose(wav->sink);
    }
    free(wav->sink_path);
    free(wav);
}

static enum status wav_open(const char *device, struct playback **out, struct error *error) {
    *out = NULL;
    struct wav_playback *wav = calloc(1, sizeof *wav);
    if (wav == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "sound wav: out of memory");
    }
    wav->playback.kind = &playback_wav;
    enum status status = device == NULL ? STATUS_OK : sink_open(wav, device, error);
    if (status != STATUS_OK) {
        wav_free(wav);
        return status;
    }
    *out = &wav->playback;
    return STATUS_OK;
}

static enum status wav_start(struct playback *playback, int64_t now_ms, struct error *error) {
    (void)error;
    metronome_start(&((struct wav_playback *)playback)->metronome, now_ms);
    return STATUS_OK;
}

static void wav_stop(struct playback *playback) {
    ((struct wav_playback *)playback)->metronome.runs = false;
}

static int wav_descriptor(const struct playback *playback) {
    (void)playback;
    return -1;
}

static int64_t wav_deadline(const struct playback *playback) {
    return metronome_deadline(&((const struct wav_playback *)playback)->metronome);
}

static enum status wav_ask(struct playback *playback, int64_t now_ms, struct playback_need *need,
                           struct error *error) {
    struct wav_playback *wav = (struct wav_playback *)playback;
    (void)error;
    *need = (struct playback_need){
        .wanted = metronome_due(&wav->metronome, now_ms, PLAYBACK_HELD_MS), .plays = true};
    return STATUS_OK;
}

static enum status record(struct wav_playback *wav, const int16_t samples[VOICE_FRAME_SAMPLES],
                          struct error *error) {
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

static enum status wav_write(struct playback *playback, struct sound_frame *frame,
                             struct error *error) {
    struct wav_playback *wav = (struct wav_playback *)playback;
    metronome_take(&wav->metronome, frame);
    return wav->sink == NULL || frame->is_silence ? STATUS_OK : record(wav, frame->samples, error);
}

static enum status wav_close(struct playback *playback, struct error *error) {
    struct wav_playback *wav = (struct wav_playback *)playback;
    enum status status = wav->sink == NULL ? STATUS_OK : sink_complete(wav, error);
    if (wav->sink != NULL && fclose(wav->sink) != 0 && status == STATUS_OK) {
        status = sink_failed(wav, error);
    }
    wav->sink = NULL;
    wav_free(wav);
    return status;
}

const struct playback_kind playback_wav = {
    .name = "wav",
    .open = wav_open,
    .start = wav_start,
    .stop = wav_stop,
    .descriptor = wav_descriptor,
    .deadline = wav_deadline,
    .ask = wav_ask,
    .write = wav_write,
    .close = wav_close,
};
