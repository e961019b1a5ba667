/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where many handsets are: how often each says that it is here (air/pace.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "crowd.h"
#include "crowd_recording.h"

enum {
    PROBE = 3,
    HOUR = 60 * 60 * 1000,
};

static void the_rhythm_keeps_to_its_part_of_the_air(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 15, 40, 200, 500, 2000, 2600};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct rhythm rhythm = rhythm_of(sizes[i]);
        double octets = RHYTHM_SIGNED_OCTETS + (rhythm.signed_each - 1.0) * RHYTHM_LINK_OCTETS;
        double cycle_s = (double)rhythm.interval_ms * rhythm.signed_each / 1000;
        assert_true((double)(sizes[i] + 1) * octets / cycle_s <= RHYTHM_OCTETS * 1.01);
        assert_true(rhythm.interval_ms >= PRESENCE_INTERVAL_MS);
    }
    assert_int_equal(rhythm_of(3).interval_ms, PRESENCE_INTERVAL_MS);
}

/* 20 kbit/s for all, of which each kind has its part. */
static void the_parts_of_the_air_are_no_more_than_all_of_it(void **state) {
    (void)state;
    assert_in_range(RHYTHM_OCTETS + PACE_ATTENDANCE_OCTETS + PACE_EXTRA_OCTETS, 1, 20000 / 8);
    assert_in_range(PACE_LATE_OCTETS, 1, PACE_EXTRA_OCTETS);
    assert_in_range(PACE_IDLE_OCTETS, 1, PACE_LATE_OCTETS);
}

