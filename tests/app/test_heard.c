/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/keys/heard.h"

enum {
    MANY = 10 * HEARD_TALKERS_MAX,
};

static struct moment at(int64_t boot_ms) {
    return (struct moment){.utc_ms = 5000000 + boot_ms, .boot_ms = boot_ms, .boot_id = 1};
}

static struct heard_who who(int talker, unsigned life) {
    struct announcement_fields fields = {.group = "adhoc:group"};
    snprintf(fields.talker, sizeof fields.talker, "tel:+44770090%04d", talker);
    memcpy(fields.proof.start, &life, sizeof life);
    return heard_who(&fields);
}

static struct heard *heard_new(void) {
    struct heard *heard = malloc(sizeof *heard);
    assert_non_null(heard);
    heard_start(heard);
    return heard;
}

/* Was what that life said at its age, at that moment, perhaps played: measured or by its date? */
static bool may_have(const struct heard *heard, struct heard_who who, int64_t age_ms,
                     int64_t said_ms, bool is_measured) {
    struct heard_until until = heard_until(heard, &who);
    return age_ms <= until.age_ms || said_ms <= (is_measured ? until.said_ms : until.dated_ms);
}

static void play(struct heard *heard, struct heard_who who, int64_t age_ms, int64_t now_ms) {
    heard_add(heard, &who, age_ms, now_ms, at(now_ms));
}

/* --- In one life ---------------------------------------------------------------------------- */

static void what_was_played_is_known_by_the_age_of_its_talkers_life(void **state) {
    (void)state;
    struct heard *heard = heard_new();
    assert_false(may_have(heard, who(1, 1), 500, 1000, true));
    play(heard, who(1, 1), 500, 1000);
    for (int measured = 0; measured < 2; measured++) {
        assert_true(may_have(heard, who(1, 1), 500, 1000, measured));
        assert_true(may_have(heard, who(1, 1), 499, 51000, measured));
        assert_false(may_have(heard, who(1, 1), 501, 1000, measured));
        assert_false(may_have(heard, who(1, 2), 500, 1000, measured)); /* of another life, */
        assert_false(may_have(heard, who(2, 1), 500, 1000, measured)); /* or of somebody else */
    }
    play(heard, who(1, 1), 100, 2000); /* no way back */
    assert_true(may_have(heard, who(1, 1), 500, 2000, true));
    free(heard);
}

static void more_talkers_than_there_is_room_for_open_no_replay(void **state) {
    (void)state;
    struct heard *heard = heard_new();
    for (int i = 0; i < MANY; i++) {
        bool measured = i % 2 == 0;
        /* Somebody new is heard all the same. */
        assert_false(may_have(heard, who(i, 1), 10, 1000 + i, measured));
        play(heard, who(i, 1), 10, 1000 + i);
        for (int k = 0; k <= i; k++) {
            assert_true(may_have(heard, who(k, 1), 10, 1000 + k, k % 2 == 0));
        }
    }
    free(heard);
}

static void who_makes_up_lives_makes_nobody_else_unheard(void **state) {
    (void)state;
    struct heard *heard = heard_new();
    const int64_t ahead_ms = 2000 + ANNOUNCEMENT_TOLERANCE_MS;
    play(heard, who(1, 1), 10, 1000);
    for (unsigned life = 0; life < MANY; life++) {
        struct heard_who made_up = who(9, life);
        if (!may_have(heard, made_up, 10, ahead_ms, false)) {
            heard_add(heard, &made_up, 10, ahead_ms, at(2000));
        }
    }
    for (unsigned life = 0; life < MANY; life++) {
        assert_true(may_have(heard, who(9, life), 10, ahead_ms, false));
    }
    assert_true(may_have(heard, who(1, 1), 10, 1000, true));
    for (int measured = 0; measured < 2; measured++) {
        assert_false(may_have(heard, who(2, 1), 10, 3000, measured));
    }
    free(heard);
}

static void who_was_heard_long_ago_makes_way_without_a_trace(void **state) {
    (void)state;
    struct heard *heard = heard_new();
    for (int i = 0; i < MANY; i++) {
        play(heard, who(i, 1), 10, 1000 + (int64_t)i * HEARD_KEPT_MS);
    }
    assert_false(may_have(heard, who(9999, 1), 10, 1, true));
    assert_false(may_have(heard, who(9999, 1), 10, 1, false));
    free(heard);
}

/* --- Across a restart ----------------------------------------------------------------------- */

static const struct group_clock clock_at_save = {.group_ms = 700000, .at = {5000000, 100000, 1}};

static void after_a_restart_nothing_from_before_it_is_acted_on_and_all_after_it_is(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    heard_time_start(&time, &clock_at_save, at(130000));
    assert_int_equal(time.floor_ms, 730000 + HEARD_LEAD_MS);
    assert_true(heard_time_allows(&time, HEARD_LEAD_MS, 0, at(130000)));
    assert_false(heard_time_allows(&time, HEARD_LEAD_MS + 1, 0, at(130000)));
}

static void
after_a_reboot_with_a_clock_set_back_nothing_since_the_last_save_is_acted_on(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    struct moment set_back = {.utc_ms = 5, .boot_ms = 77, .boot_id = 2};
    heard_time_start(&time, &clock_at_save, set_back);
    assert_int_equal(time.floor_ms, 700000 + HEARD_RESERVE_MS + HEARD_LEAD_MS);
    assert_true((int)HEARD_RESERVE_MS >= (int)GROUP_SAVE_MS);
    struct moment much_later = {.utc_ms = 5000000 + 600000, .boot_ms = 77, .boot_id = 2};
    time = (struct heard_time){.lead_ms = 0};
    heard_time_start(&time, &clock_at_save, much_later);
    assert_int_equal(time.floor_ms, 1300000 + HEARD_LEAD_MS);
}

