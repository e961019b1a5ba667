/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/pace.h"

#include <sonic.h>
#include <stdlib.h>

static const float usual_pace = 1.0F, hurried_pace = 1.2F;

struct pace {
    sonicStream stream;
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
    (void)sonicFlushStream(pace->stream);
    while (sonicReadShortFromStream(pace->stream, dropped, VOICE_FRAME_SAMPLES) > 0) {
    }
}

void pace_hurry(struct pace *pace, bool hurries) {
    sonicSetSpeed(pace->stream, hurries ? hurried_pace : usual_pace);
}

void pace_put(struct pace *pace, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    int16_t copy[VOICE_FRAME_SAMPLES]; /* the library does not say that it leaves them alone */
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        copy[i] = samples[i];
    }
    (void)sonicWriteShortToStream(pace->stream, copy, VOICE_FRAME_SAMPLES);
}

bool pace_take(struct pace *pace, int16_t samples[VOICE_FRAME_SAMPLES]) {
    return sonicSamplesAvailable(pace->stream) >= VOICE_FRAME_SAMPLES &&
           sonicReadShortFromStream(pace->stream, samples, VOICE_FRAME_SAMPLES) ==
               VOICE_FRAME_SAMPLES;
}
