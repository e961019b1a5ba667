/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Likeness: how well received speech matches sent speech, from 0 (nothing in common) to 1 (the same
 * samples). It is the mean segmental waveform correlation:
 *
 *  1. Both recordings are halved in rate, to 8 kHz.
 *  2. The delay between them is estimated by the correlation of their loudness in steps of 10 ms;
 *     the few most likely delays are all tried, and the one with the best result counts.
 *  3. The sent speech is cut into segments of 200 ms; those more than 40 dB quieter than the
 *     loudest are pauses and are left out.
 *  4. Each segment is compared with the received one at that delay, give or take 50 ms (a jitter
 *     buffer stretches pauses): the largest normalised correlation of the waveforms, 0 when it
 *     is negative.
 *  5. The likeness is the mean over all segments; a segment that was never received counts 0.
 *
 * Loudness does not matter, words and voice do. Speech through Opus at 24 kbit/s scores about 0.9,
 * and with every tenth packet lost still over 0.85; other speech, and the same speech backwards,
 * scores below 0.3; noise and silence score next to 0.
 */
#ifndef MUSTER_APP_VOICE_LIKENESS_H
#define MUSTER_APP_VOICE_LIKENESS_H

#include "crypto/bytes.h"

/* From this value up it is the same speech: half way between what speech through the codec scores
 * and what other speech scores. */
#define LIKENESS_SAME 0.6

/* 16-bit samples at VOICE_RATE that somebody else owns. */
struct recording {
    const int16_t *samples;
    size_t count;
};

enum {
    LIKENESS_SAMPLES_MAX = 16000 * 120
};

/* The likeness of `received` to `sent`, each at most LIKENESS_SAMPLES_MAX long; `received` may hold
 * other things before and after. *delay_ms, when not NULL, is where the sent speech begins in it.
 * STATUS_TOO_LONG; STATUS_NO_MEMORY. */
MUST_CHECK enum status likeness(struct recording sent, struct recording received, double *score,
                                int *delay_ms);

#endif
