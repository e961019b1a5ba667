/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/tones.h"

void tones_begin(struct tones *tones, enum cue_kind kind) {
    bool is_permit = kind == CUE_TALK_PERMIT;
    if (kind != CUE_NONE && !(is_permit && (tones->has_no_permit || cue_plays(&tones->cue)))) {
        cue_begin(&tones->cue, kind);
    }
}

enum cue_kind tones_of(enum event_kind kind) {
    switch (kind) {
    case EVENT_OWN_TALK_BEGAN:
        return CUE_TALK_PERMIT;
    case EVENT_EMERGENCY:
        return CUE_EMERGENCY;
    case EVENT_OWN_TALK_ENDS_SOON:
        return CUE_TALK_ENDS_SOON;
    case EVENT_FLOOR_LOST:
    case EVENT_OWN_TALK_CUT_OFF:
    case EVENT_OWN_TALK_SLEPT:
    case EVENT_OWN_TALK_TOO_LONG:
        return CUE_TALK_CUT_OFF;
    case EVENT_FLOOR_GRANTED:
        return CUE_YOUR_TURN;
    case EVENT_FLOOR_TURN_MISSED:
    case EVENT_FLOOR_NOT_ANSWERED:
    case EVENT_FLOOR_DENIED:
    case EVENT_FLOOR_REQUEST_OVER:
        return CUE_TALK_REFUSED;
    default:
        return CUE_NONE;
    }
}

void tones_ring(struct tones *tones, enum cue_kind kind) {
    if (kind == tones->ring.kind) {
        return;
    }
    if (kind == CUE_NONE) {
        cue_end(&tones->ring);
    } else {
        cue_begin(&tones->ring, kind);
    }
}

bool tones_play(const struct tones *tones) {
    return cue_plays(&tones->cue) || cue_plays(&tones->ring);
}

void tones_mix(struct tones *tones, int16_t samples[VOICE_FRAME_SAMPLES]) {
    cue_mix(&tones->cue, samples);
    cue_mix(&tones->ring, samples);
}
