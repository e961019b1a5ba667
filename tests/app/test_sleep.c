/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset that sleeps and wakes (handset_slept), between whole engines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "squad.h"

/* From a lid that was closed for a moment to a night and a day. */
static const int64_t sleeps_ms[] = {4000, 20000, 90000, INT64_C(20) * 60 * 60 * 1000};
enum {
    SLEEPS = sizeof sleeps_ms / sizeof sleeps_ms[0]
};

/* Handset n sleeps while the others go on; what they send meanwhile is lost on it. */
static void sleep_while_others_go_on(struct squad *squad, size_t n, int64_t slept_ms) {
    struct squad_handset *handset = &squad->handsets[n];
    struct handset *engine = handset->engine;
    int64_t fell_asleep_ms = squad->boot_ms;
    handset->deaf = true;
    handset->is_asleep = true;
    int64_t step_ms = squad->step_ms;
    squad->step_ms = slept_ms > 10 * 60 * 1000 ? 20000 : step_ms;
    squad_run(squad, slept_ms);
    squad->step_ms = step_ms;
    handset->is_asleep = false;
    handset->deaf = false;
    handset_slept(engine, squad_now(squad, n), squad->boot_ms - fell_asleep_ms);
}

/* All of them sleep. */
static void all_sleep(struct squad *squad, int64_t slept_ms) {
    squad->boot_ms += slept_ms;
    for (size_t n = 0; n < squad->count; n++) {
        handset_slept(squad->handsets[n].engine, squad_now(squad, n), slept_ms);
    }
}

static unsigned count_events(struct squad *squad, size_t n, enum event_kind kind,
                             int64_t duration_ms) {
    const struct view *view = squad_view(squad, n);
    unsigned count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind && view->log[i].duration_ms == duration_ms;
    }
    return count;
}

/* The latest session in the log of handset n. */
static void assert_lasted(struct squad *squad, size_t n, int64_t lasted_ms) {
    const struct view *view = squad_view(squad, n);
    assert_true(view->session_count > 0);
    assert_in_range(view->sessions[0].lasted_ms, lasted_ms - 100, lasted_ms + 100);
}

static void a_talk_ends_with_the_sleep_and_says_why(void **state) {
    (void)state;
    for (size_t i = 0; i < SLEEPS; i++) {
        struct squad *squad = squad_new(2);
        squad_group(squad, HOUR_MS);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 1000);
        assert_int_equal(squad_view(squad, 1)->talker_count, 1);
        sleep_while_others_go_on(squad, 0, sleeps_ms[i]);
        assert_false(handset_is_talking(squad->handsets[0].engine));
        assert_int_equal(count_events(squad, 0, EVENT_SLEPT, sleeps_ms[i]), 1);
        assert_int_equal(count_events(squad, 0, EVENT_OWN_TALK_SLEPT, sleeps_ms[i]), 1);
        assert_lasted(squad, 0, 1000); /* it did not go on while the handset slept */
        unsigned heard = squad->handsets[1].voice_frames;
        squad_run(squad, 3000);
        assert_int_equal(squad->handsets[1].voice_frames, heard);
        assert_int_equal(squad_view(squad, 1)->talker_count, 0);
        /* A key press talks again, as long as the group's key lasts. */
        bool has_key = sleeps_ms[i] < HOUR_MS;
        assert_int_equal(squad_talk(squad, 0) == STATUS_OK, has_key);
        squad_run(squad, 1000);
        assert_int_equal(squad->handsets[1].voice_frames > heard + 35, has_key);
        squad_free(squad);
    }
}

static void a_handset_that_slept_while_idle_says_so_and_ends_nothing(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    for (unsigned i = 1; i <= 3; i++) {
        sleep_while_others_go_on(squad, 0, sleeps_ms[0]);
        assert_int_equal(count_events(squad, 0, EVENT_SLEPT, sleeps_ms[0]), i);
        assert_int_equal(count_events(squad, 0, EVENT_OWN_TALK_SLEPT, sleeps_ms[0]), 0);
    }
    squad_free(squad);
}

static void a_listener_hears_what_is_said_now_within_a_second_or_so(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct squad *squad = squad_new(2);
        squad_group(squad, HOUR_MS);
        assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        squad_run(squad, 1000);
        sleep_while_others_go_on(squad, 1, sleeps_ms[i]);
        if (!squad_view(squad, 0)->talking) { /* no talk lasts so long */
            assert_int_equal(squad_talk(squad, 0), STATUS_OK);
        }
        unsigned heard = squad->handsets[1].voice_frames;
        squad_run(squad, 2000);
        assert_int_equal(squad_view(squad, 1)->talker_count, 1);
        assert_in_range(squad->handsets[1].voice_frames - heard, 40, 100);
        squad_free(squad);
    }
}

