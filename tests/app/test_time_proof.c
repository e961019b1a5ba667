/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A handset whose clock stood still is found out by its neighbours (app/handset/keys/time_proof.h):
 * its officer is told, and the time of its groups goes forward, so that keys end as they should.
 * Nobody moves it back, and one neighbour alone moves nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/handset.h"
#include "delivery.h"

enum {
    GMK = 0x01020304,
    SECOND_MS = 1000,
    MINUTE_MS = 60 * SECOND_MS,
    MEET_MS = 12 * SECOND_MS,              /* until clocks are measured */
    LOOK_MS = PRESENCE_INTERVAL_MS + 1000, /* until it has looked at them once more */
};

/* `count` handsets that hold the key of a standard group, for an hour from now on. */
static struct squad *standard_squad(size_t count) {
    struct squad *squad = squad_new(count);
    for (size_t n = 0; n < count; n++) {
        const struct delivery delivery = delivery_now(squad, n, GMK);
        assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    }
    squad_run(squad, MEET_MS);
    return squad;
}

/* Handset n's power is cut for `off_ms`, and its clock stands still meanwhile. */
static void stand_still(struct squad *squad, size_t n, int64_t off_ms) {
    squad->boot_ms += off_ms;
    squad->handsets[n].utc_offset_ms -= off_ms;
    squad_restart(squad, n, true);
}

static const struct event *alarm_of(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    for (size_t i = 0; i < view->alarm_count; i++) {
        if (view->alarms[i].kind == kind) {
            return &view->alarms[i];
        }
    }
    return NULL;
}

static size_t count_told(struct squad *squad, size_t n, enum event_kind kind) {
    const struct view *view = squad_view(squad, n);
    size_t count = 0;
    for (size_t i = 0; i < view->log_count; i++) {
        count += view->log[i].kind == kind;
    }
    return count;
}

static const struct view_group *group_of(struct squad *squad, size_t n) {
    return &squad_view(squad, n)->groups[0];
}

/* The keys of the two end within two seconds of each other. */
static void assert_ends_together(struct squad *squad, size_t a, size_t b) {
    int64_t left_ms = group_of(squad, a)->remaining_ms;
    int64_t difference_ms = group_of(squad, b)->remaining_ms - left_ms;
    assert_in_range(difference_ms + 2 * SECOND_MS, 0, 4 * SECOND_MS);
}

static void a_standing_clock_is_found_out_and_keys_end_as_they_should(void **state) {
    (void)state;
    struct squad *squad = standard_squad(3);
    stand_still(squad, 0, 30 * MINUTE_MS);
    squad_run(squad, 500);
    assert_true(group_of(squad, 0)->time_unproven);
    assert_true(group_of(squad, 0)->remaining_ms > 59 * MINUTE_MS);
    squad_run(squad, MEET_MS);
    const struct event *alarm = alarm_of(squad, 0, EVENT_CLOCK_DIFFERS);
    assert_non_null(alarm);
    assert_in_range(alarm->duration_ms - 30 * MINUTE_MS + SECOND_MS, 0, 2 * SECOND_MS);
    assert_null(alarm_of(squad, 1, EVENT_CLOCK_DIFFERS));
    assert_false(group_of(squad, 0)->time_unproven);
    assert_ends_together(squad, 0, 1);
    squad_restart(squad, 0, false); /* what was found out is durable */
    assert_ends_together(squad, 0, 1);
    squad->step_ms = 100;
    squad_run(squad, 30 * MINUTE_MS);
    assert_int_equal(group_of(squad, 0)->gmk_state, GMK_EXPIRED);
    assert_int_equal(group_of(squad, 1)->gmk_state, GMK_EXPIRED);
    squad_free(squad);
}

static void the_alarm_ends_when_the_clock_is_set(void **state) {
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct squad *squad = standard_squad(3);
        stand_still(squad, 0, 30 * MINUTE_MS);
        squad_run(squad, MEET_MS);
        assert_non_null(alarm_of(squad, 0, EVENT_CLOCK_DIFFERS));
        squad->handsets[0].deaf = alone != 0;
        squad_run(squad, alone != 0 ? 30 * SECOND_MS : SECOND_MS);
        assert_non_null(alarm_of(squad, 0, EVENT_CLOCK_DIFFERS));
        squad->handsets[0].utc_offset_ms = 0;
        squad_run(squad, LOOK_MS);
        assert_null(alarm_of(squad, 0, EVENT_CLOCK_DIFFERS));
        assert_int_equal(count_told(squad, 0, EVENT_CLOCK_DIFFERS), 1);
        squad_free(squad);
    }
}

