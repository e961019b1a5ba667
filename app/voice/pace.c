/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/voice/pace.h"

#include <sonic.h>
#include <stdlib.h>
#include <string.h>

static const float usual_pace = 1.0F, hurried_pace = 1.2F;

enum {
    HELD_MAX = 2 * VOICE_FRAME_SAMPLES
};

/* At the usual pace libsonic hands on what it is given: a frame need not go through its hands then,
 * which costs half of what decoding does. What it holds after a hurry, less than a frame, is taken
 * out. */
struct pace {
    sonicStream stream;
    bool hurries;
    bool was_used;  /* the stream was, so that something of before may be in it, */
    bool is_in_use; /* and it may hold samples */
    size_t count;   /* of those that are not in the stream, and come before what it holds */
    int16_t held[HELD_MAX];
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
    pace->count = 0;
    if (!pace->was_used) {
        return;
    }
    pace->was_used = pace->is_in_use = false;
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
    pace->was_used = pace->is_in_use = true;
    (void)sonicWriteShortToStream(pace->stream, copy, VOICE_FRAME_SAMPLES);
}

/* At the usual pace the stream hands on all that it has: it is taken out, if there is room. */
static void take_out(struct pace *pace) {
    int room = HELD_MAX - (int)pace->count, available = sonicSamplesAvailable(pace->stream);
    if (available <= room) {
        pace->count +=
            (size_t)sonicReadShortFromStream(pace->stream, pace->held + pace->count, room);
        pace->is_in_use = false;
    }
}

void pace_put(struct pace *pace, const int16_t samples[VOICE_FRAME_SAMPLES]) {
    if (pace->hurries || pace->is_in_use || pace->count > HELD_MAX - VOICE_FRAME_SAMPLES) {
        put_into_stream(pace, samples);
        if (!pace->hurries) {
            take_out(pace);
        }
    } else {
        memcpy(pace->held + pace->count, samples, VOICE_FRAME_SAMPLES * sizeof samples[0]);
        pace->count += VOICE_FRAME_SAMPLES;
    }
}

bool pace_take(struct pace *pace, int16_t samples[VOICE_FRAME_SAMPLES]) {
    size_t count = pace->count < VOICE_FRAME_SAMPLES ? pace->count : VOICE_FRAME_SAMPLES;
    int missing = VOICE_FRAME_SAMPLES - (int)count;
    if (missing > 0 && (!pace->is_in_use || sonicSamplesAvailable(pace->stream) < missing)) {
        return false;
    }
    memcpy(samples, pace->held, count * sizeof samples[0]);
    pace->count -= count;
    memmove(pace->held, pace->held + count, pace->count * sizeof pace->held[0]);
    return missing == 0 ||
           sonicReadShortFromStream(pace->stream, samples + count, missing) == missing;
}
