/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer hears of what happens, and what nobody else hears of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/programs/voice_scene.h"

/* Both have sound cards. */
static struct voice_scene *two_with_cards(void) {
    struct voice_scene *scene = voice_scene_with_card(true);
    voice_scene_becomes_card(scene, LISTENER);
    return scene;
}

/* As the loop carries out a command. */
static enum status command(struct voice_scene *scene, size_t n, struct command command) {
    struct event problem;
    enum status status = handset_command(voice_scene_engine(scene, n), squad_now(scene->squad, n),
                                         &command, &problem);
    if (status != STATUS_OK && command.kind == COMMAND_TALK_BEGIN) {
        voice_path_refuse(&scene->sides[n].path);
    }
    return status;
}

static enum status press(struct voice_scene *scene, size_t n) {
    struct command talk = {.kind = COMMAND_TALK_BEGIN};
    snprintf(talk.group, sizeof talk.group, "%s", squad_view(scene->squad, n)->groups[0].identity);
    return command(scene, n, talk);
}

static enum cue_kind cue_of(const struct voice_scene *scene, size_t n) {
    return scene->sides[n].path.tones.cue.kind;
}

static enum cue_kind ring_of(const struct voice_scene *scene, size_t n) {
    return scene->sides[n].path.tones.ring.kind;
}

static void the_floor_won_is_heard_by_who_won_it_alone(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    const struct voice_scene_side *talker = &scene->sides[TALKER];
    const struct voice_scene_side *listener = &scene->sides[LISTENER];
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 5);
    assert_int_equal(cue_of(scene, TALKER), CUE_TALK_PERMIT);
    assert_int_equal(talker->capture.starts, 1); /* speech waits for no tone */
    voice_scene_pass(scene, 400);
    assert_in_range(talker->playback.peak, 2000, 5000);
    assert_int_equal(cue_of(scene, TALKER), CUE_NONE);
    assert_int_equal(talker->playback.stops, 1);
    assert_in_range(talker->capture.read, 19, 21);
    assert_in_range(listener->playback.peak, 0, 1000);
    voice_scene_free(scene);
}

static void the_permit_can_be_switched_off_and_nothing_else(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    voice_path_permit_tone(&scene->sides[TALKER].path, false);
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 400);
    assert_int_equal(scene->sides[TALKER].playback.starts, 0);
    for (int kind = EVENT_NONE; kind < EVENT_COUNT; kind++) {
        struct tones tones = {.has_no_permit = true};
        tones_begin(&tones, tones_of((enum event_kind)kind));
        assert_true(tones_play(&tones) ==
                    (tones_of((enum event_kind)kind) != CUE_NONE && kind != EVENT_OWN_TALK_BEGAN));
    }
    voice_scene_free(scene);
}

/* Nobody is told to speak into a microphone that is known to be dead, also of one that is just
 * being tested. */
static void a_dead_microphone_gets_no_permit(void **state) {
    (void)state;
    for (int is_tested = 0; is_tested < 2; is_tested++) {
        struct voice_scene *scene = two_with_cards();
        scene->sides[TALKER].capture.is_muted = true;
        voice_scene_pass(scene, VOICE_PATH_FIRST_LOOK_MS + 100);
        if (is_tested) {
            voice_path_test(&scene->sides[TALKER].path, squad_now(scene->squad, TALKER));
            voice_scene_pass(scene, 1500);
        }
        assert_int_equal(press(scene, TALKER), STATUS_OK);
        for (int ms = 0; ms < 1000; ms++) {
            voice_scene_pass(scene, 1);
            assert_int_not_equal(cue_of(scene, TALKER), CUE_TALK_PERMIT);
        }
        voice_scene_free(scene);
    }
}

static void who_may_not_talk_hears_it_while_others_are_heard(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(press(scene, LISTENER), STATUS_BUSY);
    voice_scene_pass(scene, 10);
    assert_int_equal(cue_of(scene, LISTENER), CUE_TALK_REFUSED);
    voice_scene_pass(scene, 300);
    assert_true(scene->sides[LISTENER].playback.peak > 5000);
    assert_int_equal(scene->sides[LISTENER].capture.starts, 0);
    voice_scene_free(scene);
}

