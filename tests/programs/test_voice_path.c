/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Voice from a microphone through two engines to a loudspeaker, by clocks that the test sets: no
 * real time passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/programs/voice_scene.h"

static void devices_run_while_they_are_wanted_and_rest_otherwise(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    voice_scene_pass(scene, 500);
    assert_int_equal(voice_path_deadline(&talker->path), INT64_MAX);
    for (unsigned talk = 1; talk <= 2; talk++) {
        voice_scene_talk(scene);
        voice_scene_pass(scene, 1000);
        assert_int_equal(talker->capture.starts, talk);
        assert_int_equal(talker->playback.starts, 0);
        assert_int_equal(listener->capture.starts, 0);
        assert_int_equal(listener->playback.starts, talk);
        /* The source begins with the talk. */
        assert_in_range(talker->capture.said, 49, 50);
        voice_scene_stop(scene);
        voice_scene_pass(scene, 1000);
        assert_int_equal(talker->capture.stops, talk);
        assert_int_equal(listener->playback.stops, talk);
        assert_int_equal(voice_path_deadline(&talker->path), INT64_MAX);
        assert_int_equal(voice_path_deadline(&listener->path), INT64_MAX);
        assert_in_range(listener->playback.heard, talk * 48, talk * 52);
    }
    voice_scene_free(scene);
}

static void clocks_that_drift_lose_nothing(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(200, -200, has_events);
    const struct voice_scene_side *talker = &scene->sides[TALKER],
                                  *listener = &scene->sides[LISTENER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 30 * 1000);
    /* By the microphone's own clock 30.006 s have passed. */
    assert_in_range(talker->capture.read, 1499, 1500);
    assert_int_equal(talker->capture.said, talker->capture.read);
    assert_int_equal(talker->capture.overrun, 0);
    assert_int_equal(listener->playback.underrun, 0);
    assert_in_range(listener->playback.heard, 1480, 1505);
    voice_scene_free(scene);
}

static void what_was_said_while_the_program_was_late_is_sent_in_turns(void **state) {
    (void)state;
    struct voice_scene *scene = voice_scene_new(0, 0, false);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 200);
    scene->is_stalled = true;
    voice_scene_pass(scene, 800);
    assert_in_range(talker->capture.read, 9, 10);
    voice_path_run(&talker->path, squad_now(scene->squad, TALKER));
    assert_in_range(talker->capture.read, 14, 15);
    assert_true(voice_path_deadline(&talker->path) <= scene->squad->boot_ms);
    scene->is_stalled = false;
    voice_scene_pass(scene, 20);
    assert_in_range(talker->capture.read, 50, 51);
    assert_int_equal(talker->capture.overrun, 0);
    voice_scene_free(scene);
}

/* A shell's voice: the microphone stays closed for that talk, and is open in the next. */
static void given_voice_is_said_in_place_of_the_microphones(void **state) {
    enum {
        GIVEN_MS = 1000,
        GIVEN = GIVEN_MS / 1000 * VOICE_RATE * GIVEN_VOICE_SAMPLE
    };
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    struct given_voice *given = &talker->path.given;
    static uint8_t octets[GIVEN];
    for (size_t i = 0; i < GIVEN; i += 2) {
        octets[i + 1] = i / 64 % 2 == 0 ? 0x20 : 0xE0; /* 250 Hz, loud */
    }
    voice_scene_talk(scene);
    voice_path_give(&talker->path, GIVEN, squad_now(scene->squad, TALKER));
    given_voice_take(given, octets, GIVEN / 2);
    voice_scene_pass(scene, GIVEN_MS); /* the second half is late: it is silent meanwhile */
    assert_false(given_voice_is_over(given));
    assert_int_equal(given_voice_room(given), GIVEN / 2);
    given_voice_take(given, octets, GIVEN / 2);
    assert_int_equal(given->left, 0);
    voice_scene_pass(scene, GIVEN_MS / 2 - 100);
    assert_false(given_voice_is_over(given));
    voice_scene_pass(scene, 200);
    assert_true(given_voice_is_over(given));
    assert_int_equal(talker->capture.starts, 0);
    assert_true(listener->playback.peak > 3000);
    assert_true(listener->playback.heard > GIVEN_MS / VOICE_FRAME_MS);
    voice_scene_stop(scene);
    voice_scene_pass(scene, 500);
    assert_false(given->is_on);
    assert_int_equal(voice_path_deadline(&talker->path), INT64_MAX);
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    assert_int_equal(talker->capture.starts, 1);
    voice_scene_free(scene);
}

