/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a neighbour's age goes with our boot clock (app/handset/air/life.h). The random test prints
 * its seed and takes it as SEED=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "app/handset/air/life.h"

enum {
    HOUR_MS = 60 * 60 * 1000,
    ROUNDS = 2000,
    EXCHANGES = 40,
    DELAY_MAX_MS = 4000,
};

static const uint8_t theirs[START_SIZE] = "theirs", others[START_SIZE] = "others",
                     ours[LIFE_NAME_SIZE] = "ours";
static const struct own_life own = {.name = "ours", .began_ms = 1000};

static uint32_t draw(uint64_t *random, uint32_t limit) {
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*random >> 33) % limit;
}

static struct moment at(int64_t boot_ms) {
    return (struct moment){.boot_ms = boot_ms, .boot_id = 1};
}

/* A presence of the life of `start`; with an echo of what we said at the age `echoed_ms`, or none
 * where that is negative. */
static struct presence presence_of(const uint8_t start[START_SIZE], int64_t age_ms,
                                   int64_t echoed_ms, int64_t held_ms) {
    struct presence presence = {.age_ms = age_ms};
    memcpy(presence.start, start, START_SIZE);
    if (echoed_ms >= 0) {
        presence.echo_count = 1;
        presence.echoes[0] = (struct presence_echo){.age_ms = echoed_ms, .held_ms = held_ms};
        memcpy(presence.echoes[0].life, ours, LIFE_NAME_SIZE);
    }
    return presence;
}

static void hear(struct lives *lives, struct presence presence, int64_t boot_ms) {
    lives_hear(lives, &presence, &own, at(boot_ms));
}

static bool ago_of(const struct lives *lives, int64_t age_ms, int64_t boot_ms, struct ago *ago) {
    const struct life *life = lives_find(lives, theirs);
    assert_non_null(life);
    return life_ago(life, age_ms, boot_ms, ago);
}

/* --- Measuring ------------------------------------------------------------------------------ */

static void one_way_measures_nothing(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    for (int i = 0; i < 10; i++) {
        hear(&lives, presence_of(theirs, 5000 * i, -1, 0), 10000 + 5000 * i);
        assert_false(ago_of(&lives, 5000 * i, 10000 + 5000 * i, &ago));
    }
}

static void an_echo_that_was_held_for_a_while_measures_to_the_time_of_both_ways(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    /* Said at 4000, heard 300 ms later, echoed after 5 s, heard 200 ms after that. Their age is
     * 100,000 at our 9300. */
    hear(&lives, presence_of(theirs, 100000, 3000, 5000), 9500);
    assert_true(ago_of(&lives, 100000, 9500, &ago));
    assert_true(ago.min_ms <= 200 && ago.max_ms >= 200);
    assert_in_range(ago.max_ms - ago.min_ms, 500, 510);
    assert_true(ago_of(&lives, 40000, 9500, &ago)); /* what it said a minute before */
    assert_true(ago.min_ms <= 60200 && ago.max_ms >= 60200);
}

static void the_range_widens_with_the_time_since(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    hear(&lives, presence_of(theirs, 100000, 3000, 5000), 9500);
    assert_true(ago_of(&lives, 100000, 9500 + HOUR_MS, &ago));
    int64_t hour_drift_ms = (int64_t)HOUR_MS * LIFE_DRIFT_PPM / 1000000;
    assert_in_range(ago.max_ms - ago.min_ms, 500 + 2 * hour_drift_ms, 510 + 2 * hour_drift_ms);
    assert_false(ago_of(&lives, 100000, 9500 + 12LL * HOUR_MS, &ago));
}

static void what_was_not_said_by_us_in_this_life_is_no_echo(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    struct presence of_other = presence_of(theirs, 100000, 3000, 5000);
    memcpy(of_other.echoes[0].life, others, LIFE_NAME_SIZE);
    assert_false(presence_is_answer(&of_other, &own, at(9500)));
    hear(&lives, of_other, 9500);
    struct presence of_later = presence_of(theirs, 100001, 8501, 0); /* we are 8,500 old */
    assert_false(presence_is_answer(&of_later, &own, at(9500)));
    hear(&lives, of_later, 9500);
    hear(&lives, presence_of(theirs, 100002, 8000, 2000), 9500); /* heard before it was said */
    assert_false(ago_of(&lives, 100000, 9500, &ago));
}

