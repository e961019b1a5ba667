/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One-to-one talk in the hands of a nuisance, and of two who mean well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/d2d/connection.h"
#include "app/handset/d2d/rings.h"
#include "app/handset/talk/call.h"
#include "tests/app/squad.h"

/* Both do nothing where the handset is in the wrong state for it. */
static enum status call(struct squad *squad, size_t caller, size_t called) {
    struct command command = {.kind = COMMAND_CALL};
    snprintf(command.identity, sizeof command.identity, "%s", squad_identity(called));
    return squad_command(squad, caller, &command);
}

static enum status hang_up(struct squad *squad, size_t n) {
    struct command command = {.kind = COMMAND_HANG_UP};
    return squad_command(squad, n, &command);
}

/* A caller may ring, withdraw and ring again as fast as its checks are paid for. The officer is
 * asked a few times, and then no more for a while; others can ring meanwhile. */
static void a_neighbour_cannot_ring_a_handset_without_end(void **state) {
    (void)state;
    enum {
        MINUTE_MS = 60 * 1000,
        RINGS_MS = 350,
        PAUSE_MS = 150,
        NUISANCE = 1
    };
    struct squad *squad = squad_new(3);
    squad_run(squad, 6000);
    unsigned before = squad->handsets[0].invitations;
    for (int64_t ms = 0; ms < MINUTE_MS; ms += RINGS_MS + PAUSE_MS) {
        (void)call(squad, NUISANCE, 0);
        squad_run(squad, RINGS_MS);
        (void)hang_up(squad, NUISANCE);
        squad_run(squad, PAUSE_MS);
    }
    /* Asked, and asked no more. */
    assert_int_equal(squad->handsets[0].invitations - before, 2 * RINGS_MAX);
    assert_int_equal(call(squad, 2, 0), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    assert_int_equal(hang_up(squad, 2), STATUS_OK);
    squad_run(squad, RINGS_PAUSE_MS);
    assert_int_equal(call(squad, NUISANCE, 0), STATUS_OK);
    squad_run(squad, 3000);
    assert_int_equal(squad_view(squad, 0)->invitation_count, 1);
    squad_free(squad);
}

/* What handset 0 was told, of each kind. */
static void count_told(void *context, size_t n, const struct event *event) {
    unsigned *told = context;
    told[event->kind] += n == 0;
}

/* Handset 1 says that there is an emergency, or that it is over, and talks a little. */
static void call_emergency(struct squad *squad, int on) {
    struct command command = {.kind = COMMAND_EMERGENCY, .on = on};
    memcpy(command.group, squad_view(squad, 1)->groups[0].identity, sizeof command.group);
    (void)squad_command(squad, 1, &command);
    squad_run(squad, 1200);
    (void)squad_stop(squad, 1);
    squad_run(squad, 300);
}

/* A member who raises one emergency after the other: each is shown, and a few are sounded. */
static void a_member_cannot_sound_emergencies_without_end(void **state) {
    (void)state;
    enum {
        TIMES = 12
    };
    unsigned told[EVENT_COUNT] = {0};
    struct squad *squad = squad_new(2);
    squad_group(squad, 60 * 60 * 1000);
    squad_run(squad, 3000);
    squad->told = count_told;
    squad->told_context = told;
    for (int i = 0; i < TIMES; i++) {
        call_emergency(squad, 1);
        assert_int_equal(squad_view(squad, 0)->emergency_count, 1);
        call_emergency(squad, 0);
    }
    call_emergency(squad, 1);
    assert_int_equal(told[EVENT_EMERGENCY], RINGS_MAX);
    assert_int_equal(told[EVENT_EMERGENCY_QUIETED], 1);
    assert_int_equal(squad_view(squad, 0)->emergency_count, 1); /* shown */
    assert_int_not_equal(handset_ringing(squad->handsets[0].engine), RINGS_EMERGENCY);
    const struct view *view = squad_view(squad, 0);
    unsigned lines = 0, times = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        lines += view->log[i].kind == EVENT_EMERGENCY;
        times += view->log[i].kind == EVENT_EMERGENCY ? view->log_times[i].times : 0;
    }
    assert_true(lines <= 3);
    assert_int_equal(times, TIMES + 1); /* the log counts them all */
    /* And it is heard again after a while. */
    call_emergency(squad, 0);
    squad_run(squad, RINGS_PAUSE_MS);
    call_emergency(squad, 1);
    assert_int_equal(handset_ringing(squad->handsets[0].engine), RINGS_EMERGENCY);
    squad_free(squad);
}

