/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is heard when more talk than a handset has seats for (app/handset/talk/seats.h), and which
 * packets a session takes by their time and number (judging.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/talk/seats.h"
#include "speaker.h"

static struct session sessions[SESSIONS_MAX];

static void seat(size_t at, int talker, int group, bool is_silent) {
    sessions[at] = (struct session){.active = true, .silent = is_silent, .heard_ms = 1000};
    snprintf(sessions[at].talker, IDENTITY_SIZE, "tel:+44770090%04d", talker);
    snprintf(sessions[at].group, GROUP_IDENTITY_SIZE, "adhoc:%d", group);
}

/* All seats are taken; the last session waits for one. */
static struct session *all_taken(void) {
    memset(sessions, 0, sizeof sessions);
    for (size_t i = 0; i < SEATS_MAX; i++) {
        seat(i, (int)i, 0, false);
    }
    seat(SESSIONS_MAX - 1, 99, 0, true);
    return &sessions[SESSIONS_MAX - 1];
}

static void nobody_of_the_same_rank_makes_way(void **state) {
    (void)state;
    struct session *leaves, *waits = all_taken();
    assert_false(seats_take(sessions, waits, &leaves));
    sessions[1].silent = true; /* or it falls silent */
    assert_true(seats_take(sessions, waits, &leaves));
    assert_null(leaves);
}

static void who_has_ended_or_a_lower_rank_makes_way(void **state) {
    (void)state;
    struct session *leaves, *waits = all_taken();
    waits->rank = 2;
    sessions[0].rank = 3;
    sessions[1].rank = 1;
    sessions[2].rank = 2;
    assert_true(seats_take(sessions, waits, &leaves));
    assert_ptr_equal(leaves, &sessions[1]);
    sessions[0].ended = true;
    assert_true(seats_take(sessions, waits, &leaves));
    assert_ptr_equal(leaves, &sessions[0]);
    waits->rank = 0;
    assert_true(seats_take(sessions, waits, &leaves));
    assert_ptr_equal(leaves, &sessions[0]);
    sessions[0].ended = false;
    assert_false(seats_take(sessions, waits, &leaves));
}

static void nobody_has_two_seats_and_who_goes_to_another_group_takes_its_own_along(void **state) {
    (void)state;
    struct session *leaves, *waits = all_taken();
    seat(SESSIONS_MAX - 1, 1, 7, true);
    for (int spare = 0; spare < 2; spare++) { /* also where there is room */
        sessions[0].silent = spare == 1;
        sessions[1].current.proven_ms = 500;
        waits->current.proven_ms = 501;
        assert_true(seats_take(sessions, waits, &leaves));
        assert_ptr_equal(leaves, &sessions[1]);
        waits->current.proven_ms = 500; /* a recording of what it said there before */
        assert_false(seats_take(sessions, waits, &leaves));
        waits->current.proven_ms = 501;
        waits->current.announced.proof.start[0] = 1; /* another life: which is later is not known */
        assert_false(seats_take(sessions, waits, &leaves));
        waits->current.announced.proof.start[0] = 0;
    }
}

static void announcements_take_no_place_from_who_is_heard(void **state) {
    (void)state;
    all_taken();
    for (size_t i = SEATS_MAX; i < SESSIONS_MAX; i++) {
        seat(i, (int)i, 0, true);
        sessions[i].heard_ms = 2000 - (int64_t)i;
    }
    assert_ptr_equal(seats_room(sessions), &sessions[SESSIONS_MAX - 1]);
    sessions[SEATS_MAX].is_repetition = true; /* of which something was proven since */
    assert_ptr_equal(seats_room(sessions), &sessions[SESSIONS_MAX - 1]);
    sessions[SEATS_MAX].current.proven_ms = -1;
    assert_ptr_equal(seats_room(sessions), &sessions[SEATS_MAX]);
}

/* Whatever comes of it later. */
static void last_words_are_heard_beside_the_next_talker_for_a_short_while(void **state) {
    (void)state;
    all_taken();
    struct floor floor = {.has_own = false};
    struct moment now = {.boot_ms = 1000};
    for (size_t i = 0; i < SEATS_MAX; i++) {
        memcpy(sessions[i].claim.group, sessions[i].group, sizeof sessions[i].group);
        sessions[i].claim.session[0] = (uint8_t)(i + 1);
    }
    sessions[0].ended = true;
    sessions[0].ended_ms = now.boot_ms;
    for (int i = 0; i < 100; i++, now.boot_ms += VOICE_FRAME_MS) {
        (void)floor_hear(&floor, now, &sessions[1].claim, true);
        sessions[0].heard_ms = now.boot_ms;
        assert_true(seats_has_floor(sessions, &floor, now, &sessions[1]));
        assert_int_equal(seats_has_floor(sessions, &floor, now, &sessions[0]),
                         i * VOICE_FRAME_MS < FLOOR_OVERLAP_MS);
    }
}

/* --- Time and number ------------------------------------------------------------------------ */

enum {
    NOW_MS = 100000,
    MADE_MS = NOW_MS - 10000,
    SEQUENCE = 65500, /* of the first packet */
};

static enum status judged(bool is_measured, int64_t after_ms, int64_t number) {
    const struct announced announced = {.proof.sequence = SEQUENCE,
                                        .proof.rtp_time = UINT32_MAX - 1000,
                                        .utc_ms = 5000000 + MADE_MS,
                                        .is_measured = is_measured,
                                        .made_min_ms = MADE_MS - 50,
                                        .made_max_ms = MADE_MS,
                                        .until = {INT64_MIN, INT64_MIN, INT64_MIN}};
    const struct media media = {.sequence = (uint16_t)(SEQUENCE + number),
                                .rtp_time =
                                    (uint32_t)(UINT32_MAX - 1000 + after_ms * RTP_CLOCK_PER_MS)};
    static struct group group = {.clock = {5000000, {5000000, 0, 1}}};
    static struct roster roster;
    const struct moment now = {.utc_ms = 5000000 + NOW_MS, .boot_ms = NOW_MS, .boot_id = 1};
    return judge_packet(&announced, &roster, &group, "tel:+447700900001", &media, now);
}

static void a_packet_counts_in_its_time_and_not_before_or_long_after(void **state) {
    (void)state;
    for (int measured = 0; measured < 2; measured++) {
        assert_int_equal(judged(measured, 10000, 500), STATUS_OK);
        assert_int_equal(judged(measured, 7000, 350), STATUS_OK);
        assert_int_equal(judged(measured, 6999, 349), STATUS_TIME_OUT_OF_RANGE);
        assert_int_equal(judged(measured, 0, 0), STATUS_TIME_OUT_OF_RANGE);
        assert_int_equal(judged(measured, -20, -1), STATUS_TIME_OUT_OF_RANGE);
    }
    assert_int_equal(judged(true, 10250, 510), STATUS_OK);
    assert_int_equal(judged(true, 10251, 510), STATUS_TIME_OUT_OF_RANGE);
    assert_int_equal(judged(false, GSK_IN_USE_MS + 1, 510), STATUS_TIME_OUT_OF_RANGE);
}

/* Its window would move past all that the talker says. */
static void a_packet_numbered_further_ahead_than_its_time_allows_counts_nothing(void **state) {
    (void)state;
    for (int measured = 0; measured < 2; measured++) {
        assert_int_equal(judged(measured, 10000, 100), STATUS_OK); /* there were pauses */
        assert_int_equal(judged(measured, 10000, 501), STATUS_TIME_OUT_OF_RANGE);
        assert_int_equal(judged(measured, 10000, 800), STATUS_TIME_OUT_OF_RANGE);
        assert_int_equal(judged(measured, 10000, 20500), STATUS_TIME_OUT_OF_RANGE);
        assert_int_equal(judged(measured, 10000, 65535), STATUS_TIME_OUT_OF_RANGE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_of_the_same_rank_makes_way),
        cmocka_unit_test(who_has_ended_or_a_lower_rank_makes_way),
        cmocka_unit_test(nobody_has_two_seats_and_who_goes_to_another_group_takes_its_own_along),
        cmocka_unit_test(announcements_take_no_place_from_who_is_heard),
        cmocka_unit_test(last_words_are_heard_beside_the_next_talker_for_a_short_while),
        cmocka_unit_test(a_packet_counts_in_its_time_and_not_before_or_long_after),
        cmocka_unit_test(a_packet_numbered_further_ahead_than_its_time_allows_counts_nothing),
    };
    return cmocka_run_group_tests_name("talk/seats", tests, NULL, NULL);
}
