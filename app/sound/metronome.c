/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/metronome.h"

static void pass(struct metronome *metronome, int64_t frames) {
    metronome->position += (uint64_t)frames * VOICE_FRAME_SAMPLES;
    metronome->due_ms += frames * VOICE_FRAME_MS;
}

void metronome_start(struct metronome *metronome, int64_t now_ms) {
    *metronome = (struct metronome){.runs = true, .due_ms = now_ms + VOICE_FRAME_MS};
}

size_t metronome_due(struct metronome *metronome, int64_t now_ms, int64_t held_ms) {
    if (!metronome->runs || now_ms < metronome->due_ms) {
        return 0;
    }
    int64_t late_ms = now_ms - metronome->due_ms;
    if (late_ms > held_ms) {
        pass(metronome, (late_ms - held_ms + VOICE_FRAME_MS - 1) / VOICE_FRAME_MS);
    }
    return (size_t)((now_ms - metronome->due_ms) / VOICE_FRAME_MS) + 1;
}

void metronome_take(struct metronome *metronome, struct sound_frame *frame) {
    frame->position = metronome->position;
    frame->at_ms = metronome->due_ms - VOICE_FRAME_MS;
    pass(metronome, 1);
}

int64_t metronome_deadline(const struct metronome *metronome) {
    return metronome->runs ? metronome->due_ms : INT64_MAX;
}