static void one_neighbour_alone_moves_nothing_and_is_told_of_once(void **state) {
    (void)state;
    struct squad *squad = standard_squad(2);
    stand_still(squad, 0, 30 * MINUTE_MS);
    squad_run(squad, 2 * MEET_MS);
    assert_null(alarm_of(squad, 0, EVENT_CLOCK_DIFFERS));
    assert_int_equal(count_told(squad, 0, EVENT_CLOCK_MAY_BE_BEHIND), 1);
    assert_int_equal(count_told(squad, 1, EVENT_CLOCK_MAY_BE_BEHIND), 0);
    assert_true(group_of(squad, 0)->time_unproven);
    assert_true(group_of(squad, 0)->remaining_ms > 59 * MINUTE_MS);
    squad_free(squad);
}

static void one_wrong_clock_among_others_moves_nobody(void **state) {
    (void)state;
    struct squad *squad = standard_squad(3);
    squad->handsets[0].utc_offset_ms = 50 * MINUTE_MS;
    squad_run(squad, MEET_MS);
    for (size_t n = 1; n < 3; n++) {
        assert_null(alarm_of(squad, n, EVENT_CLOCK_DIFFERS));
        assert_true(group_of(squad, n)->remaining_ms > 59 * MINUTE_MS);
    }
    const struct event *alarm = alarm_of(squad, 0, EVENT_CLOCK_DIFFERS);
    assert_non_null(alarm);
    assert_in_range(alarm->duration_ms + 50 * MINUTE_MS + SECOND_MS, 0, 2 * SECOND_MS);
    squad_free(squad);
}

static void nobody_moves_group_time_back(void **state) {
    (void)state;
    struct squad *squad = standard_squad(3);
    squad->handsets[1].utc_offset_ms = squad->handsets[2].utc_offset_ms = -50 * MINUTE_MS;
    int64_t left_ms = group_of(squad, 0)->remaining_ms;
    squad_run(squad, MEET_MS);
    assert_non_null(alarm_of(squad, 0, EVENT_CLOCK_DIFFERS));
    assert_int_equal(group_of(squad, 0)->remaining_ms, left_ms - MEET_MS);
    squad_free(squad);
}

/* Two that are a year ahead, and one or none that is right. */
static void two_wrong_clocks_need_a_majority_and_end_no_group_for_good(void **state) {
    (void)state;
    const int64_t year_ms = 365 * 24 * (int64_t)HOUR_MS;
    for (size_t count = 3; count <= 4; count++) {
        struct squad *squad = standard_squad(count);
        squad->handsets[1].utc_offset_ms = squad->handsets[2].utc_offset_ms = year_ms;
        squad_run(squad, MEET_MS);
        bool is_ended = group_of(squad, 0)->gmk_state == GMK_EXPIRED;
        assert_int_equal(is_ended, count == 3);
        squad->handsets[1].utc_offset_ms = squad->handsets[2].utc_offset_ms = 0;
        squad_run(squad, MEET_MS);
        for (int reboots = 0; is_ended && reboots < 2; reboots++) {
            struct delivery next = delivery_now(squad, 0, GMK + 1);
            assert_int_equal(delivery_give(squad, &next),
                             reboots == 0 ? STATUS_OK : STATUS_REPLAYED);
            assert_int_equal(group_of(squad, 0)->gmk_state, GMK_USABLE);
            squad_restart(squad, 0, true);
        }
        assert_int_equal(group_of(squad, 0)->gmk_state, GMK_USABLE);
        if (is_ended) {
            struct delivery next = delivery_now(squad, 1, GMK + 1);
            assert_int_equal(delivery_give(squad, &next), STATUS_OK);
        }
        squad_run(squad, MEET_MS);
        for (size_t talker = 0; talker < 2; talker++) {
            assert_int_equal(squad_talk(squad, talker), STATUS_OK);
            squad_run(squad, 4 * SECOND_MS);
            assert_int_equal(squad_view(squad, 1 - talker)->talker_count, 1);
            assert_int_equal(squad_stop(squad, talker), STATUS_OK);
            squad_run(squad, SECOND_MS);
        }
        squad_free(squad);
    }
}

