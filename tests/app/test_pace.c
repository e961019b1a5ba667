/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pace of playing (app/voice/pace.h). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sonic.h>

#include "app/voice/pace.h"

enum {
    FRAMES = 100,
    WAVES = 8, /* of a tone of 400 Hz in a frame */
};

/* 20 ms of a tone, of which 20 ms begin as they end. */
static void tone(int16_t samples[VOICE_FRAME_SAMPLES]) {
    const double turn = 6.283185307179586;
    for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
        samples[i] = (int16_t)lround(12000 * sin((double)i * turn * WAVES / VOICE_FRAME_SAMPLES));
    }
}

/* How often the samples cross zero upwards. */
static unsigned crossings(const int16_t samples[VOICE_FRAME_SAMPLES]) {
    unsigned count = 0;
    for (size_t i = 1; i < VOICE_FRAME_SAMPLES; i++) {
        count += samples[i - 1] < 0 && samples[i] >= 0;
    }
    return count;
}

/* How many frames come out when FRAMES are put in; each of them as loud and as high as those. */
static unsigned frames_out(struct pace *pace) {
    int16_t samples[VOICE_FRAME_SAMPLES];
    unsigned count = 0;
    tone(samples);
    unsigned level = voice_level(samples);
    for (unsigned i = 0; i < FRAMES; i++) {
        tone(samples);
        pace_put(pace, samples);
        while (pace_take(pace, samples)) {
            assert_in_range(crossings(samples), WAVES - 1, WAVES);
            assert_in_range(voice_level(samples), level - 1, level + 1);
            count++;
        }
    }
    return count;
}

static void at_the_usual_pace_each_frame_comes_out_as_it_is(void **state) {
    (void)state;
    struct pace *pace = NULL;
    assert_int_equal(pace_new(&pace), STATUS_OK);
    for (int k = 0; k < 20; k++) {
        int16_t in[VOICE_FRAME_SAMPLES], out[VOICE_FRAME_SAMPLES];
        for (size_t i = 0; i < VOICE_FRAME_SAMPLES; i++) {
            in[i] = (int16_t)((int)i * 991 * (k + 1));
        }
        assert_false(pace_take(pace, out));
        pace_put(pace, in);
        assert_true(pace_take(pace, out));
        assert_memory_equal(in, out, sizeof in);
    }
    pace_free(pace);
}

static void in_a_hurry_words_take_a_sixth_less_time_and_sound_no_higher(void **state) {
    (void)state;
    struct pace *pace = NULL;
    assert_int_equal(pace_new(&pace), STATUS_OK);
    pace_hurry(pace, true);
    assert_in_range(frames_out(pace), FRAMES * 5 / 6 - 3, FRAMES * 5 / 6 + 1);
    /* Then what was in its hands comes out with the rest. */
    pace_hurry(pace, false);
    assert_in_range(frames_out(pace), FRAMES, FRAMES + 3);
    pace_free(pace);
}

static void another_stream_hears_nothing_of_the_one_before(void **state) {
    (void)state;
    int16_t samples[VOICE_FRAME_SAMPLES];
    struct pace *pace = NULL;
    assert_int_equal(pace_new(&pace), STATUS_OK);
    pace_hurry(pace, true);
    (void)frames_out(pace);
    pace_reset(pace);
    assert_false(pace_take(pace, samples));
    memset(samples, 0, sizeof samples);
    pace_put(pace, samples);
    assert_true(pace_take(pace, samples));
    assert_int_equal(voice_level(samples), 0);
    assert_false(pace_take(pace, samples));
    pace_free(pace);
}

/* What goes round it comes out as what goes through it, in whatever order. */
static void what_comes_out_is_what_libsonic_makes_of_it(void **state) {
    (void)state;
    enum {
        ROUNDS = 3000
    };
    int16_t in[VOICE_FRAME_SAMPLES], out[VOICE_FRAME_SAMPLES], expected[VOICE_FRAME_SAMPLES];
    uint32_t random = 20;
    unsigned hurried = 0, frames = 0;
    struct pace *pace = NULL;
    sonicStream stream = sonicCreateStream(VOICE_RATE, 1);
    assert_int_equal(pace_new(&pace), STATUS_OK);
    assert_non_null(stream);
    for (unsigned round = 0; round < ROUNDS; round++) {
        random = random * 1664525 + 1013904223;
        bool hurries = (random >> 16) % 16 == 0;
        hurried += hurries;
        pace_hurry(pace, hurries);
        sonicSetSpeed(stream, hurries ? 1.2F : 1.0F);
        for (unsigned puts = (random >> 20) % 3; puts > 0; puts--) {
            tone(in);
            in[round % VOICE_FRAME_SAMPLES] = (int16_t)(random >> 24);
            pace_put(pace, in);
            assert_int_equal(sonicWriteShortToStream(stream, in, VOICE_FRAME_SAMPLES), 1);
        }
        for (unsigned takes = (random >> 24) % 3; takes > 0; takes--) {
            bool is_there = sonicSamplesAvailable(stream) >= VOICE_FRAME_SAMPLES;
            assert_int_equal(pace_take(pace, out), is_there);
            if (is_there) {
                frames++;
                (void)sonicReadShortFromStream(stream, expected, VOICE_FRAME_SAMPLES);
                assert_memory_equal(out, expected, sizeof out);
            }
        }
        if (random >> 26 == 0) { /* another stream */
            pace_reset(pace);
            (void)sonicFlushStream(stream);
            while (sonicReadShortFromStream(stream, expected, VOICE_FRAME_SAMPLES) > 0) {
            }
        }
    }
    print_message("%u frames, %u rounds in a hurry\n", frames, hurried);
    assert_in_range(frames, ROUNDS / 4, ROUNDS);
    sonicDestroyStream(stream);
    pace_free(pace);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_the_usual_pace_each_frame_comes_out_as_it_is),
        cmocka_unit_test(in_a_hurry_words_take_a_sixth_less_time_and_sound_no_higher),
        cmocka_unit_test(another_stream_hears_nothing_of_the_one_before),
        cmocka_unit_test(what_comes_out_is_what_libsonic_makes_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
