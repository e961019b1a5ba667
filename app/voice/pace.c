/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/pace.h"

#include <sonic.h>
#include <stdlib.h>
#include <string.h>

static const float usual_pace = 1.0F, hurried_pace = 1.2F;

/* At the usual pace libsonic hands on what it is given. Until it has been in a hurry, a frame need
 * not go through its hands, which costs half of what decoding does. */
struct pace {
    sonicStream stream;
    bool hurries;
    bool is_in_use; /* the stream may hold something */
    bool is_held;   /* a frame that has not gone into it, and comes before what it holds */
    int16_t held[VOICE_FRAME_SAMPLES];
};

static sonicStream stream_new(void) {
    return sonicCreateStream(VOICE_RATE, 1);
}

enum status pace_new(struct pace **out) {
    struct pace *pace = calloc(1, sizeof *pace);
    *out = NULL;
    if (pace != NULL) {
        pace->stream = stream_new();
    }
    if (pace == NULL || pace->stream == NULL) {
        free(pace);
        return STATUS_NO_MEMORY;
    }
    *out = pace;
    return STATUS_OK;
}

void pace_free(struct pace *pace) {
    if (pace != NULL) {
        sonicDestroyStream(pace->stream);
        free(pace);
    }
}

void pace_reset(struct pace *pace) {
    int16_t dropped[VOICE_FRAME_SAMPLES];
    pace_hurry(pace, false);
    pace->is_held = false;
    if (!pace->is_in_use) {
        return;
    }
    pace->is_in_use = false;
    (void)sonicFlushStream(pace->stream);
    while (sonicReadShortFromStream(pace->stream, dropped, VOICE_FRAME_SAMPLES) > 0) {
    }
}

void pace_hurry(struct pace *pace, bool hurries) {
    if (hurries != pace->hurries) {
        pace->hurries = hurries;
        sonicSetSpeed(pace->stream, hurries ? hurried_pace : usual_pace);
    }
}

static void put_into_stream(struct pace *pace, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    int16_t copy[VOICE_FRAME_SAMPLES]; /* the library does not say that it leaves them alone */
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        copy[i] = samples[i];
    }
    pace->is_in_use = true;
    (void)sonicWriteShortToStream(pace->stream, copy, VOICE_FRAME_SAMPLES);
}

void pace_put(struct pace *pace, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (pace->hurries || pace->is_in_use || pace->is_held) {
        put_into_stream(pace, samples);
    } else {
        memcpy(pace->held, samples, sizeof pace->held);
        pace->is_held = true;
    }
}

bool pace_take(struct pace *pace, int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (pace->is_held) {
        memcpy(samples, pace->held, sizeof pace->held);
        pace->is_held = false;
        return true;
    }
    return sonicSamplesAvailable(pace->stream) >= VOICE_FRAME_SAMPLES &&
           sonicReadShortFromStream(pace->stream, samples, VOICE_FRAME_SAMPLES) ==
               VOICE_FRAME_SAMPLES;
}
