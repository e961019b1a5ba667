/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/cue.h"

#include <math.h>

static const double TURN = 6.283185307179586;

enum {
    NOTES_MAX = 3,
    NOTE_SAMPLES = VOICE_RATE * 14 / 100,
    EDGE_SAMPLES = VOICE_RATE / 100, /* it swells and fades, and does not click */
    PEAK = 7000
};

/* The notes in Hz; 0 ends them. */
static const unsigned notes[][NOTES_MAX + 1] = {
    [CUE_MICROPHONE_LOST] = {784, 523, 392, 0},
    [CUE_MICROPHONE_BACK] = {523, 784, 0},
};

void cue_begin(struct cue *cue, enum cue_kind kind) {
    *cue = (struct cue){.kind = kind};
}

bool cue_plays(const struct cue *cue) {
    return cue->kind != CUE_NONE;
}

static double envelope(size_t at) {
    size_t edge = at < NOTE_SAMPLES - at ? at : NOTE_SAMPLES - at;
    return edge < EDGE_SAMPLES ? (double)edge / EDGE_SAMPLES : 1;
}

void cue_mix(struct cue *cue, int16_t samples[VOICE_FRAME_SAMPLES]) {
    int16_t tone[VOICE_FRAME_SAMPLES] = {0};
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES && cue_plays(cue); i++) {
        unsigned hz = notes[cue->kind][cue->at / NOTE_SAMPLES];
        size_t at = cue->at % NOTE_SAMPLES;
        if (hz == 0) {
            cue_begin(cue, CUE_NONE);
        } else {
            double phase = TURN * hz * (double)at / VOICE_RATE;
            tone[i] = (int16_t)lround(PEAK * envelope(at) * sin(phase));
            cue->at++;
        }
    }
    voice_mix(samples, tone);
}
