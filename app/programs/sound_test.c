/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/sound_test.h"

#include <string.h>

#include "crypto/secret.h"

void sound_test_end(struct sound_test *test) {
    if (sound_test_is_on(test)) {
        secret_wipe(test, sizeof *test);
    }
}

void sound_test_begin(struct sound_test *test, int64_t now_ms) {
    test->state = SOUND_TEST_RECORDS;
    test->until_ms = now_ms + SOUND_TEST_LIMIT_MS;
}

void sound_test_settle(struct sound_test *test, int64_t now_ms, bool is_talking) {
    if (is_talking || now_ms >= sound_test_deadline(test)) {
        sound_test_end(test);
    }
}

int64_t sound_test_deadline(const struct sound_test *test) {
    return sound_test_records(test) ? test->until_ms : INT64_MAX;
}

bool sound_test_is_on(const struct sound_test *test) {
    return test->state != SOUND_TEST_RESTS;
}

bool sound_test_records(const struct sound_test *test) {
    return test->state == SOUND_TEST_RECORDS;
}

bool sound_test_plays(const struct sound_test *test) {
    return test->state == SOUND_TEST_PLAYS;
}

void sound_test_take(struct sound_test *test, const struct sound_frame *frame) {
    memcpy(test->samples[test->count++], frame->samples, sizeof frame->samples);
    if (test->count == SOUND_TEST_FRAMES) {
        test->state = SOUND_TEST_PLAYS;
    }
}

void sound_test_give(struct sound_test *test, struct sound_frame *frame) {
    voice_mix(frame->samples, test->samples[test->at++]);
    frame->is_silence = false;
    if (test->at == test->count) {
        sound_test_end(test);
    }
}
