/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sound files: read in whatever form other tools write them, written in one.
 */
#ifndef MUSTER_APP_SOUND_WAV_H
#define MUSTER_APP_SOUND_WAV_H

#include "app/error.h"
#include "app/voice/voice.h"

enum {
    WAV_HEADER_SIZE = 44,
    /* what wav_load takes */
    WAV_FILE_MAX = 128 * 1024 * 1024,
    WAV_SAMPLES_MAX = 18 * 60 * VOICE_RATE,
    WAV_RATE_MIN = 4000,
    WAV_RATE_MAX = 384000,
};

/* 16-bit samples at VOICE_RATE in memory; the caller frees `samples`. */
struct wav {
    int16_t *samples;
    size_t count;
};

/* Reads the sound file or pipe at `path`: WAV of any encoding, rate and number of channels, and
 * what else libsndfile knows. Channels are mixed to their mean and rates converted; 16-bit mono at
 * VOICE_RATE stays as it is. Of a file that is cut short there is what it holds; one with a header
 * alone has a count of 0, and `samples` may be NULL. STATUS_NOT_FOUND; STATUS_IO_FAILED;
 * STATUS_TOO_LONG over WAV_FILE_MAX or WAV_SAMPLES_MAX; STATUS_TRUNCATED for an empty file;
 * STATUS_MALFORMED for what is no sound file; STATUS_UNSUPPORTED for one that libsndfile cannot
 * read, saying why, and for a rate outside WAV_RATE_MIN to WAV_RATE_MAX; STATUS_NO_MEMORY. */
MUST_CHECK enum status wav_load(const char *path, struct wav *wav, struct error *error);

/* The header of a file with `count` samples. */
void wav_header(uint32_t count, uint8_t header[WAV_HEADER_SIZE]);

#endif
