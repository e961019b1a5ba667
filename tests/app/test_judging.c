/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who is heard, whatever the clocks say, and which recordings are not (app/handset/talk/judging.h,
 * keys/lead.h): members of a standard group, whose time is each one's own wall clock.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"
#include "speaker.h"

enum {
    KEY = 0x0ABCDEF1,
    MINUTE_MS = 60 * 1000,
    MEET_MS = 12 * 1000, /* enough for presences to go to and fro */
};

/* Two members of one group, whose wall clocks are off by that much. */
static struct squad *pair(int64_t first_ms, int64_t second_ms) {
    struct squad *squad = squad_new(2);
    squad->handsets[0].utc_offset_ms = first_ms;
    squad->handsets[1].utc_offset_ms = second_ms;
    for (size_t n = 0; n < 2; n++) {
        struct delivery delivery = delivery_now(squad, n, KEY);
        delivery.ends_ms = delivery.begins_ms + 48 * (int64_t)HOUR_MS;
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    return squad;
}

static struct command silence(int on) {
    return (struct command){.kind = COMMAND_RADIO_SILENCE, .on = on};
}

/* Where among the kept frames the latest talk begins and ends. */
static size_t first, end;

/* Does the other hear handset n, which talks for two seconds? */
static bool is_heard(struct squad *squad, size_t n) {
    size_t other = 1 - n;
    first = squad->frame_count;
    assert_int_equal(squad_talk(squad, n), STATUS_OK);
    squad_run(squad, 2000);
    bool heard = squad_view(squad, other)->talker_count == 1;
    assert_int_equal(squad_stop(squad, n), STATUS_OK);
    end = squad->frame_count;
    squad_run(squad, 500);
    return heard;
}

static const int64_t offsets[][2] = {
    {-10 * MINUTE_MS, 10 * MINUTE_MS},
    {0, 4 * MINUTE_MS},
    {-20 * (int64_t)HOUR_MS, 0},
    {0, 3 * MINUTE_MS},
};

static void members_hear_each_other_once_their_presences_went_to_and_fro(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof offsets / sizeof offsets[0]; i++) {
        struct squad *squad = pair(offsets[i][0], offsets[i][1]);
        squad_run(squad, MEET_MS);
        for (size_t n = 0; n < 2; n++) {
            assert_true(is_heard(squad, n));
            assert_true(is_heard(squad, n)); /* again, under the same lead */
        }
        /* A restart of the one or the other is a new life. */
        for (size_t n = 0; n < 2; n++) {
            squad_restart(squad, n, false);
            squad_run(squad, MEET_MS);
            assert_true(is_heard(squad, 0));
            assert_true(is_heard(squad, 1));
        }
        squad_free(squad);
    }
}

static void who_is_behind_by_more_than_a_day_is_heard_once_measured(void **state) {
    (void)state;
    struct squad *squad = pair(0, -30 * (int64_t)HOUR_MS);
    squad_run(squad, MEET_MS);
    assert_true(is_heard(squad, 1));
    assert_true(is_heard(squad, 1));
    squad_free(squad);
}

static void a_wall_clock_that_is_set_changes_nothing_for_who_is_nearby(void **state) {
    (void)state;
    struct squad *squad = pair(0, 0);
    squad_run(squad, MEET_MS);
    squad->handsets[0].utc_offset_ms = -7 * (int64_t)HOUR_MS;
    squad_run(squad, 1000);
    assert_true(is_heard(squad, 0));
    assert_true(is_heard(squad, 1));
    squad_free(squad);
}