/* Silence comes out from the moment it wakes until something new has come. */
static void what_waited_to_be_played_is_dropped(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    squad->is_mute = true;
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    static const int16_t tone[VOICE_FRAME_SAMPLES] = {20000, -20000};
    int16_t samples[VOICE_FRAME_SAMPLES];
    for (int i = 0; i < 10; i++) {
        handset_speak(squad->handsets[0].engine, squad_now(squad, 0), 0, tone);
        squad_run(squad, 10);
    }
    handset_listen(squad->handsets[1].engine, squad_now(squad, 1), samples);
    all_sleep(squad, 4000);
    for (int i = 0; i < 20; i++) {
        assert_false(handset_listen(squad->handsets[1].engine, squad_now(squad, 1), samples));
    }
    squad_free(squad);
}

static void call(struct squad *squad, bool is_answered) {
    struct command command = {.kind = COMMAND_CALL};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(1));
    squad_run(squad, 500);
    assert_int_equal(squad_command(squad, 0, &command), STATUS_OK);
    squad_run(squad, 1000);
    if (is_answered) {
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, 2000);
        assert_int_equal(squad_view(squad, 0)->call_state, CALL_ACTIVE);
    }
}

static void a_one_to_one_talk_ends_with_the_sleep_also_while_it_rings(void **state) {
    (void)state;
    for (size_t sleeper = 0; sleeper < 2; sleeper++) {
        struct squad *squad = squad_new(2);
        call(squad, true);
        sleep_while_others_go_on(squad, sleeper, 5000);
        assert_false(handset_is_talking(squad->handsets[sleeper].engine));
        assert_in_range(squad_view(squad, sleeper)->sessions[0].lasted_ms, 1000, 2500);
        squad_run(squad, 3000);
        for (size_t n = 0; n < 2; n++) {
            assert_int_equal(squad_view(squad, n)->call_state, CALL_NONE);
        }
        squad_free(squad);
    }
    struct squad *squad = squad_new(2);
    call(squad, false);
    sleep_while_others_go_on(squad, 0, 5000);
    (void)squad_answer(squad, 1, COMMAND_ACCEPT); /* it rang there until a moment ago */
    squad_run(squad, 3000);
    for (size_t n = 0; n < 2; n++) {
        assert_false(handset_is_talking(squad->handsets[n].engine));
    }
    squad_free(squad);
}

/* The time of a sleep counts for nobody's time limit, at whatever point of a handover it comes. */
static void a_handover_goes_on_after_a_sleep_at_any_point(void **state) {
    (void)state;
    for (int64_t at_ms = 0; at_ms <= 200; at_ms += 10) {
        struct squad *squad = squad_new(2);
        squad_run(squad, 200);
        struct command create = squad_create_command(1, HOUR_MS);
        assert_int_equal(squad_command(squad, 0, &create), STATUS_OK);
        squad_run(squad, at_ms);
        all_sleep(squad, 90000);
        squad_run(squad, 3000);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        squad_run(squad, at_ms);
        all_sleep(squad, 90000);
        squad_run(squad, 5000);
        assert_int_equal(squad_view(squad, 1)->group_count, 1);
        assert_int_equal(squad_view(squad, 0)->groups[0].members[1].state, MEMBER_ACCEPTED);
        squad_free(squad);
    }
}

static void a_member_asleep_for_less_than_contact_takes_to_be_lost_gets_its_key(void **state) {
    (void)state;
    for (size_t sleeper = 0; sleeper < 2; sleeper++) {
        struct squad *squad = squad_new(2);
        squad_run(squad, 200);
        squad_ask(squad, 0, 1, 1);
        squad_run(squad, 500);
        sleep_while_others_go_on(squad, sleeper, 12000);
        squad_run(squad, 3000);
        assert_int_equal(squad_answer(squad, 1, COMMAND_ACCEPT), STATUS_OK);
        sleep_while_others_go_on(squad, sleeper, 12000);
        squad_run(squad, 5000);
        assert_int_equal(squad_view(squad, 1)->group_count, 1);
        squad_free(squad);
    }
}

static void a_key_ends_while_its_handset_sleeps(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 500);
    size_t sent = squad->frame_count;
    all_sleep(squad, INT64_C(20) * HOUR_MS);
    assert_false(handset_is_talking(squad->handsets[0].engine));
    squad_run(squad, 100);
    for (; sent < squad->frame_count; sent++) {
        assert_int_not_equal(squad->frames[sent].octets[1], FRAME_MEDIA); /* not even the end */
    }
    assert_int_not_equal(squad_talk(squad, 0), STATUS_OK);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_talk_ends_with_the_sleep_and_says_why),
        cmocka_unit_test(a_handset_that_slept_while_idle_says_so_and_ends_nothing),
        cmocka_unit_test(a_listener_hears_what_is_said_now_within_a_second_or_so),
        cmocka_unit_test(what_waited_to_be_played_is_dropped),
        cmocka_unit_test(a_one_to_one_talk_ends_with_the_sleep_also_while_it_rings),
        cmocka_unit_test(a_handover_goes_on_after_a_sleep_at_any_point),
        cmocka_unit_test(a_member_asleep_for_less_than_contact_takes_to_be_lost_gets_its_key),
        cmocka_unit_test(a_key_ends_while_its_handset_sleeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