/* Requests for the floor, and taking them back: the talker's officer has one row for each who
 * waits, and no notice. */
static void asking_for_the_floor_without_end_tells_the_talker_nothing(void **state) {
    (void)state;
    unsigned told[EVENT_COUNT] = {0};
    struct squad *squad = squad_new(2);
    squad_group(squad, 60 * 60 * 1000);
    squad_run(squad, 3000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    size_t lines = squad_view(squad, 0)->log_count;
    squad->told = count_told;
    squad->told_context = told;
    for (int i = 0; i < 60; i++) {
        (void)squad_talk(squad, 1); /* asks, and the next time takes it back */
        squad_run(squad, 300);
    }
    for (int kind = 0; kind < EVENT_COUNT; kind++) {
        assert_int_equal(told[kind], 0);
    }
    assert_int_equal(squad_view(squad, 0)->log_count, lines);
    squad_free(squad);
}

static void expect_connected(struct squad *squad) {
    for (size_t n = 0; n < 2; n++) {
        const struct view *view = squad_view(squad, n);
        assert_int_equal(view->call_state, CALL_ACTIVE);
        assert_string_equal(view->call_identity, squad_identity(1 - n));
        assert_int_equal(view->invitation_count, 0);
    }
}

/* Both officers speak, and each hears the other. */
static void expect_voice_both_ways(struct squad *squad) {
    enum {
        SPOKEN_MS = 2000,
        FRAMES_MIN = SPOKEN_MS / VOICE_FRAME_MS / 2
    };
    unsigned before[] = {squad->handsets[0].voice_frames, squad->handsets[1].voice_frames};
    unsigned refusals[] = {squad->handsets[0].refusals, squad->handsets[1].refusals};
    squad_run(squad, SPOKEN_MS);
    for (size_t n = 0; n < 2; n++) {
        assert_true(squad->handsets[n].voice_frames - before[n] >= FRAMES_MIN);
        assert_int_equal(squad->handsets[n].refusals, refusals[n]);
    }
}

/* The two calls are one, whoever was first, by how much, and whichever was heard. */
static void two_who_call_each_other_are_connected(void **state) {
    (void)state;
    for (size_t first = 0; first < 2; first++) {
        for (int64_t later_ms = 0; later_ms <= 1000; later_ms += 100) {
            struct squad *squad = squad_new(2);
            squad_run(squad, 6000);
            assert_int_equal(call(squad, first, 1 - first), STATUS_OK);
            squad_run(squad, later_ms);
            assert_int_equal(call(squad, 1 - first, first), STATUS_OK);
            squad_run(squad, 4000);
            expect_connected(squad);
            expect_voice_both_ways(squad);
            assert_int_equal(hang_up(squad, 1), STATUS_OK);
            squad_run(squad, 4000);
            for (size_t n = 0; n < 2; n++) {
                assert_int_equal(squad_view(squad, n)->call_state, CALL_NONE);
                assert_int_equal(squad_view(squad, n)->invitation_count, 0);
            }
            squad_free(squad);
        }
    }
}

/* Each withdraws in turn while the calls cross: the other's rings then, or is connected already. */
static void of_two_calls_that_cross_one_may_be_withdrawn(void **state) {
    (void)state;
    for (size_t who = 0; who < 2; who++) {
        for (int64_t later_ms = 0; later_ms <= 600; later_ms += 30) {
            struct squad *squad = squad_new(2);
            squad_run(squad, 6000);
            assert_int_equal(call(squad, 0, 1), STATUS_OK);
            assert_int_equal(call(squad, 1, 0), STATUS_OK);
            squad_run(squad, later_ms);
            (void)hang_up(squad, who);
            squad_run(squad, 4000);
            const struct view *view = squad_view(squad, who);
            enum call_state others = squad_view(squad, 1 - who)->call_state;
            assert_int_equal(view->call_state, CALL_NONE);
            assert_int_equal(others, view->invitation_count == 1 ? CALL_RINGING : CALL_NONE);
            squad_free(squad);
        }
    }
}

static struct squad *squad_in_call(void) {
    struct squad *squad = squad_new(2);
    squad_run(squad, 6000);
    assert_int_equal(call(squad, 0, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(call(squad, 1, 0), STATUS_OK); /* which answers it */
    squad_run(squad, 2000);
    expect_connected(squad);
    return squad;
}

/* Nobody is said to talk of whom nothing comes; that the call is over takes longer to find out. */
static void a_call_whose_packets_stop_is_shown_as_such(void **state) {
    (void)state;
    struct squad *squad = squad_in_call();
    assert_false(squad_view(squad, 0)->call_is_quiet);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    squad->handsets[1].deaf = true;
    squad_run(squad, CALL_QUIET_MS + 100);
    assert_true(squad_view(squad, 0)->call_is_quiet);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    squad->handsets[1].deaf = false;
    squad_run(squad, 1000);
    assert_false(squad_view(squad, 0)->call_is_quiet);
    assert_int_equal(squad_view(squad, 0)->talker_count, 1);
    squad->handsets[1].deaf = true;
    squad_run(squad, CONNECTION_LOST_MS + 1000);
    for (size_t n = 0; n < 2; n++) {
        assert_int_equal(squad_view(squad, n)->call_state, CALL_NONE);
        assert_false(squad_view(squad, n)->call_is_quiet);
    }
    squad_free(squad);
}

/* Whoever ends the program right after hanging up can wait until the other side knows. */
static void who_hangs_up_knows_when_the_other_side_does(void **state) {
    (void)state;
    for (size_t who = 0; who < 2; who++) {
        struct squad *squad = squad_in_call();
        assert_false(squad_view(squad, who)->call_is_parting);
        assert_int_equal(hang_up(squad, who), STATUS_OK);
        assert_true(squad_view(squad, who)->call_is_parting);
        for (int ms = 0; ms < 1000 && squad_view(squad, who)->call_is_parting; ms += 10) {
            squad_run(squad, 10);
        }
        assert_false(squad_view(squad, who)->call_is_parting);
        squad_run(squad, 20);
        assert_int_equal(squad_view(squad, 1 - who)->call_state, CALL_NONE);
        squad_free(squad);
    }
}

/* A handset that is locked or ended while somebody calls it answers no more: the caller is told at
 * once, not after two minutes. */
static void who_calls_a_handset_that_goes_learns_that_nobody_answers(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_run(squad, 6000);
    assert_int_equal(call(squad, 0, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_RINGING);
    assert_int_equal(hang_up(squad, 1), STATUS_OK);
    assert_true(squad_view(squad, 1)->call_is_parting);
    for (int ms = 0; ms < 1000 && squad_view(squad, 1)->call_is_parting; ms += 10) {
        squad_run(squad, 10);
    }
    assert_false(squad_view(squad, 1)->call_is_parting);
    squad_run(squad, 20);
    assert_int_equal(squad_view(squad, 0)->call_state, CALL_NONE);
    assert_int_not_equal(hang_up(squad, 1), STATUS_OK); /* and now nobody rings */
    squad_free(squad);
}

/* What was ringing for somebody else does not keep an officer from talking in the group. */
static void a_call_that_rings_does_not_block_the_group(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_run(squad, 6000);
    squad_group(squad, 60 * 60 * 1000);
    squad_run(squad, 3000);
    assert_int_equal(call(squad, 0, 1), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK); /* the caller */
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 2)->talker_count, 1);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    squad_run(squad, 1000);
    assert_int_equal(squad_talk(squad, 1), STATUS_OK); /* the called */
    squad_run(squad, 500);
    assert_int_equal(squad_view(squad, 2)->talker_count, 1);
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_neighbour_cannot_ring_a_handset_without_end),
        cmocka_unit_test(a_member_cannot_sound_emergencies_without_end),
        cmocka_unit_test(asking_for_the_floor_without_end_tells_the_talker_nothing),
        cmocka_unit_test(two_who_call_each_other_are_connected),
        cmocka_unit_test(of_two_calls_that_cross_one_may_be_withdrawn),
        cmocka_unit_test(a_call_whose_packets_stop_is_shown_as_such),
        cmocka_unit_test(who_hangs_up_knows_when_the_other_side_does),
        cmocka_unit_test(who_calls_a_handset_that_goes_learns_that_nobody_answers),
        cmocka_unit_test(a_call_that_rings_does_not_block_the_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