static void a_group_time_that_is_not_durable_yet_is_as_good_as_the_durable_one(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    struct moment booted = {.utc_ms = 5020000, .boot_ms = 77, .boot_id = 2};
    heard_time_start(&time, &clock_at_save, booted);
    assert_false(heard_time_allows(&time, 0, 0, booted));
    assert_true(heard_time_allows(&time, HEARD_LEAD_MS - 20000, 0, booted));
    assert_true(heard_time_allows(&time, 0, 1, booted));
    heard_time_moved(&time, 3000, 5, 4, booted);
    heard_time_moved(&time, 2000, 6, 4, booted);
    assert_false(heard_time_allows(&time, HEARD_LEAD_MS - 4999, 5, booted));
    assert_true(heard_time_allows(&time, HEARD_LEAD_MS - 5000, 5, booted));
    assert_true(heard_time_allows(&time, 0, 6, booted));
    struct moment later = {.boot_ms = 77 + HEARD_PATIENCE_MS, .boot_id = 2};
    assert_true(heard_time_allows(&time, 0, 4, later)); /* a disk that fails makes nobody deaf */
}

/* What the record keeps of it. */
static struct heard_time saved(const struct heard_time *time) {
    return (struct heard_time){.floor_ms = time->floor_ms, .lead_ms = time->lead_ms};
}

static void a_lead_counts_once_it_is_durable_and_holds_across_restarts(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    heard_time_start(&time, &clock_at_save, at(100000));
    heard_time_lead_by(&time, 4000, 3, 2, at(100000));
    assert_false(heard_time_allows(&time, 4000, 2, at(100000)));
    assert_true(heard_time_allows(&time, 4000, 3, at(100000)));
    /* Twice at once: what was heard before the first is still ahead at the second. */
    for (int restarts = 0; restarts < 2; restarts++) {
        time = saved(&time);
        heard_time_start(&time, &clock_at_save, at(100000));
        assert_in_range(time.floor_ms, 704000, 706000);
    }
    assert_true(heard_time_allows(&time, 4000, 0, at(100000)));
    /* A large one is not kept, but what was announced with it stays refused. */
    time = (struct heard_time){.lead_ms = HEARD_LEAD_KEPT_MS + 1};
    for (int restarts = 0; restarts < 2; restarts++) {
        heard_time_start(&time, &clock_at_save, at(100000));
        assert_int_equal(time.lead_ms, 0);
        assert_int_equal(time.floor_ms, 700000 + HEARD_LEAD_KEPT_MS + 1);
        time = saved(&time);
    }
}

static void a_lead_that_nobody_needs_is_given_up(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    heard_time_start(&time, &clock_at_save, at(100000));
    heard_time_lead_by(&time, 100000, 1, 0, at(100000));
    heard_time_use(&time, 100000, at(150000));
    heard_time_use(&time, 0, at(200000));
    heard_time_settle(&time, at(150000 + ANNOUNCEMENT_TOLERANCE_MS));
    assert_true(time.lead_ms >= 100000);
    heard_time_settle(&time, at(150001 + ANNOUNCEMENT_TOLERANCE_MS));
    assert_int_equal(time.lead_ms, 0);
    assert_false(heard_time_allows(&time, HEARD_LEAD_MS + 1, 1, at(300000)));
}

static void
a_larger_lead_on_its_way_to_the_disk_takes_nothing_from_the_one_that_is_there(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    heard_time_start(&time, &clock_at_save, at(100000));
    heard_time_lead_by(&time, 4000, 1, 0, at(100000));
    heard_time_lead_by(&time, 7000, 2, 1, at(101000));
    assert_true(heard_time_allows(&time, 4000, 1, at(101000)));
    assert_false(heard_time_allows(&time, 7000, 1, at(101000)));
    heard_time_lead_by(&time, 9000, 3, 1, at(102000));
    assert_true(heard_time_allows(&time, 4000, 1, at(102000)));
    assert_true(heard_time_allows(&time, 9000, 3, at(102000)));
}

static void reboots_one_after_the_other_do_not_add_up(void **state) {
    (void)state;
    struct heard_time time = {.lead_ms = 0};
    struct group_clock clock = clock_at_save;
    for (uint64_t boot = 2; boot < 12; boot++) {
        struct moment now = {5000000 + 40000 * (int64_t)boot, 1000, boot};
        heard_time_start(&time, &clock, now);
        int64_t group_ms = group_clock_read(&clock, now);
        assert_true(time.floor_ms - group_ms <= HEARD_RESERVE_MS + HEARD_LEAD_MS);
        clock = group_clock_start(group_ms, now);
        time = saved(&time);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_played_is_known_by_the_age_of_its_talkers_life),
        cmocka_unit_test(more_talkers_than_there_is_room_for_open_no_replay),
        cmocka_unit_test(who_makes_up_lives_makes_nobody_else_unheard),
        cmocka_unit_test(who_was_heard_long_ago_makes_way_without_a_trace),
        cmocka_unit_test(after_a_restart_nothing_from_before_it_is_acted_on_and_all_after_it_is),
        cmocka_unit_test(
            after_a_reboot_with_a_clock_set_back_nothing_since_the_last_save_is_acted_on),
        cmocka_unit_test(a_group_time_that_is_not_durable_yet_is_as_good_as_the_durable_one),
        cmocka_unit_test(a_lead_counts_once_it_is_durable_and_holds_across_restarts),
        cmocka_unit_test(a_lead_that_nobody_needs_is_given_up),
        cmocka_unit_test(
            a_larger_lead_on_its_way_to_the_disk_takes_nothing_from_the_one_that_is_there),
        cmocka_unit_test(reboots_one_after_the_other_do_not_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