static bool drop_all(void *context, struct squad_frame *frame, size_t receiver) {
    (void)context;
    (void)frame;
    (void)receiver;
    return false;
}

/* Two who talk do not hear each other yet; then one of them has the floor. */
static void who_loses_the_floor_hears_it_and_who_keeps_it_does_not(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    scene->squad->filter = drop_all;
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 100);
    assert_int_equal(press(scene, LISTENER), STATUS_OK);
    voice_scene_pass(scene, 300);
    scene->squad->filter = NULL;
    bool has_cut_off[SIDES] = {false, false};
    for (int ms = 0; ms < 1000; ms++) {
        voice_scene_pass(scene, 1);
        for (size_t n = 0; n < SIDES; n++) {
            has_cut_off[n] = has_cut_off[n] || cue_of(scene, n) == CUE_TALK_CUT_OFF;
        }
    }
    assert_true(has_cut_off[LISTENER]);
    assert_false(has_cut_off[TALKER]);
    voice_scene_free(scene);
}

static void a_talk_that_ends_by_force_is_announced_and_ends_with_a_tone(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 54500);
    assert_int_equal(cue_of(scene, TALKER), CUE_NONE);
    voice_scene_pass(scene, 600);
    assert_int_equal(cue_of(scene, TALKER), CUE_TALK_ENDS_SOON);
    voice_scene_pass(scene, 4500);
    assert_int_equal(cue_of(scene, TALKER), CUE_NONE);
    voice_scene_pass(scene, 600);
    assert_int_equal(cue_of(scene, TALKER), CUE_TALK_CUT_OFF);
    assert_false(handset_is_talking(voice_scene_engine(scene, TALKER)));
    voice_scene_free(scene);
}

/* Neither its beginning, nor its end, nor what follows. */
static void nothing_of_anothers_talk_has_a_tone(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    const struct voice_scene_side *listener = &scene->sides[LISTENER];
    for (int talk = 0; talk < 3; talk++) {
        assert_int_equal(press(scene, TALKER), STATUS_OK);
        for (int ms = 0; ms < 3000; ms++) {
            if (ms == 1000) {
                voice_scene_stop(scene);
            }
            voice_scene_pass(scene, 1);
            assert_int_equal(cue_of(scene, LISTENER), CUE_NONE);
            assert_int_equal(ring_of(scene, LISTENER), CUE_NONE);
        }
    }
    assert_true(listener->playback.heard > 100);
    assert_in_range(listener->playback.peak, 0, 1000);
    voice_scene_free(scene);
}

/* --- Ringing -------------------------------------------------------------------------------- */

static void call(struct voice_scene *scene) {
    struct command call = {.kind = COMMAND_CALL};
    snprintf(call.identity, sizeof call.identity, "%s", squad_identity(LISTENER));
    voice_scene_pass(scene, 200);
    assert_int_equal(command(scene, TALKER, call), STATUS_OK);
    voice_scene_pass(scene, 1500);
}

static void answer(struct voice_scene *scene, enum command_kind kind) {
    struct command decision = {.kind = kind,
                               .invitation = squad_view(scene->squad, LISTENER)->invitations[0].id};
    assert_int_equal(command(scene, LISTENER, decision), STATUS_OK);
}

static void assert_quiet(const struct voice_scene *scene) {
    for (size_t n = 0; n < SIDES; n++) {
        assert_int_equal(ring_of(scene, n), CUE_NONE);
        assert_int_equal(cue_of(scene, n), CUE_NONE);
    }
}

