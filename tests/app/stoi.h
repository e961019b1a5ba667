/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Short-time objective intelligibility (C. H. Taal, R. C. Hendriks, R. Heusdens, J. Jensen, "An
 * Algorithm for Intelligibility Prediction of Time-Frequency Weighted Noisy Speech", IEEE
 * Transactions on Audio, Speech, and Language Processing 19(7), 2011): how well speech that was
 * sent can be understood where it was received, from about 0 to 1 (the same samples).
 *
 *  1. Both are brought to 10 kHz. Frames of 256 samples, half overlapping, under a Hann window.
 *  2. Frames in which the sent speech is more than 40 dB below its loudest are left out of both.
 *  3. 15 third-octave bands from 150 Hz up, from spectra of 512 points.
 *  4. In each band, stretches of 30 frames (384 ms): the received one is scaled to the power of the
 *     sent one and clipped at -15 dB of signal to distortion; then the two are correlated.
 *  5. The mean over all bands and stretches.
 *
 * A jitter buffer stretches and shortens speech, which listeners do not mind and the measure does.
 * So what was received is aligned first, piece by piece, with what was sent.
 */
#ifndef MUSTER_TESTS_APP_STOI_H
#define MUSTER_TESTS_APP_STOI_H

#include "app/voice/likeness.h"

enum {
    STOI_DELAY_MAX_MS = 600, /* of a piece: what was received later is not found */
};

/* The intelligibility of `received`, of 16 kHz as `sent` is, aligned. Dies without memory. */
double stoi(struct recording sent, struct recording received);

#endif
