/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/programs/demo/hearing.h"
#include "app/sound/wav.h"

enum {
    TALKER,
    LISTENER,
    STATIONS,
    DELAY_BEATS = 3
};

static const int16_t silence[VOICE_FRAME_SAMPLES];

/* One beat: what is said at the talker, and what comes out of the listener. */
static bool beat(struct hearing *hearing, const int16_t *said, const int16_t *heard) {
    hearing_beat(hearing, TALKER, said, silence, false);
    hearing_beat(hearing, LISTENER, NULL, heard ? heard : silence, heard != NULL);
    return hearing_is_over(hearing);
}

/* The talker says a recording, and the listener hears another, DELAY_BEATS later. Returns after how
 * many beats of quiet the talk was over. */
static int play(struct hearing *hearing, const struct wav *said, const struct wav *heard) {
    size_t beats = said->count / VOICE_FRAME_SAMPLES;
    for (size_t i = 0; i < beats + DELAY_BEATS; i++) {
        const int16_t *in = i < beats ? said->samples + i * VOICE_FRAME_SAMPLES : NULL;
        const int16_t *out = NULL;
        if (heard && i >= DELAY_BEATS &&
            (i - DELAY_BEATS + 1) * VOICE_FRAME_SAMPLES <= heard->count) {
            out = heard->samples + (i - DELAY_BEATS) * VOICE_FRAME_SAMPLES;
        }
        assert_false(beat(hearing, in, out));
    }
    for (int quiet = 1; quiet < 100; quiet++) {
        if (beat(hearing, NULL, NULL)) {
            return quiet;
        }
    }
    fail_msg("the talk never ended");
    return 0;
}

static struct wav voice(const char *path) {
    struct wav wav;
    struct error error;
    assert_int_equal(wav_load(path, &wav, &error), STATUS_OK);
    return wav;
}

static void what_was_heard_as_said_is_the_same_speech(void **state) {
    (void)state;
    struct hearing *hearing = hearing_new(STATIONS);
    struct wav said = voice("fixtures/voice/bridge.wav");
    double score;
    assert_in_range(play(hearing, &said, &said), 20, 60);
    assert_int_equal(hearing_said_ms(hearing, TALKER) / 20,
                     (int64_t)(said.count / VOICE_FRAME_SAMPLES));
    assert_int_equal(hearing_said_ms(hearing, LISTENER), 0);
    assert_int_equal(hearing_likeness(hearing, TALKER, LISTENER, &score), STATUS_OK);
    assert_true(score > 0.99);
    free(said.samples);
    hearing_free(hearing);
}

static void other_speech_and_silence_are_not_the_same_speech(void **state) {
    (void)state;
    struct hearing *hearing = hearing_new(STATIONS);
    struct wav said = voice("fixtures/voice/bridge.wav"), other = voice("fixtures/voice/medic.wav");
    double score;
    play(hearing, &said, &other);
    assert_int_equal(hearing_likeness(hearing, TALKER, LISTENER, &score), STATUS_OK);
    assert_true(score < LIKENESS_SAME);
    assert_true(hearing_heard_ms(hearing, LISTENER) > 0);
    /* New tapes for the next talk: nothing of the last one is on them. */
    play(hearing, &said, NULL);
    assert_int_equal(hearing_heard_ms(hearing, LISTENER), 0);
    assert_int_equal(hearing_likeness(hearing, TALKER, LISTENER, &score), STATUS_OK);
    assert_true(score < LIKENESS_SAME);
    free(said.samples);
    free(other.samples);
    hearing_free(hearing);
}

static void without_a_talk_nothing_is_ever_over(void **state) {
    (void)state;
    struct hearing *hearing = hearing_new(STATIONS);
    for (int i = 0; i < 500; i++) {
        assert_false(beat(hearing, NULL, NULL));
    }
    assert_false(hearing_is_running(hearing));
    hearing_free(hearing);
}

static void a_talk_longer_than_the_tape_is_kept_to_its_end(void **state) {
    (void)state;
    struct hearing *hearing = hearing_new(STATIONS);
    for (int i = 0; i < LIKENESS_SAMPLES_MAX / VOICE_FRAME_SAMPLES + 100; i++) {
        assert_false(beat(hearing, silence, silence));
    }
    assert_int_equal(hearing_said_ms(hearing, TALKER), 120000);
    hearing_free(hearing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_heard_as_said_is_the_same_speech),
        cmocka_unit_test(other_speech_and_silence_are_not_the_same_speech),
        cmocka_unit_test(without_a_talk_nothing_is_ever_over),
        cmocka_unit_test(a_talk_longer_than_the_tape_is_kept_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