static void who_was_not_measured_is_judged_by_group_time(void **state) {
    (void)state;
    struct squad *squad = pair(0, 4 * MINUTE_MS);
    const struct command on = silence(1), off = silence(0);
    assert_int_equal(squad_command(squad, 1, &on), STATUS_OK);
    squad_restart(squad, 0, false); /* it forgets who was measured */
    squad_run(squad, MEET_MS);
    assert_false(is_heard(squad, 1));
    assert_int_equal(squad->handsets[0].last_refusal, STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(squad_command(squad, 1, &off), STATUS_OK);
    squad_run(squad, MEET_MS);
    assert_true(is_heard(squad, 1));
    squad_free(squad);
}

/* Somebody plays the latest talk, which was handset 1's, to handset 0. */
static void replay(struct squad *squad) {
    unsigned heard = squad->handsets[0].voice_frames;
    recording_play(squad, 0, 1, first, end);
    squad_run(squad, 100);
    assert_int_equal(squad_view(squad, 0)->talker_count, 0);
    assert_int_equal(squad->handsets[0].voice_frames, heard);
}

/* Of who is heard and of who never talked before, at each moment: also at the one at which the date
 * of the recording has come here. */
static void a_recording_is_heard_at_no_time_and_after_no_restart(void **state) {
    (void)state;
    static const int64_t leads[] = {90 * 1000, 4 * MINUTE_MS, 20 * MINUTE_MS, -4 * MINUTE_MS};
    for (size_t i = 0; i < 2 * sizeof leads / sizeof leads[0]; i++) {
        bool restarts = i % 2 == 0;
        struct squad *squad = pair(0, leads[i / 2]);
        squad_run(squad, MEET_MS);
        assert_true(is_heard(squad, 1));
        replay(squad);
        squad->handsets[1].deaf = true; /* it is gone */
        squad->step_ms = 500;
        for (int64_t ms = 0; ms < 25 * (int64_t)MINUTE_MS; ms += 30 * 1000) {
            if (restarts) {
                squad_restart(squad, 0, false);
            }
            squad_run(squad, 30 * 1000);
            replay(squad);
        }
        squad_free(squad);
    }
}

/* The talker is nearby all the time, so that its clock is measured again at once. */
static void what_was_said_before_a_restart_is_heard_no_more(void **state) {
    (void)state;
    static const int64_t leads[] = {-4 * MINUTE_MS, 0, 90 * 1000, 4 * MINUTE_MS};
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        struct squad *squad = pair(0, leads[i]);
        squad_run(squad, MEET_MS);
        assert_true(is_heard(squad, 1));
        squad_restart(squad, 0, false);
        for (int round = 0; round < 10; round++) {
            squad_run(squad, 2000);
            replay(squad);
        }
        assert_true(is_heard(squad, 1));
        squad_free(squad);
    }
}

/* By the talker's clock, and by the one of who was not measured only as far as that goes: what its
 * talk began with. */
static void what_is_held_back_is_not_heard(void **state) {
    (void)state;
    static const int64_t held_ms[] = {LIVE_MS + 100, 10 * 1000, 40 * 1000, 110 * 1000, 130 * 1000};
    for (size_t i = 0; i < sizeof held_ms / sizeof held_ms[0]; i++) {
        struct squad *squad = pair(0, 90 * 1000);
        squad_run(squad, MEET_MS);
        squad->handsets[0].deaf = true;
        assert_false(is_heard(squad, 1));
        squad->handsets[0].deaf = false;
        squad_run(squad, held_ms[i]);
        replay(squad);
        squad_free(squad);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_hear_each_other_once_their_presences_went_to_and_fro),
        cmocka_unit_test(who_is_behind_by_more_than_a_day_is_heard_once_measured),
        cmocka_unit_test(a_wall_clock_that_is_set_changes_nothing_for_who_is_nearby),
        cmocka_unit_test(who_was_not_measured_is_judged_by_group_time),
        cmocka_unit_test(a_recording_is_heard_at_no_time_and_after_no_restart),
        cmocka_unit_test(what_was_said_before_a_restart_is_heard_no_more),
        cmocka_unit_test(what_is_held_back_is_not_heard),
    };
    return cmocka_run_group_tests_name("talk/judging", tests, NULL, NULL);
}