static void a_call_rings_at_both_until_it_is_decided(void **state) {
    (void)state;
    static const enum command_kind ends[] = {COMMAND_ACCEPT, COMMAND_DECLINE, COMMAND_HANG_UP};
    for (size_t i = 0; i < 3; i++) {
        struct voice_scene *scene = two_with_cards();
        call(scene);
        /* On and on, not for one round of the tone. */
        for (int s = 0; s < 10; s++) {
            voice_scene_pass(scene, 1000);
            assert_int_equal(ring_of(scene, LISTENER), CUE_RINGS_HERE);
            assert_int_equal(ring_of(scene, TALKER), CUE_RINGS_THERE);
        }
        assert_true(scene->sides[LISTENER].playback.peak > 5000);
        assert_in_range(scene->sides[TALKER].playback.peak, 2000, 4000);
        assert_int_equal(scene->sides[TALKER].capture.starts, 0);
        if (ends[i] == COMMAND_HANG_UP) {
            assert_int_equal(command(scene, TALKER, (struct command){.kind = COMMAND_HANG_UP}),
                             STATUS_OK);
        } else {
            answer(scene, ends[i]);
        }
        voice_scene_pass(scene, 2500);
        assert_quiet(scene);
        assert_true(handset_is_talking(voice_scene_engine(scene, LISTENER)) ==
                    (ends[i] == COMMAND_ACCEPT));
        voice_scene_free(scene);
    }
}

static void it_does_not_ring_there_before_it_does(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    voice_scene_pass(scene, 200);
    scene->squad->filter = drop_all;
    call(scene);
    assert_int_equal(squad_view(scene->squad, TALKER)->call_state, CALL_RINGING);
    assert_quiet(scene);
    scene->squad->filter = NULL;
    voice_scene_pass(scene, 5000);
    assert_int_equal(ring_of(scene, TALKER), CUE_RINGS_THERE);
    voice_scene_free(scene);
}

