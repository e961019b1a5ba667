/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/programs/wakefulness.h by a clock that the test sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "app/handset/air/frame.h"
#include "app/programs/wakefulness.h"

enum {
    START_MS = 1000000,
    TURN_MS = 20
};

static const enum frame_kind of_the_moment[] = {FRAME_PRESENCE,     FRAME_ANNOUNCEMENT,
                                                FRAME_MEDIA,        FRAME_ANNOUNCEMENT_AND_MEDIA,
                                                FRAME_VOICE_REPORT, FRAME_FRAGMENT};
static const enum frame_kind others[] = {FRAME_D2D, FRAME_KEY_DELIVERY, FRAME_RECEIPT};

static bool allows(const struct wakefulness *awake, int64_t now_ms, int64_t age_ms,
                   enum frame_kind kind) {
    uint8_t octets[FRAME_HEADER_SIZE + 8];
    const uint8_t payload[8] = {0};
    struct frame frame = {.kind = kind, .hops_left = 3, .id = 1, .payload = SPAN_OF(payload)};
    struct writer out = writer_into(octets, sizeof octets);
    frame_write(&out, &frame);
    return wakefulness_allows(awake, now_ms, age_ms, writer_span(&out));
}

/* Waits as it planned, or is as late as a busy machine makes it: that is no sleep. */
static void who_waits_as_planned_does_not_sleep(void **state) {
    const int64_t waits_ms[] = {0, TURN_MS, 1000, 60000, -1};
    struct wakefulness awake;
    int64_t now_ms = START_MS;
    (void)state;
    wakefulness_begin(&awake, now_ms);
    for (size_t i = 0; i < sizeof waits_ms / sizeof waits_ms[0]; i++) {
        wakefulness_wait(&awake, now_ms, waits_ms[i]);
        now_ms += (waits_ms[i] < 0 ? 100000 : waits_ms[i]) + WAKEFULNESS_LATE_MS;
        assert_int_equal(wakefulness_look(&awake, now_ms), 0);
        assert_int_equal(wakefulness_look(&awake, now_ms), 0);
    }
}

static void a_gap_is_told_once_while_waiting_and_while_working(void **state) {
    const int64_t gaps_ms[] = {3100, 4000, 90000, INT64_C(20) * 60 * 60 * 1000};
    struct wakefulness awake;
    int64_t now_ms = START_MS;
    (void)state;
    wakefulness_begin(&awake, now_ms);
    for (size_t i = 0; i < sizeof gaps_ms / sizeof gaps_ms[0]; i++) {
        wakefulness_wait(&awake, now_ms, TURN_MS);
        now_ms += gaps_ms[i];
        assert_int_equal(wakefulness_look(&awake, now_ms), gaps_ms[i]);
        assert_int_equal(wakefulness_look(&awake, now_ms), 0);
        now_ms += gaps_ms[i]; /* stopped before it could wait again */
        assert_int_equal(wakefulness_look(&awake, now_ms), gaps_ms[i]);
    }
}

static void what_waited_for_longer_than_3_s_is_not_of_now(void **state) {
    struct wakefulness awake;
    (void)state;
    wakefulness_begin(&awake, START_MS);
    for (size_t i = 0; i < sizeof of_the_moment / sizeof of_the_moment[0]; i++) {
        assert_true(allows(&awake, START_MS, 0, of_the_moment[i]));
        assert_true(allows(&awake, START_MS, WAKEFULNESS_OLD_MS, of_the_moment[i]));
        assert_false(allows(&awake, START_MS, WAKEFULNESS_OLD_MS + 1, of_the_moment[i]));
        assert_true(allows(&awake, START_MS, -1, of_the_moment[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_true(allows(&awake, START_MS, 90000, others[i]));
    }
}

static void of_unknown_age_nothing_counts_for_a_moment_after_waking(void **state) {
    struct wakefulness awake;
    int64_t woke_ms = START_MS + 90000;
    (void)state;
    wakefulness_begin(&awake, START_MS);
    assert_int_equal(wakefulness_look(&awake, woke_ms), 90000);
    for (size_t i = 0; i < sizeof of_the_moment / sizeof of_the_moment[0]; i++) {
        assert_false(allows(&awake, woke_ms, -1, of_the_moment[i]));
        assert_true(allows(&awake, woke_ms, 0, of_the_moment[i]));
        assert_true(allows(&awake, woke_ms + WAKEFULNESS_BURST_MS, -1, of_the_moment[i]));
    }
    assert_true(allows(&awake, woke_ms, -1, FRAME_D2D));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_waits_as_planned_does_not_sleep),
        cmocka_unit_test(a_gap_is_told_once_while_waiting_and_while_working),
        cmocka_unit_test(what_waited_for_longer_than_3_s_is_not_of_now),
        cmocka_unit_test(of_unknown_age_nothing_counts_for_a_moment_after_waking),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
