/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to sound between a card and the loop: the ring, noise suppression and gain, tones
 * for the officer. */
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/sound/cleaning.h"
#include "app/sound/cue.h"
#include "app/sound/ring.h"
#include "app/sound/sound.h"

enum {
    MANY = 100000
};

static void *put_many(void *context) {
    struct ring *ring = context;
    for (int n = 0; n < MANY;) {
        struct sound_frame frame = {.position = (uint64_t)n};
        frame.samples[0] = (int16_t)n;
        frame.samples[VOICE_FRAME_SAMPLES - 1] = (int16_t)n;
        if (ring_put(ring, 1, &frame)) {
            n++;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void two_threads_lose_no_frame_and_tear_none(void **state) {
    static struct ring ring;
    pthread_t thread;
    (void)state;
    ring_begin(&ring);
    assert_int_equal(pthread_create(&thread, NULL, put_many, &ring), 0);
    for (int n = 0; n < MANY;) {
        struct sound_frame frame;
        if (!ring_take(&ring, 1, &frame)) {
            sched_yield();
            continue;
        }
        assert_int_equal(frame.position, n);
        assert_int_equal(frame.samples[0], (int16_t)n);
        assert_int_equal(frame.samples[VOICE_FRAME_SAMPLES - 1], (int16_t)n);
        n++;
    }
    pthread_join(thread, NULL);
    assert_int_equal(ring_held(&ring), 0);
}

static void frames_of_the_talk_before_are_dropped_and_wiped(void **state) {
    static struct ring ring;
    struct sound_frame frame = {0};
    (void)state;
    ring_begin(&ring);
    memset(frame.samples, 0x55, sizeof frame.samples);
    for (uint32_t n = 0; n < RING_FRAMES; n++) {
        assert_true(ring_put(&ring, n < 10 ? UINT32_MAX : 0, &frame)); /* the number wraps */
    }
    assert_false(ring_put(&ring, 0, &frame));
    assert_true(ring_take(&ring, 0, &frame));
    assert_int_equal(ring_held(&ring), RING_FRAMES - 11);
    assert_false(ring_take(&ring, UINT32_MAX, &frame));
    assert_int_equal(ring_held(&ring), RING_FRAMES - 11);
    ring_drop(&ring, UINT32_MAX);
    assert_int_equal(ring_held(&ring), RING_FRAMES - 11);
    ring_drop(&ring, 0);
    for (size_t n = 0; n < RING_FRAMES; n++) {
        assert_int_equal(ring.places[n].frame.samples[7], 0);
    }
}

static double energy(const int16_t samples[], size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)samples[i] * samples[i];
    }
    return sum / (double)count;
}

/* Two seconds of wind, so to say; the energy of the last tenth of a second. */
static double noise_after(bool suppresses) {
    struct cleaning cleaning;
    struct error error;
    double sum = 0;
    assert_int_equal(cleaning_begin(&cleaning, &error), STATUS_OK);
    for (int n = 0; n < 200; n++) {
        int16_t samples[CLEANING_SAMPLES];
        for (int i = 0; i < CLEANING_SAMPLES; i++) {
            samples[i] = (int16_t)(rand() % 2001 - 1000);
        }
        cleaning_run(&cleaning, samples, 0, suppresses);
        sum += n >= 190 ? energy(samples, CLEANING_SAMPLES) : 0;
    }
    cleaning_end(&cleaning);
    return sum / 10;
}

static void noise_is_suppressed_unless_that_is_off(void **state) {
    (void)state;
    unsigned seed = (unsigned)time(NULL);
    printf("seed %u\n", seed);
    srand(seed);
    double before = noise_after(false);
    assert_true(before > 300000 && before < 370000); /* as it came */
    double after = noise_after(true);
    assert_true(after < before / 4);
}

static void gain_is_what_was_asked_for_and_does_not_overflow(void **state) {
    struct cleaning cleaning;
    struct error error;
    (void)state;
    assert_int_equal(cleaning_begin(&cleaning, &error), STATUS_OK);
    int16_t samples[CLEANING_SAMPLES] = {1000, -1000, 20000, -20000};
    cleaning_run(&cleaning, samples, 6, false);
    assert_in_range(samples[0], 1990, 2000);
    assert_in_range(-samples[1], 1990, 2000);
    assert_int_equal(samples[2], INT16_MAX);
    assert_int_equal(samples[3], INT16_MIN);
    assert_int_equal(samples[4], 0);
    cleaning_end(&cleaning);
}

/* Files and tones are what they are: nothing is done to them. */
static void only_a_microphone_can_be_treated(void **state) {
    static const char *const names[] = {"wav", "tone", "silence"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct capture *capture;
        struct playback *playback;
        struct error error;
        assert_int_equal(sound_open(names[i], NULL, NULL, &capture, &playback, &error), STATUS_OK);
        assert_null(capture->kind->treat);
        assert_false(playback->kind->is_heard);
        capture->kind->close(capture);
        assert_int_equal(playback->kind->close(playback, &error), STATUS_OK);
    }
}

static void each_cue_is_heard_over_speech_and_ends(void **state) {
    (void)state;
    for (int kind = CUE_NONE + 1; kind < CUE_KINDS; kind++) {
        struct cue cue;
        cue_begin(&cue, (enum cue_kind)kind);
        int frames = 0;
        for (; cue_plays(&cue) && frames < 1000; frames++) {
            int16_t samples[VOICE_FRAME_SAMPLES];
            for (int i = 0; i < VOICE_FRAME_SAMPLES; i++) {
                samples[i] = i % 2 ? INT16_MAX : INT16_MIN;
            }
            cue_mix(&cue, samples);
            for (int i = 0; i < VOICE_FRAME_SAMPLES; i++) {
                assert_true(i % 2 ? samples[i] > 0 : samples[i] < 0);
            }
        }
        /* Only what goes on while it rings has a pause in it, and that is longer. */
        assert_in_range(frames, 5, kind < CUE_RINGS_HERE ? 35 : 250);
    }
}

enum {
    CUE_SAMPLES_MAX = 5 * VOICE_RATE
};

/* All of it, or as much as ends within `frames`; returns how many samples. */
static size_t play_cue(enum cue_kind kind, size_t frames, int16_t out[CUE_SAMPLES_MAX]) {
    struct cue cue;
    size_t count = 0;
    cue_begin(&cue, kind);
    for (size_t frame = 0; cue_plays(&cue); frame++) {
        if (frame + 1 == frames) {
            cue_end(&cue);
        }
        assert_true(count + VOICE_FRAME_SAMPLES <= CUE_SAMPLES_MAX);
        memset(out + count, 0, VOICE_FRAME_SAMPLES * sizeof out[0]);
        cue_mix(&cue, out + count);
        count += VOICE_FRAME_SAMPLES;
    }
    return count;
}

/* Nobody is startled: quiet, and without clicks, wherever it is broken off. */
static void no_cue_is_loud_or_clicks(void **state) {
    static int16_t samples[CUE_SAMPLES_MAX];
    (void)state;
    for (int kind = CUE_NONE + 1; kind < CUE_KINDS; kind++) {
        for (size_t frames = 1; frames <= 40; frames++) {
            size_t count = play_cue((enum cue_kind)kind, frames, samples);
            int last = 0;
            for (size_t i = 0; i < count; i++) {
                assert_in_range(samples[i] + 7000, 0, 14000);
                /* 1319 Hz at full swing moves by less. */
                assert_true(abs(samples[i] - last) < 3000);
                last = samples[i];
            }
            assert_in_range(last + 100, 0, 200);
        }
    }
}

/* They are told apart by the ear. */
static void no_two_cues_sound_alike(void **state) {
    static int16_t samples[CUE_KINDS][CUE_SAMPLES_MAX];
    (void)state;
    for (int one = CUE_NONE + 1; one < CUE_KINDS; one++) {
        size_t count = play_cue((enum cue_kind)one, SIZE_MAX, samples[one]);
        for (int other = CUE_NONE + 1; other < one; other++) {
            assert_memory_not_equal(samples[one], samples[other], count * sizeof(int16_t));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_threads_lose_no_frame_and_tear_none),
        cmocka_unit_test(frames_of_the_talk_before_are_dropped_and_wiped),
        cmocka_unit_test(noise_is_suppressed_unless_that_is_off),
        cmocka_unit_test(gain_is_what_was_asked_for_and_does_not_overflow),
        cmocka_unit_test(only_a_microphone_can_be_treated),
        cmocka_unit_test(each_cue_is_heard_over_speech_and_ends),
        cmocka_unit_test(no_cue_is_loud_or_clicks),
        cmocka_unit_test(no_two_cues_sound_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
