/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/given_voice.h"

#include <string.h>

#include "crypto/secret.h"

enum {
    FRAME = VOICE_FRAME_SAMPLES * GIVEN_VOICE_SAMPLE,
    HELD_MS = 100 /* what is due for longer was slept through */
};

uint64_t given_voice_length(int64_t octets) {
    const int64_t most = (int64_t)GIVEN_VOICE_LONGEST_S * VOICE_RATE * GIVEN_VOICE_SAMPLE;
    bool is_good = octets > 0 && octets <= most && octets % GIVEN_VOICE_SAMPLE == 0;
    return is_good ? (uint64_t)octets : 0;
}

void given_voice_begin(struct given_voice *voice, uint64_t octets, int64_t now_ms) {
    voice->is_on = true;
    voice->left = octets;
    voice->first = voice->held = 0;
    metronome_start(&voice->clock, now_ms);
}

void given_voice_end(struct given_voice *voice) {
    if (voice->is_on) {
        secret_wipe(voice, sizeof *voice);
    }
}

size_t given_voice_room(const struct given_voice *voice) {
    size_t room = sizeof voice->octets - voice->held;
    return !voice->is_on ? 0 : voice->left < room ? (size_t)voice->left : room;
}

void given_voice_take(struct given_voice *voice, const uint8_t *octets, size_t length) {
    size_t room = given_voice_room(voice);
    length = length < room ? length : room;
    for (size_t i = 0; i < length; i++) {
        voice->octets[(voice->first + voice->held + i) % sizeof voice->octets] = octets[i];
    }
    voice->held += length;
    voice->left -= length;
}

int64_t given_voice_deadline(const struct given_voice *voice) {
    return metronome_deadline(&voice->clock);
}

bool given_voice_next(struct given_voice *voice, int64_t now_ms, struct sound_frame *frame) {
    uint8_t octets[FRAME] = {0};
    if (!voice->is_on || metronome_due(&voice->clock, now_ms, HELD_MS) == 0) {
        return false;
    }
    metronome_take(&voice->clock, frame);
    size_t length = voice->held < FRAME ? voice->held : FRAME;
    /* Half a frame waits for the rest of it, unless that is the end. */
    length = length < FRAME && voice->left > 0 ? 0 : length;
    for (size_t i = 0; i < length; i++) {
        octets[i] = voice->octets[(voice->first + i) % sizeof voice->octets];
    }
    voice->first = (voice->first + length) % sizeof voice->octets;
    voice->held -= length;
    memcpy(frame->samples, octets, sizeof octets);
    secret_wipe(octets, sizeof octets);
    return true;
}

bool given_voice_is_over(const struct given_voice *voice) {
    return voice->is_on && voice->left == 0 && voice->held == 0;
}