/* The officer takes the talk over in the middle of it: what was not said is wiped, and it is the
 * officer who is heard. */
static void given_voice_that_is_ended_leaves_the_talk_to_the_microphone(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    static const uint8_t octets[GIVEN_VOICE_MAX] = {1, 2, 3};
    static const struct given_voice none;
    voice_scene_talk(scene);
    voice_path_give(&talker->path, 3 * GIVEN_VOICE_MAX, squad_now(scene->squad, TALKER));
    given_voice_take(&talker->path.given, octets, sizeof octets);
    assert_int_equal(given_voice_room(&talker->path.given), 0);
    voice_scene_pass(scene, 200);
    assert_int_equal(talker->capture.starts, 0);
    assert_in_range(given_voice_room(&talker->path.given), 5000, 7000);
    given_voice_end(&talker->path.given);
    assert_memory_equal(&talker->path.given, &none, sizeof none);
    voice_scene_pass(scene, 200);
    assert_int_equal(talker->capture.starts, 1);
    assert_true(handset_is_talking(voice_scene_engine(scene, TALKER)));
    voice_scene_free(scene);
}

static void given_voice_has_a_bounded_length(void **state) {
    (void)state;
    assert_int_equal(given_voice_length(2), 2);
    assert_int_equal(given_voice_length(300 * 32000), 300 * 32000);
    assert_int_equal(given_voice_length(300 * 32000 + 2), 0);
    assert_int_equal(given_voice_length(3), 0);
    assert_int_equal(given_voice_length(0), 0);
    assert_int_equal(given_voice_length(-2), 0);
    assert_int_equal(given_voice_length(INT64_MAX), 0);
}

/* What was said into the microphone before the sleep, and during it, is not sent after it. */
static void a_sleep_empties_the_devices(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    scene->is_stalled = true;
    voice_scene_pass(scene, 400);
    voice_path_slept(&talker->path);
    voice_path_slept(&listener->path);
    assert_int_equal(talker->capture.stops, 1);
    assert_int_equal(listener->playback.stops, 1);
    scene->is_stalled = false;
    voice_scene_pass(scene, 500);
    assert_int_equal(talker->capture.starts, 2);
    assert_int_equal(listener->playback.starts, 2);
    assert_in_range(talker->capture.read, 23, 25);
    voice_scene_free(scene);
}

static void a_microphone_that_vanishes_is_told_once_and_comes_back(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    talker->capture.is_gone = true;
    voice_scene_pass(scene, 100);
    assert_int_equal(talker->problems, 1);
    assert_int_equal(talker->told, EVENT_MICROPHONE_FAILED);
    assert_string_equal(talker->why, "the headset was pulled out");
    uint64_t heard = listener->playback.heard;
    voice_scene_pass(scene, 3000);
    assert_int_equal(talker->problems, 1);
    assert_in_range(talker->capture.reopens, 2, 4);
    assert_true(handset_is_talking(voice_scene_engine(scene, TALKER)));
    assert_in_range(listener->playback.heard - heard, 0, 20);
    heard = listener->playback.heard;
    talker->capture.is_gone = false;
    voice_scene_pass(scene, VOICE_PATH_RETRY_MS + 500);
    assert_int_equal(talker->returns, 1);
    assert_int_equal(talker->ends, 0);
    assert_int_equal(talker->told, EVENT_MICROPHONE_BACK);
    assert_true(listener->playback.heard > heard);
    voice_scene_free(scene);
}