/* A phone that rings is in the way of neither words said nor words heard. */
static void an_open_microphone_hears_no_ringing_and_voices_are_not_drowned(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    call(scene);
    assert_int_equal(press(scene, LISTENER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(ring_of(scene, LISTENER), CUE_NONE);
    assert_int_equal(squad_stop(scene->squad, LISTENER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(ring_of(scene, LISTENER), CUE_RINGS_HERE);
    voice_scene_pass(scene, 1000);
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(ring_of(scene, LISTENER), CUE_CALL_WAITS);
    assert_int_equal(ring_of(scene, TALKER), CUE_NONE);
    voice_scene_free(scene);
}

/* --- Both ways ------------------------------------------------------------------------------ */

/* Neither who talks in a group nor who listens has an echo to take out: one way is open. */
static void echo_is_taken_out_in_a_call_alone(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    voice_scene_pass(scene, 200);
    assert_int_equal(press(scene, TALKER), STATUS_OK);
    for (int ms = 0; ms < 3000; ms++) {
        voice_scene_pass(scene, 1);
        assert_false(scene->sides[TALKER].capture.hears_others);
        assert_false(scene->sides[LISTENER].capture.hears_others);
    }
    voice_scene_stop(scene);
    call(scene);
    assert_false(scene->sides[TALKER].capture.hears_others);
    answer(scene, COMMAND_ACCEPT);
    voice_scene_pass(scene, 1000);
    assert_true(scene->sides[TALKER].capture.hears_others);
    assert_true(scene->sides[LISTENER].capture.hears_others);
    assert_int_equal(command(scene, TALKER, (struct command){.kind = COMMAND_HANG_UP}), STATUS_OK);
    voice_scene_pass(scene, 1000);
    assert_false(scene->sides[TALKER].capture.hears_others);
    assert_false(scene->sides[LISTENER].capture.hears_others);
    voice_scene_free(scene);
}

/* The talker calls one, and speaks for `ms`. */
static void call_emergency(struct voice_scene *scene, int64_t ms) {
    struct command raise = {.kind = COMMAND_EMERGENCY, .on = 1};
    snprintf(raise.group, sizeof raise.group, "%s",
             squad_view(scene->squad, TALKER)->groups[0].identity);
    assert_int_equal(command(scene, TALKER, raise), STATUS_OK);
    voice_scene_pass(scene, ms);
    assert_int_equal(command(scene, TALKER, (struct command){.kind = COMMAND_TALK_END}), STATUS_OK);
    voice_scene_pass(scene, 1500);
}

static void acknowledge(struct voice_scene *scene) {
    struct command seen = {.kind = COMMAND_ACKNOWLEDGE};
    snprintf(seen.group, sizeof seen.group, "%s",
             squad_view(scene->squad, LISTENER)->groups[0].identity);
    snprintf(seen.identity, sizeof seen.identity, "%s", squad_identity(TALKER));
    assert_int_equal(command(scene, LISTENER, seen), STATUS_OK);
    voice_scene_pass(scene, 1000);
}

/* Also with the permit tone switched off: this one is on. */
static void an_emergency_sounds_until_it_is_seen(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    voice_path_permit_tone(&scene->sides[LISTENER].path, false);
    struct command raise = {.kind = COMMAND_EMERGENCY, .on = 1};
    snprintf(raise.group, sizeof raise.group, "%s",
             squad_view(scene->squad, TALKER)->groups[0].identity);
    assert_int_equal(command(scene, TALKER, raise), STATUS_OK);
    voice_scene_pass(scene, 300);
    assert_int_equal(cue_of(scene, LISTENER), CUE_EMERGENCY); /* at once */
    voice_scene_pass(scene, 1200);
    assert_int_equal(ring_of(scene, LISTENER), CUE_EMERGENCY_WAITS); /* its words are heard */
    assert_int_equal(command(scene, TALKER, (struct command){.kind = COMMAND_TALK_END}), STATUS_OK);
    voice_scene_pass(scene, 1500);
    for (int s = 0; s < 20; s++) {
        voice_scene_pass(scene, 1000);
        assert_int_equal(ring_of(scene, LISTENER), CUE_EMERGENCY_STANDS);
    }
    assert_in_range(scene->sides[LISTENER].playback.peak, 5000, 16000);
    assert_int_equal(ring_of(scene, TALKER), CUE_NONE); /* who called it knows */
    acknowledge(scene);
    assert_quiet(scene);
    voice_scene_free(scene);
}

static void it_gives_way_to_an_open_microphone_and_ends_with_the_emergency(void **state) {
    (void)state;
    struct voice_scene *scene = two_with_cards();
    call_emergency(scene, 500);
    assert_int_equal(press(scene, LISTENER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(ring_of(scene, LISTENER), CUE_NONE);
    assert_int_equal(squad_stop(scene->squad, LISTENER), STATUS_OK);
    voice_scene_pass(scene, 500);
    assert_int_equal(ring_of(scene, LISTENER), CUE_EMERGENCY_STANDS);
    struct command end = {.kind = COMMAND_EMERGENCY, .on = 0};
    snprintf(end.group, sizeof end.group, "%s",
             squad_view(scene->squad, TALKER)->groups[0].identity);
    assert_int_equal(command(scene, TALKER, end), STATUS_OK);
    voice_scene_pass(scene, 1000);
    assert_int_equal(ring_of(scene, LISTENER), CUE_NONE);
    voice_scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_floor_won_is_heard_by_who_won_it_alone),
        cmocka_unit_test(the_permit_can_be_switched_off_and_nothing_else),
        cmocka_unit_test(a_dead_microphone_gets_no_permit),
        cmocka_unit_test(who_may_not_talk_hears_it_while_others_are_heard),
        cmocka_unit_test(who_loses_the_floor_hears_it_and_who_keeps_it_does_not),
        cmocka_unit_test(a_talk_that_ends_by_force_is_announced_and_ends_with_a_tone),
        cmocka_unit_test(nothing_of_anothers_talk_has_a_tone),
        cmocka_unit_test(echo_is_taken_out_in_a_call_alone),
        cmocka_unit_test(a_call_rings_at_both_until_it_is_decided),
        cmocka_unit_test(it_does_not_ring_there_before_it_does),
        cmocka_unit_test(an_open_microphone_hears_no_ringing_and_voices_are_not_drowned),
        cmocka_unit_test(an_emergency_sounds_until_it_is_seen),
        cmocka_unit_test(it_gives_way_to_an_open_microphone_and_ends_with_the_emergency),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