static void what_does_not_fit_any_more_is_measured_anew(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    hear(&lives, presence_of(theirs, 100000, 3000, 5000), 9500);
    hear(&lives, presence_of(theirs, 200000, -1, 0), 15000); /* its clock jumped */
    assert_false(ago_of(&lives, 200000, 15000, &ago));
    hear(&lives, presence_of(theirs, 205000, 18000, 900), 20000);
    assert_true(ago_of(&lives, 205000, 20000, &ago));
    assert_true(ago.min_ms <= 0 && ago.max_ms >= 0);
}

/* Two handsets with any clocks, drifts, delays and losses: the truth is always in the range. */
static void the_truth_is_in_the_range(void **state) {
    (void)state;
    const char *given = getenv("SEED");
    uint64_t random = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("SEED=%llu\n", (unsigned long long)random);
    size_t measured = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct lives lives = {0};
        int64_t ppm = (int64_t)draw(&random, LIFE_DRIFT_PPM + 1) - LIFE_DRIFT_PPM / 2;
        int64_t older_ms = (int64_t)draw(&random, HOUR_MS), boot_ms = 2000;
        int64_t echoed_at = -1, echo_heard_at = 0;
        for (int i = 0; i < EXCHANGES; i++) {
            int64_t way_ms = (int64_t)draw(&random, DELAY_MAX_MS);
            if (draw(&random, 3) == 0) { /* it hears us */
                echoed_at = boot_ms;
                echo_heard_at = boot_ms + way_ms;
            }
            boot_ms += 4000 + (int64_t)draw(&random, 200000);
            int64_t age_ms = older_ms + boot_ms + boot_ms * ppm / 1000000;
            int64_t held_ms = (boot_ms - echo_heard_at) * (1000000 + ppm) / 1000000;
            struct ago ago;
            hear(
                &lives,
                presence_of(theirs, age_ms, echoed_at < 0 ? -1 : echoed_at - own.began_ms, held_ms),
                boot_ms + way_ms);
            if (ago_of(&lives, age_ms, boot_ms + way_ms, &ago)) {
                measured++;
                assert_true(ago.min_ms <= way_ms + 1 && ago.max_ms >= way_ms - 1);
            }
        }
    }
    assert_true(measured > ROUNDS);
}

/* --- Two of the same ------------------------------------------------------------------------ */

static void two_that_live_are_told_from_one_that_restarted(void **state) {
    (void)state;
    struct lives lives = {0};
    hear(&lives, presence_of(theirs, 100000, 3000, 0), 4100);
    hear(&lives, presence_of(others, 500, 4000, 0), 5100); /* said after the first was heard */
    assert_true(lives_were_two_ms(&lives, 6100) == INT64_MIN);
    /* What the first had said before is heard late. */
    hear(&lives, presence_of(theirs, 100900, 3900, 0), 5200);
    assert_true(lives_were_two_ms(&lives, 6100) == INT64_MIN);
    hear(&lives, presence_of(theirs, 102000, 5000, 0), 6100);
    assert_true(lives_were_two_ms(&lives, 6100) != INT64_MIN);
}

static void a_life_that_was_measured_makes_way_for_none_that_was_not(void **state) {
    (void)state;
    struct lives lives = {0};
    struct ago ago;
    hear(&lives, presence_of(theirs, 100000, 3000, 5000), 9500);
    for (uint8_t i = 0; i < 5; i++) {
        const uint8_t start[START_SIZE] = {i};
        hear(&lives, presence_of(start, 1, -1, 0), 10000 + i);
    }
    assert_true(ago_of(&lives, 100000, 11000, &ago));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_way_measures_nothing),
        cmocka_unit_test(an_echo_that_was_held_for_a_while_measures_to_the_time_of_both_ways),
        cmocka_unit_test(the_range_widens_with_the_time_since),
        cmocka_unit_test(what_was_not_said_by_us_in_this_life_is_no_echo),
        cmocka_unit_test(what_does_not_fit_any_more_is_measured_anew),
        cmocka_unit_test(the_truth_is_in_the_range),
        cmocka_unit_test(two_that_live_are_told_from_one_that_restarted),
        cmocka_unit_test(a_life_that_was_measured_makes_way_for_none_that_was_not),
    };
    return cmocka_run_group_tests_name("air/life", tests, NULL, NULL);
}