/* Its clock is behind by more, or by less, than the key lasts. The neighbours show that, so that
 * the key is not dated ahead. */
static void a_key_outlives_the_healing_of_the_clock_that_it_was_taken_under(void **state) {
    (void)state;
    const int64_t day_ms = 24 * (int64_t)HOUR_MS, behind_days[] = {40, 20};
    for (size_t i = 0; i < sizeof behind_days / sizeof behind_days[0]; i++) {
        struct squad *squad = squad_new(3);
        squad->handsets[0].utc_offset_ms = -behind_days[i] * day_ms;
        squad_run(squad, MEET_MS);
        for (size_t n = 0; n < 3; n++) {
            struct delivery delivery = delivery_now(squad, 1, GMK);
            delivery.member = n;
            delivery.ends_ms = delivery.begins_ms + 30 * day_ms;
            assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
        }
        squad_restart(squad, 0, false);
        squad_run(squad, 2 * MEET_MS);
        for (int restarts = 0; restarts < 2; restarts++) {
            assert_int_equal(group_of(squad, 0)->gmk_state, GMK_USABLE);
            assert_ends_together(squad, 0, 1);
            squad_restart(squad, 0, false);
        }
        squad->handsets[0].utc_offset_ms = 0;
        squad->boot_ms += 30 * day_ms;
        squad_run(squad, MEET_MS);
        assert_int_equal(group_of(squad, 0)->gmk_state, GMK_EXPIRED);
        squad_free(squad);
    }
}

/* What no announcement could be dated by moves no group, and every start after it succeeds. */
static void clocks_at_the_end_of_all_times_are_not_listened_to(void **state) {
    (void)state;
    const int64_t ends_ms[] = {INT64_MAX / 4, INT64_C(4233462144000) + MEET_MS};
    for (size_t i = 0; i < sizeof ends_ms / sizeof ends_ms[0]; i++) {
        struct squad *squad = standard_squad(3);
        int64_t offset_ms = ends_ms[i] - squad_now(squad, 0).utc_ms - MEET_MS - SECOND_MS;
        squad->handsets[1].utc_offset_ms = squad->handsets[2].utc_offset_ms = offset_ms;
        squad_run(squad, MEET_MS);
        assert_int_equal(group_of(squad, 0)->gmk_state, GMK_USABLE);
        squad->handsets[1].deaf = squad->handsets[2].deaf = true;
        for (int starts = 0; starts < 2; starts++) {
            squad_run(squad, GROUP_SAVE_MS + SECOND_MS);
            squad_restart(squad, 0, starts > 0);
        }
        assert_int_equal(group_of(squad, 0)->gmk_state, GMK_USABLE);
        squad_free(squad);
    }
}

static void time_is_proven_by_a_neighbour_that_agrees(void **state) {
    (void)state;
    struct squad *squad = standard_squad(2);
    assert_false(group_of(squad, 0)->time_unproven);
    squad_restart(squad, 0, false);
    assert_true(group_of(squad, 0)->time_unproven);
    squad_run(squad, MEET_MS);
    assert_false(group_of(squad, 0)->time_unproven);
    squad->handsets[0].deaf = true;
    squad_run(squad, 30 * SECOND_MS);
    assert_false(group_of(squad, 0)->time_unproven); /* who has met stays proven */
    squad->handsets[0].utc_offset_ms = -3 * SECOND_MS;
    squad_run(squad, LOOK_MS);
    assert_true(group_of(squad, 0)->time_unproven); /* until its clock is set back */
    squad->handsets[0].deaf = false;
    squad_run(squad, MEET_MS);
    assert_false(group_of(squad, 0)->time_unproven);
    squad->handsets[0].deaf = true;
    squad_run(squad, 30 * SECOND_MS);
    const struct delivery delivery = delivery_now(squad, 0, GMK + 1);
    assert_int_equal(delivery_give(squad, &delivery), STATUS_OK);
    assert_true(group_of(squad, 0)->time_unproven); /* or it takes a key */
    squad_free(squad);
}

