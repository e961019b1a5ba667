/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * WAV files of the one kind that a handset takes: 16-bit PCM, mono, VOICE_RATE.
 */
#ifndef MUSTER_APP_SOUND_WAV_H
#define MUSTER_APP_SOUND_WAV_H

#include "app/error.h"
#include "app/voice/voice.h"

enum {
    WAV_HEADER_SIZE = 44,
    WAV_FILE_MAX = 32 * 1024 * 1024, /* what wav_load takes: 17 minutes */
};

/* Samples in memory; the caller frees `samples`. */
struct wav {
    int16_t *samples;
    size_t count;
};

/* Reads the WAV file at `path`. STATUS_NOT_FOUND; STATUS_IO_FAILED; STATUS_TOO_LONG over
 * WAV_FILE_MAX; STATUS_TRUNCATED and STATUS_MALFORMED for a file that is no whole WAV file;
 * STATUS_UNSUPPORTED for one of another kind, saying which it is and which it must be. */
MUST_CHECK enum status wav_load(const char *path, struct wav *wav, struct error *error);

/* The header of a file with `count` samples. */
void wav_header(uint32_t count, uint8_t header[WAV_HEADER_SIZE]);

#endif