static void a_microphone_that_is_not_there_is_told_with_each_talk(void **state) {
    (void)state;
    struct voice_scene *scene = voice_scene_new(0, 0, false);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    talker->capture.is_gone = true;
    for (unsigned talk = 1; talk <= 2; talk++) {
        voice_scene_talk(scene);
        voice_scene_pass(scene, 300);
        assert_int_equal(talker->problems, talk);
        voice_scene_stop(scene);
        voice_scene_pass(scene, 300);
        assert_int_equal(voice_path_deadline(&talker->path), INT64_MAX);
    }
    assert_int_equal(talker->returns, 0);
    voice_scene_free(scene);
}

static void a_microphone_that_goes_silent_is_told_in_words_and_by_a_tone(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_with_card(has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    assert_int_equal(talker->problems, 0);
    assert_int_equal(talker->playback.stops, 1); /* the permit to talk was played */
    talker->playback.peak = 0;
    talker->capture.is_muted = true;
    voice_scene_pass(scene, 100);
    assert_int_equal(talker->told, EVENT_MICROPHONE_SILENT);
    voice_scene_pass(scene, 1000);
    assert_true(talker->playback.peak > 3000);
    /* The tone is the officer's alone. */
    assert_in_range(listener->playback.peak, 0, 3000);
    voice_scene_pass(scene, 4000);
    assert_int_equal(talker->problems, 1);
    talker->capture.is_muted = false;
    voice_scene_pass(scene, VOICE_PATH_RETRY_MS + 200);
    assert_int_equal(talker->told, EVENT_MICROPHONE_BACK);
    assert_int_equal(talker->returns, 1);
    voice_scene_free(scene);
}

static void a_dead_microphone_is_told_before_the_first_word(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_with_card(has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    talker->capture.is_muted = true;
    voice_scene_pass(scene, VOICE_PATH_FIRST_LOOK_MS + 100);
    assert_int_equal(talker->problems, 1);
    assert_int_equal(talker->told, EVENT_MICROPHONE_SILENT);
    assert_int_equal(talker->capture.starts, 0);
    /* It stands; it is not told over and over while nobody talks. */
    voice_scene_pass(scene, 3 * VOICE_PATH_LOOK_MS);
    assert_int_equal(talker->problems, 1);
    /* With the key it is told again, at once. */
    voice_scene_talk(scene);
    voice_scene_pass(scene, 5);
    assert_int_equal(talker->problems, 2);
    voice_scene_stop(scene);
    voice_scene_pass(scene, 100);
    talker->capture.is_muted = false;
    voice_scene_pass(scene, VOICE_PATH_LOOK_MS + 100);
    assert_int_equal(talker->told, EVENT_MICROPHONE_BACK);
    voice_scene_free(scene);
}

/* The officer, who may look away meanwhile, finds no tone of what was long over. */
static void a_microphone_that_is_back_before_the_word_makes_no_sound(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_with_card(has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    talker->capture.is_muted = true;
    voice_scene_pass(scene, VOICE_PATH_FIRST_LOOK_MS + 100);
    assert_int_equal(talker->problems, 1);
    talker->capture.is_muted = false;
    voice_path_permit_tone(&talker->path, false);
    voice_scene_talk(scene);
    voice_scene_pass(scene, 1500);
    assert_int_equal(talker->told, EVENT_MICROPHONE_BACK);
    assert_int_equal(talker->playback.peak, 0);
    voice_scene_stop(scene);
    voice_scene_pass(scene, 100);
    /* One that is still mute does. */
    talker->capture.is_muted = true;
    voice_scene_pass(scene, VOICE_PATH_LOOK_MS + 100);
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    assert_true(talker->playback.peak > 3000);
    voice_scene_free(scene);
}

static void begin_test(struct voice_scene *scene) {
    voice_path_test(&scene->sides[TALKER].path, squad_now(scene->squad, TALKER));
}

/* A device that appears later does not open by itself, and is not played aloud. */
static void the_test_of_a_microphone_ends_when_there_is_none(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_with_card(has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER];
    talker->capture.is_gone = true;
    begin_test(scene);
    voice_scene_pass(scene, 100);
    assert_false(sound_test_is_on(&talker->path.test));
    assert_int_equal(talker->told, EVENT_MICROPHONE_FAILED);
    talker->capture.is_gone = false;
    voice_scene_pass(scene, 3 * SOUND_TEST_MS);
    assert_int_equal(talker->capture.starts, 0);
    /* Neither does one that opens and gives next to nothing. */
    talker->capture.clock.ppm = -900000; /* a tenth of what it should */
    begin_test(scene);
    voice_scene_pass(scene, SOUND_TEST_LIMIT_MS - 100);
    assert_true(sound_test_is_on(&talker->path.test));
    voice_scene_pass(scene, 200);
    assert_false(sound_test_is_on(&talker->path.test));
    assert_int_equal(talker->capture.stops, 1);
    voice_scene_free(scene);
}

static void the_test_of_a_microphone_records_and_plays_and_nobody_else_hears_it(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_with_card(has_events);
    struct voice_scene_side *talker = &scene->sides[TALKER], *listener = &scene->sides[LISTENER];
    begin_test(scene);
    voice_scene_pass(scene, SOUND_TEST_MS - 100);
    assert_int_equal(talker->capture.starts, 1);
    assert_int_equal(talker->playback.starts, 0);
    voice_scene_pass(scene, SOUND_TEST_MS);
    /* Each frame's first sample is its number: all of them were played. */
    assert_int_equal(talker->capture.stops, 1);
    assert_in_range(talker->playback.peak, SOUND_TEST_FRAMES - 10, SOUND_TEST_FRAMES);
    voice_scene_pass(scene, 500);
    assert_int_equal(talker->playback.stops, 1);
    assert_int_equal(talker->playback.peak, SOUND_TEST_FRAMES);
    assert_int_equal(listener->playback.starts, 0);
    /* Who begins to talk ends it, and what was recorded is wiped. */
    begin_test(scene);
    voice_scene_pass(scene, 1000);
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    assert_false(sound_test_is_on(&talker->path.test));
    assert_int_equal(talker->path.test.samples[3][0], 0);
    assert_true(listener->playback.heard > 10);
    voice_scene_free(scene);
}

static void without_a_loudspeaker_voice_goes_by_in_its_time(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *listener = &scene->sides[LISTENER];
    voice_scene_talk(scene);
    voice_scene_pass(scene, 500);
    listener->playback.is_gone = true;
    voice_scene_pass(scene, 100);
    assert_int_equal(listener->problems, 1);
    uint64_t heard = listener->playback.heard;
    voice_scene_pass(scene, 2500);
    assert_int_equal(listener->playback.heard, heard);
    /* The engine has been asked for what came: nothing old is played now. */
    listener->playback.is_gone = false;
    voice_scene_pass(scene, VOICE_PATH_RETRY_MS);
    assert_int_equal(listener->returns, 1);
    assert_int_equal(listener->told, EVENT_LOUDSPEAKER_BACK);
    assert_true(listener->playback.heard > heard);
    /* And goes by its own clock again. */
    voice_scene_pass(scene, 500);
    int64_t ran_ms = scene->squad->boot_ms - listener->playback.clock.started_ms;
    assert_in_range(listener->playback.written, ran_ms * VOICE_RATE / 1000,
                    (ran_ms + 2 * VOICE_FRAME_MS) * VOICE_RATE / 1000);
    listener->playback.is_gone = true;
    voice_scene_pass(scene, 100);
    voice_scene_stop(scene);
    voice_scene_pass(scene, 1000);
    assert_false(handset_is_listening(voice_scene_engine(scene, LISTENER)));
    assert_int_equal(voice_path_deadline(&listener->path), INT64_MAX);
    voice_scene_free(scene);
}

/* As when a headset is plugged in again and nobody talks: it is not told only with the next talk.
 */
static void a_loudspeaker_is_soon_known_to_be_back_although_nobody_talks(void **state) {
    bool has_events = *(const bool *)*state;
    struct voice_scene *scene = voice_scene_new(0, 0, has_events);
    struct voice_scene_side *listener = &scene->sides[LISTENER];
    voice_scene_becomes_card(scene, LISTENER);
    for (unsigned time = 1; time <= 3; time++) {
        voice_scene_talk(scene);
        voice_scene_pass(scene, 500);
        listener->playback.is_gone = listener->playback.was_gone = true;
        voice_scene_pass(scene, 100);
        assert_int_equal(listener->problems, time);
        assert_int_equal(listener->told, EVENT_LOUDSPEAKER_FAILED);
        voice_scene_stop(scene);
        voice_scene_pass(scene, VOICE_PATH_LOOK_MS);
        assert_int_equal(listener->problems, time);
        assert_int_equal(listener->returns, time - 1);
        listener->playback.is_gone = false;
        voice_scene_pass(scene, 2 * VOICE_PATH_LOOK_AGAIN_MS + 100);
        assert_int_equal(listener->returns, time);
        assert_int_equal(listener->told, EVENT_LOUDSPEAKER_BACK);
    }
    voice_scene_free(scene);
}

/* A recording is no device that comes back: the program ends with what happened to it. */
static void a_recording_that_fails_is_lost_and_the_talk_goes_on(void **state) {
    (void)state;
    struct voice_scene *scene = voice_scene_new(0, 0, false);
    struct voice_scene_side *listener = &scene->sides[LISTENER];
    struct playback_kind recording = *listener->playback.playback.kind;
    recording.reopen = NULL;
    const struct playback_kind *kind = listener->playback.playback.kind;
    listener->playback.playback.kind = &recording;
    for (unsigned talk = 1; talk <= 2; talk++) {
        voice_scene_talk(scene);
        voice_scene_pass(scene, 500);
        listener->playback.is_gone = true;
        voice_scene_pass(scene, 3000);
        assert_int_equal(listener->problems, 1);
        assert_int_equal(listener->ends, 1);
        assert_true(handset_is_listening(voice_scene_engine(scene, LISTENER)));
        listener->playback.is_gone = false;
        voice_scene_stop(scene);
        voice_scene_pass(scene, 1000);
        assert_false(handset_is_listening(voice_scene_engine(scene, LISTENER)));
    }
    assert_int_equal(listener->playback.starts, 1);
    listener->playback.playback.kind = kind;
    voice_scene_free(scene);
}

int main(void) {
    static bool by_deadline = false, by_descriptor = true;
#define BOTH_WAYS(test)                                                                            \
    {#test " (deadline)", test, NULL, NULL, &by_deadline}, {                                       \
        #test " (descriptor)", test, NULL, NULL, &by_descriptor                                    \
    }
    const struct CMUnitTest tests[] = {
        BOTH_WAYS(devices_run_while_they_are_wanted_and_rest_otherwise),
        BOTH_WAYS(clocks_that_drift_lose_nothing),
        cmocka_unit_test(what_was_said_while_the_program_was_late_is_sent_in_turns),
        BOTH_WAYS(given_voice_is_said_in_place_of_the_microphones),
        BOTH_WAYS(given_voice_that_is_ended_leaves_the_talk_to_the_microphone),
        cmocka_unit_test(given_voice_has_a_bounded_length),
        BOTH_WAYS(a_sleep_empties_the_devices),
        BOTH_WAYS(a_microphone_that_vanishes_is_told_once_and_comes_back),
        cmocka_unit_test(a_microphone_that_is_not_there_is_told_with_each_talk),
        BOTH_WAYS(a_microphone_that_goes_silent_is_told_in_words_and_by_a_tone),
        BOTH_WAYS(a_dead_microphone_is_told_before_the_first_word),
        BOTH_WAYS(a_microphone_that_is_back_before_the_word_makes_no_sound),
        BOTH_WAYS(the_test_of_a_microphone_ends_when_there_is_none),
        BOTH_WAYS(the_test_of_a_microphone_records_and_plays_and_nobody_else_hears_it),
        BOTH_WAYS(without_a_loudspeaker_voice_goes_by_in_its_time),
        BOTH_WAYS(a_loudspeaker_is_soon_known_to_be_back_although_nobody_talks),
        cmocka_unit_test(a_recording_that_fails_is_lost_and_the_talk_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