static void an_ad_hoc_groups_time_is_proven_by_its_members(void **state) {
    (void)state;
    struct squad *squad = squad_new(3);
    squad_group(squad, HOUR_MS);
    assert_false(group_of(squad, 1)->time_unproven);
    stand_still(squad, 1, 30 * MINUTE_MS);
    squad_run(squad, MEET_MS);
    assert_true(group_of(squad, 1)->time_unproven);
    assert_true(group_of(squad, 1)->remaining_ms > 59 * MINUTE_MS);
    squad->handsets[1].utc_offset_ms = 0; /* setting the clock right does not mend it */
    squad_run(squad, MEET_MS);
    assert_true(group_of(squad, 1)->time_unproven);
    assert_int_equal(squad_talk(squad, 0), STATUS_OK);
    squad_run(squad, 4 * SECOND_MS);
    assert_int_equal(squad_stop(squad, 0), STATUS_OK);
    assert_false(group_of(squad, 1)->time_unproven);
    assert_ends_together(squad, 0, 1);
    squad_restart(squad, 2, true); /* with a clock that went on */
    assert_true(group_of(squad, 2)->time_unproven);
    squad_run(squad, MEET_MS);
    assert_false(group_of(squad, 2)->time_unproven);
    squad_free(squad);
}

/* At each of several starts a member says that the group's time is as far ahead as it may say. */
static void a_member_moves_an_ad_hoc_group_by_half_a_day_and_splits_nobody_off(void **state) {
    (void)state;
    struct squad *squad = squad_new(2);
    squad_group(squad, HOUR_MS);
    for (size_t n = 0; n < 2; n++) { /* longer than ours may last, so that it is seen moving */
        squad->handsets[n].engine->groups.list[0]->current.not_after_ms +=
            7 * 24 * (int64_t)HOUR_MS;
    }
    squad_run(squad, GROUP_SAVE_MS + SECOND_MS);
    int64_t before_ms = group_of(squad, 0)->remaining_ms, began_ms = squad->boot_ms;
    for (int starts = 0; starts < 3; starts++) {
        squad_restart(squad, 0, starts == 1);
        struct groups *groups = &squad->handsets[0].engine->groups;
        time_proof_hear_member(groups, groups->list[0], LEAD_MAX_MS + ANNOUNCEMENT_TOLERANCE_MS,
                               squad_now(squad, 0));
        squad_run(squad, SECOND_MS);
        int64_t passed_ms = squad->boot_ms - began_ms;
        int64_t moved_ms = before_ms - group_of(squad, 0)->remaining_ms - passed_ms;
        assert_in_range(moved_ms - LEAD_MAX_MS / 2 + SECOND_MS, 0, 2 * SECOND_MS);
    }
    squad_run(squad, MEET_MS);
    for (size_t talker = 0; talker < 2; talker++) {
        assert_int_equal(squad_talk(squad, talker), STATUS_OK);
        squad_run(squad, 4 * SECOND_MS);
        assert_int_equal(squad_view(squad, 1 - talker)->talker_count, 1);
        assert_int_equal(squad_stop(squad, talker), STATUS_OK);
        squad_run(squad, SECOND_MS);
    }
    squad_free(squad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_standing_clock_is_found_out_and_keys_end_as_they_should),
        cmocka_unit_test(the_alarm_ends_when_the_clock_is_set),
        cmocka_unit_test(one_neighbour_alone_moves_nothing_and_is_told_of_once),
        cmocka_unit_test(one_wrong_clock_among_others_moves_nobody),
        cmocka_unit_test(nobody_moves_group_time_back),
        cmocka_unit_test(two_wrong_clocks_need_a_majority_and_end_no_group_for_good),
        cmocka_unit_test(a_key_outlives_the_healing_of_the_clock_that_it_was_taken_under),
        cmocka_unit_test(clocks_at_the_end_of_all_times_are_not_listened_to),
        cmocka_unit_test(time_is_proven_by_a_neighbour_that_agrees),
        cmocka_unit_test(an_ad_hoc_groups_time_is_proven_by_its_members),
        cmocka_unit_test(a_member_moves_an_ad_hoc_group_by_half_a_day_and_splits_nobody_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
