/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The test of a microphone: three seconds are recorded, and then played.
 */
#ifndef MUSTER_APP_PROGRAMS_SOUND_TEST_H
#define MUSTER_APP_PROGRAMS_SOUND_TEST_H

#include "app/sound/frame.h"

enum {
    SOUND_TEST_MS = 3000,
    SOUND_TEST_LIMIT_MS = 5000, /* to record that much; a microphone that comes later is not open */
    SOUND_TEST_FRAMES = SOUND_TEST_MS / VOICE_FRAME_MS
};

enum sound_test_state {
    SOUND_TEST_RESTS,
    SOUND_TEST_RECORDS,
    SOUND_TEST_PLAYS,
};

/* Zero is at rest. */
struct sound_test {
    enum sound_test_state state;
    int64_t until_ms; /* boot clock: when it ends if it still records */
    size_t count, at; /* frames recorded, and played */
    int16_t samples[SOUND_TEST_FRAMES][VOICE_FRAME_SAMPLES];
};

/* Begins to record, at `now_ms` of the boot clock. */
void sound_test_begin(struct sound_test *test, int64_t now_ms);

/* Ends it, and wipes what was recorded. */
void sound_test_end(struct sound_test *test);

/* Who talks records nothing for itself; and whose microphone gives nothing, nothing later. */
void sound_test_settle(struct sound_test *test, int64_t now_ms, bool is_talking);

/* When it has to be settled; INT64_MAX: never. */
int64_t sound_test_deadline(const struct sound_test *test);

bool sound_test_is_on(const struct sound_test *test);
bool sound_test_records(const struct sound_test *test);
bool sound_test_plays(const struct sound_test *test);

/* Records a frame; after the last one it plays. */
void sound_test_take(struct sound_test *test, const struct sound_frame *frame);

/* Mixes the next 20 ms of what was recorded into `frame`; after the last one it rests. */
void sound_test_give(struct sound_test *test, struct sound_frame *frame);

#endif
