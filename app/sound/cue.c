/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/cue.h"

#include <math.h>

static const double TURN = 6.283185307179586;

enum {
    NOTES_MAX = 8,
    SAMPLES_PER_MS = VOICE_RATE / 1000,
    EDGE_SAMPLES = VOICE_RATE / 100, /* it swells and fades, and does not click */
};

struct melody {
    int peak; /* of 32767 */
    struct note {
        unsigned hz; /* 0: a pause */
        unsigned ms; /* 0: it is over */
    } notes[NOTES_MAX + 1];
};

static const struct melody melodies[CUE_KINDS] = {
    [CUE_TALK_PERMIT] = {4000, {{988, 40}, {1319, 60}}},
    [CUE_TALK_REFUSED] = {6000, {{330, 140}, {0, 80}, {330, 140}, {0, 80}, {330, 140}}},
    [CUE_YOUR_TURN] =
        {6000, {{659, 70}, {880, 70}, {1175, 100}, {0, 120}, {659, 70}, {880, 70}, {1175, 100}}},
    [CUE_TALK_CUT_OFF] = {6000, {{880, 80}, {440, 80}, {880, 80}, {440, 160}}},
    [CUE_TALK_ENDS_SOON] = {5000, {{1047, 80}, {0, 80}, {1047, 80}}},
    [CUE_MICROPHONE_LOST] = {7000, {{784, 140}, {523, 140}, {392, 140}}},
    [CUE_MICROPHONE_BACK] = {7000, {{523, 140}, {784, 140}}},
    [CUE_EMERGENCY] = {7000, {{1047, 150}, {831, 150}, {1047, 150}, {831, 150}}},
    [CUE_EMERGENCY_STANDS] =
        {7000, {{0, 1500}, {1047, 150}, {831, 150}, {1047, 150}, {831, 150}, {0, 1900}}},
    [CUE_EMERGENCY_WAITS] = {5000, {{0, 1500}, {1175, 80}, {831, 80}, {0, 2340}}},
    [CUE_RINGS_HERE] =
        {7000, {{988, 100}, {784, 100}, {988, 100}, {784, 100}, {988, 100}, {784, 100}, {0, 1800}}},
    [CUE_CALL_WAITS] = {4000, {{988, 80}, {0, 4000}}},
    [CUE_RINGS_THERE] = {3500, {{425, 1000}, {0, 3000}}},
};

void cue_begin(struct cue *cue, enum cue_kind kind) {
    *cue = (struct cue){.kind = kind};
}

void cue_end(struct cue *cue) {
    cue->fades = true;
}

bool cue_plays(const struct cue *cue) {
    return cue->kind != CUE_NONE;
}

static double envelope(size_t at, size_t length) {
    size_t edge = at < length - at ? at : length - at;
    return edge < EDGE_SAMPLES ? (double)edge / EDGE_SAMPLES : 1;
}

/* The next sample; after the last one the cue is over. */
static double next_sample(struct cue *cue) {
    const struct melody *melody = &melodies[cue->kind];
    const struct note *note = &melody->notes[cue->note];
    size_t length = (size_t)note->ms * SAMPLES_PER_MS;
    double phase = TURN * note->hz * (double)cue->at / VOICE_RATE;
    double sample = melody->peak * envelope(cue->at, length) * sin(phase);
    if (++cue->at == length) {
        cue->at = 0;
        cue->note++;
        if (melody->notes[cue->note].ms == 0) {
            cue_begin(cue, CUE_NONE);
        }
    }
    return sample;
}

void cue_mix(struct cue *cue, int16_t samples[VOICE_FRAME_SAMPLES]) {
    int16_t tone[VOICE_FRAME_SAMPLES] = {0};
    bool fades = cue->fades;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES && cue_plays(cue); i++) {
        double left = fades ? 1 - (double)i / VOICE_FRAME_SAMPLES : 1;
        tone[i] = (int16_t)lround(left * next_sample(cue));
    }
    if (fades) {
        cue_begin(cue, CUE_NONE);
    }
    voice_mix(samples, tone);
}