static void two_who_lie_slow_nobody_down(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    for (uint8_t who = 0; who < 20; who++) {
        pace_hear(&pace, now, 100U + who, 10, 9, 300);
        pace_hear(&pace, now, 200U + who % 2, 60000, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 10);
    now.boot_ms += PACE_SAID_MS + 1;
    assert_int_equal(pace_count(&pace, now), 9);
}

static void what_each_said_last_counts(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    for (size_t i = 0; i < 3 * (size_t)PACE_SAMPLES_MAX; i++) {
        pace_hear(&pace, now, (uint32_t)(i % 5), 2000, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 2000);
    for (uint32_t who = 0; who < 3; who++) {
        pace_hear(&pace, now, who, 50, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 50); /* the third highest of 2000, 2000, 50, 50, 50 */
    pace_hear(&pace, now, 0, 2000, 9, 300);
    assert_int_equal(pace_count(&pace, now), 2000);
}

static void what_was_said_long_ago_counts_no_more(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    for (uint8_t who = 0; who < 5; who++) {
        pace_hear(&pace, now, 100U + who, 2000, 9, 300);
    }
    assert_int_equal(pace_count(&pace, now), 2000);
    now.boot_ms += PACE_SAID_MS + 1;
    pace_hear(&pace, now, 200, 10, 9, 300);
    assert_int_equal(pace_count(&pace, now), 10);
}

/* Among two thousand, of what is signed in a second the usual presences are some 430 octets. */
static void what_nobody_waits_for_takes_its_part_of_the_air_alone(void **state) {
    (void)state;
    struct pace pace;
    struct moment now = {.boot_ms = 1000};
    pace_begin(&pace, now);
    assert_true(pace_has_room(&pace, now, PACE_IDLE_OCTETS)); /* nobody is there */
    for (uint8_t i = 0; i < 60; i++) {
        now.boot_ms += 200;
        pace_hear(&pace, now, 100U + i, 2000, 2000, 300);
    }
    assert_false(pace_has_room(&pace, now, PACE_EXTRA_OCTETS)); /* 1,500 */
    for (uint8_t i = 0; i < 24; i++) {
        now.boot_ms += 500;
        pace_hear(&pace, now, 200U + i, 2000, 2000, 300);
    }
    assert_true(pace_has_room(&pace, now, PACE_EXTRA_OCTETS)); /* 600 */
    assert_false(pace_has_room(&pace, now, PACE_IDLE_OCTETS));
}

/* Who said a presence every 5 s, before many came, is silent for longer since. */
static void who_speaks_as_seldom_as_all_do_is_not_taken_for_gone(void **state) {
    (void)state;
    struct roster *roster = calloc(1, sizeof *roster);
    assert_non_null(roster);
    const struct neighbour neighbour = {.presence.rhythm.interval_ms = PRESENCE_INTERVAL_MS};
    const struct moment now = {.boot_ms = 60 * 1000};
    roster_crowd(roster, false, PRESENCE_INTERVAL_MS);
    assert_false(neighbour_is_near(&neighbour, roster, now));
    roster_crowd(roster, true, 90 * 1000);
    assert_true(neighbour_is_near(&neighbour, roster, now));
    free(roster);
}

/* 95 % of what two hundred say at rest. */
static void two_hundred_keep_to_their_part_of_the_air(void **state) {
    (void)state;
    struct crowd *crowd = crowd_gather(200);
    uint64_t before = crowd_said(crowd);
    crowd_run(crowd, 20000);
    assert_true((double)(crowd_said(crowd) - before) * 8 / 20 <= 20000);
    for (size_t n = 0; n < 200; n += 17) {
        unsigned counted = pace_count(&crowd->handsets[n].engine->pace, crowd_now(crowd));
        assert_true(counted >= 150 && counted <= 210);
    }
    crowd_free(crowd);
}

/* The n-th comes, and says that it has two thousand nearby. */
static void come_from_crowd(struct crowd *crowd, size_t n) {
    crowd_on(crowd, n, NULL);
    crowd->handsets[n].engine->roster.counted = 2000;
    crowd->handsets[n].engine->roster.counted_ms = INT64_MAX / 2;
}

static unsigned count_at(const struct crowd *crowd, size_t n) {
    return pace_count(&crowd->handsets[n].engine->pace, crowd_now(crowd));
}

/* Among two thousand each says a word every 150 s or so. Fifty come within a few seconds: these
 * words are said at all times from then on, and not all at once two minutes later. */
static void who_came_together_speaks_at_different_times(void **state) {
    (void)state;
    enum {
        FIFTY = 48
    };
    struct crowd *crowd = crowd_new(FIFTY, 7);
    uint64_t said = 0;
    for (size_t n = 0; n < FIFTY; n++) {
        come_from_crowd(crowd, n);
        crowd_run(crowd, 100);
    }
    crowd_run(crowd, 30000); /* the words of who comes, and the answers to these */
    for (size_t third = 0; third < 3; third++) {
        said = crowd->frames[FRAME_ATTENDANCE];
        crowd_run(crowd, 50000);
        said = crowd->frames[FRAME_ATTENDANCE] - said;
        print_message("%llu words in 50 s\n", (unsigned long long)said);
        assert_in_range(said, FIFTY / 6, FIFTY / 2);
    }
    crowd_free(crowd);
}

/* The same of the links of their chains, of which each says one every 90 s. */
static void who_came_together_says_links_at_different_times(void **state) {
    (void)state;
    enum {
        FIFTY = 48
    };
    struct crowd *crowd = crowd_new(FIFTY, 7);
    uint64_t said = 0;
    for (size_t n = 0; n < FIFTY; n++) {
        come_from_crowd(crowd, n);
        crowd_run(crowd, 100);
    }
    crowd_run(crowd, 15000);
    for (size_t third = 0; third < 3; third++) {
        said = crowd->frames[FRAME_PRESENCE_LINK];
        crowd_run(crowd, 30000);
        said = crowd->frames[FRAME_PRESENCE_LINK] - said;
        print_message("%llu links in 30 s\n", (unsigned long long)said);
        assert_in_range(said, FIFTY / 8, FIFTY * 2 / 3);
    }
    crowd_free(crowd);
}

/* A stranger has recorded three presences in a crowd, and plays them an hour later, where nobody
 * is. */
static void a_recording_of_a_crowd_slows_nobody_down(void **state) {
    (void)state;
    static struct crowd_recording recording;
    struct crowd *crowd = crowd_new(8, 7);
    char identity[IDENTITY_SIZE];
    recording.count = 0;
    crowd_on(crowd, PROBE + 1, NULL);
    for (size_t n = 0; n < PROBE; n++) {
        come_from_crowd(crowd, n);
        crowd_run(crowd, CROWD_STEP_MS);
        crowd_record(crowd, n, FRAME_PRESENCE, &recording);
    }
    crowd_run(crowd, 200);
    assert_int_equal(recording.count, PROBE);
    assert_int_equal(count_at(crowd, PROBE + 1), 2000); /* then it was true */
    for (size_t n = 0; n <= PROBE + 1; n++) {
        crowd_off(crowd, n);
    }
    crowd->boot_ms += HOUR;
    crowd_on(crowd, PROBE, NULL);
    crowd_run(crowd, 1000);
    crowd_play(crowd, PROBE, &recording);
    crowd_identity(0, identity);
    assert_non_null(roster_find(&crowd->handsets[PROBE].engine->roster, identity)); /* verified */
    assert_int_equal(count_at(crowd, PROBE), 0);
    crowd_free(crowd);
}

static void one_who_lies_in_many_lives_slows_nobody_down(void **state) {
    (void)state;
    struct crowd *crowd = crowd_new(8, 7);
    for (size_t n = 1; n < 8; n++) {
        crowd_on(crowd, n, NULL);
    }
    crowd_run(crowd, 10000);
    for (size_t lives = 0; lives < 5; lives++) {
        crowd_off(crowd, 0);
        come_from_crowd(crowd, 0);
        crowd_run(crowd, 1000);
    }
    assert_true(crowd_has(crowd, PROBE, 0));
    assert_int_equal(count_at(crowd, PROBE), 7);
    crowd_free(crowd);
}

static void the_revoked_slow_nobody_down(void **state) {
    (void)state;
    static struct revocation list;
    struct crowd *crowd = crowd_new(8, 7);
    char identity[IDENTITY_SIZE];
    crowd_on(crowd, PROBE, NULL);
    crowd_on(crowd, PROBE + 1, NULL);
    struct keyring *keyring = &crowd->handsets[PROBE].engine->desk.keyring;
    assert_int_equal(revocation_begin(&list, keyring->credential->kms, 1, crowd_now(crowd).utc_ms,
                                      &entropy_system),
                     STATUS_OK);
    for (size_t n = 0; n < PROBE; n++) {
        crowd_identity(n, identity);
        assert_int_equal(revocation_add(&list, identity), STATUS_OK);
        come_from_crowd(crowd, n);
    }
    keyring_heed(keyring, &list);
    crowd_run(crowd, 1000);
    assert_true(pace_is_crowd(&crowd->handsets[PROBE + 1].engine->pace, crowd_now(crowd)));
    assert_false(pace_is_crowd(&crowd->handsets[PROBE].engine->pace, crowd_now(crowd)));
    crowd_free(crowd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rhythm_keeps_to_its_part_of_the_air),
        cmocka_unit_test(the_parts_of_the_air_are_no_more_than_all_of_it),
        cmocka_unit_test(two_who_lie_slow_nobody_down),
        cmocka_unit_test(what_each_said_last_counts),
        cmocka_unit_test(what_was_said_long_ago_counts_no_more),
        cmocka_unit_test(who_came_together_speaks_at_different_times),
        cmocka_unit_test(who_came_together_says_links_at_different_times),
        cmocka_unit_test(a_recording_of_a_crowd_slows_nobody_down),
        cmocka_unit_test(one_who_lies_in_many_lives_slows_nobody_down),
        cmocka_unit_test(the_revoked_slow_nobody_down),
        cmocka_unit_test(what_nobody_waits_for_takes_its_part_of_the_air_alone),
        cmocka_unit_test(who_speaks_as_seldom_as_all_do_is_not_taken_for_gone),
        cmocka_unit_test(two_hundred_keep_to_their_part_of_the_air),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
