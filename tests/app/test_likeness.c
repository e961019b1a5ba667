/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/voice/likeness.h"
#include "tests/app/voice_fixture.h"

static const char *const NAMES[] = {"bridge", "ladder", "medic"};
enum {
    NAME_COUNT = sizeof NAMES / sizeof NAMES[0]
};

static struct recording recording_of(struct wav wav) {
    return (struct recording){wav.samples, wav.count};
}

static double score_of(struct wav sent, struct wav received, int *delay_ms) {
    double score = -1;
    assert_int_equal(likeness(recording_of(sent), recording_of(received), &score, delay_ms),
                     STATUS_OK);
    print_message("likeness %.3f\n", score);
    return score;
}

static unsigned fair(unsigned number, unsigned arrival[4]) {
    (void)number;
    arrival[0] = 0;
    return 1;
}

static unsigned one_of_ten_lost(unsigned number, unsigned arrival[4]) {
    arrival[0] = 1;
    return number % 10 == 4 ? 0 : 1;
}

static unsigned uneven(unsigned number, unsigned arrival[4]) {
    arrival[0] = number * 7919 % 4;
    return number % 12 == 5 ? 0 : 1;
}

static void speech_through_the_codec_is_like_what_was_sent(void **state) {
    (void)state;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        struct wav sent = voice_fixture(NAMES[i]);
        struct wav heard = voice_journey(sent, 0, fair);
        int delay_ms = -1;
        assert_true(score_of(sent, heard, &delay_ms) > 0.85);
        assert_in_range(delay_ms, 0, 100);
        free(heard.samples);
        free(sent.samples);
    }
}

static void speech_with_lost_and_late_packets_is_still_the_same_speech(void **state) {
    (void)state;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        struct wav sent = voice_fixture(NAMES[i]);
        struct wav lossy = voice_journey(sent, 77, one_of_ten_lost);
        assert_true(score_of(sent, lossy, NULL) > 0.85);
        struct wav late = voice_journey(sent, 77, uneven);
        assert_true(score_of(sent, late, NULL) > 0.8);
        free(late.samples);
        free(lossy.samples);
        free(sent.samples);
    }
}

static void other_speech_is_not_like_what_was_sent(void **state) {
    (void)state;
    for (size_t i = 0; i < NAME_COUNT; i++) {
        for (size_t j = 0; j < NAME_COUNT; j++) {
            struct wav sent = voice_fixture(NAMES[i]);
            struct wav other = voice_fixture(NAMES[j]);
            double score = score_of(sent, other, NULL);
            assert_true(i == j ? score > 0.99 : score < 0.3);
            free(other.samples);
            free(sent.samples);
        }
    }
}

static void noise_silence_and_nothing_are_like_no_speech(void **state) {
    (void)state;
    struct wav sent = voice_fixture("bridge");
    struct wav noise = {calloc(sent.count, sizeof(int16_t)), sent.count};
    assert_non_null(noise.samples);
    assert_true(score_of(sent, noise, NULL) == 0);
    uint32_t random = 1;
    for (size_t i = 0; i < noise.count; i++) {
        random = random * 1664525 + 1013904223;
        noise.samples[i] = (int16_t)(random >> 18);
    }
    assert_true(score_of(sent, noise, NULL) < 0.1);
    assert_true(score_of(noise, sent, NULL) < 0.1);
    assert_true(score_of(sent, (struct wav){NULL, 0}, NULL) == 0);
    assert_true(score_of((struct wav){NULL, 0}, sent, NULL) == 0);
    free(noise.samples);
    free(sent.samples);
}

static void words_spoken_backwards_are_not_like_what_was_sent(void **state) {
    (void)state;
    struct wav sent = voice_fixture("ladder");
    struct wav backwards = {calloc(sent.count, sizeof(int16_t)), sent.count};
    assert_non_null(backwards.samples);
    for (size_t i = 0; i < sent.count; i++) {
        backwards.samples[i] = sent.samples[sent.count - 1 - i];
    }
    assert_true(score_of(sent, backwards, NULL) < 0.3);
    free(backwards.samples);
    free(sent.samples);
}

static void speech_is_found_within_a_longer_recording(void **state) {
    (void)state;
    struct wav first = voice_fixture("medic");
    struct wav second = voice_fixture("ladder");
    const size_t pause = 5000;
    struct wav both = {calloc(first.count + pause + second.count, sizeof(int16_t)),
                       first.count + pause + second.count};
    assert_non_null(both.samples);
    memcpy(both.samples, first.samples, first.count * sizeof(int16_t));
    for (size_t i = 0; i < second.count; i++) {
        both.samples[first.count + pause + i] = (int16_t)(second.samples[i] / 3);
    }
    int delay_ms = -1;
    assert_true(score_of(second, both, &delay_ms) > 0.85);
    assert_in_range(delay_ms, (first.count + pause) / 16 - 20, (first.count + pause) / 16 + 20);
    struct wav third = voice_fixture("bridge");
    assert_true(score_of(third, both, NULL) < 0.3);
    free(third.samples);
    free(both.samples);
    free(second.samples);
    free(first.samples);
}

static void speech_that_breaks_off_half_way_is_half_as_like(void **state) {
    (void)state;
    struct wav sent = voice_fixture("bridge");
    struct wav half = {sent.samples, sent.count / 2};
    assert_true(score_of(sent, half, NULL) < LIKENESS_SAME);
    free(sent.samples);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_through_the_codec_is_like_what_was_sent),
        cmocka_unit_test(speech_with_lost_and_late_packets_is_still_the_same_speech),
        cmocka_unit_test(other_speech_is_not_like_what_was_sent),
        cmocka_unit_test(noise_silence_and_nothing_are_like_no_speech),
        cmocka_unit_test(words_spoken_backwards_are_not_like_what_was_sent),
        cmocka_unit_test(speech_is_found_within_a_longer_recording),
        cmocka_unit_test(speech_that_breaks_off_half_way_is_half_as_like),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
