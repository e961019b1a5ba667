/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/keyboard/ptt.h in virtual time: an officer's finger, a keyboard that repeats in its own way,
 * and the microphone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <time.h>

#include "ui/keyboard/ptt.h"

/* What a keyboard does while a key is held. */
struct keyboard {
    int64_t delay_ms, interval_ms;
    int64_t late_ms; /* each repeat comes up to so much later */
};

struct desk {
    struct ptt ptt;
    struct keyboard keyboard;
    int64_t now_ms;
    bool is_open;
    bool refuses; /* the talk does not begin */
    unsigned opened, closed;
    int64_t opened_ms, closed_ms;
};

/* MUSTER_SEED plays one again. */
static void seed_anew(void) {
    const char *only = getenv("MUSTER_SEED");
    unsigned seed = only != NULL ? (unsigned)strtoul(only, NULL, 10) : (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srandom(seed);
}

static struct desk desk_with(int64_t delay_ms, int64_t interval_ms, int64_t late_ms) {
    return (struct desk){.keyboard = {delay_ms, interval_ms, late_ms}, .now_ms = 1000000};
}

static void fulfil(struct desk *desk, enum ptt_wish wish) {
    if (wish == PTT_OPEN && desk->refuses) {
        ptt_talk_ended(&desk->ptt);
    } else if (wish == PTT_OPEN) {
        assert_false(desk->is_open);
        desk->is_open = true;
        desk->opened++;
        desk->opened_ms = desk->now_ms;
    } else if (wish == PTT_CLOSE && desk->is_open) {
        desk->is_open = false;
        desk->closed++;
        desk->closed_ms = desk->now_ms;
    }
    assert_true(desk->is_open || !ptt_is_open(&desk->ptt));
}

static void tell(struct desk *desk, enum input_kind kind) {
    fulfil(desk, ptt_key(&desk->ptt, kind, desk->is_open, desk->now_ms));
}

static void pass_until(struct desk *desk, int64_t end_ms) {
    while (desk->now_ms < end_ms) {
        desk->now_ms++;
        fulfil(desk, ptt_tick(&desk->ptt, desk->now_ms));
    }
}

static void pass(struct desk *desk, int64_t duration_ms) {
    pass_until(desk, desk->now_ms + duration_ms);
}

/* The key goes down, stays so long, and goes up; the keyboard repeats meanwhile. */
static void hold(struct desk *desk, int64_t duration_ms) {
    int64_t down_ms = desk->now_ms, next_ms = down_ms + desk->keyboard.delay_ms;
    tell(desk, INPUT_TYPED);
    while (next_ms < down_ms + duration_ms) {
        int64_t late_ms = desk->keyboard.late_ms > 0 ? random() % desk->keyboard.late_ms : 0;
        int64_t at_ms = next_ms + late_ms;
        pass_until(desk, at_ms);
        tell(desk, INPUT_TYPED);
        next_ms += desk->keyboard.interval_ms;
    }
    pass_until(desk, down_ms + duration_ms);
}

static int64_t longer(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static const int64_t delays[] = {250, 500, 660}, intervals[] = {25, 33, 50, 100};

/* For each keyboard of the issue: `check` with a desk that knows nothing of it. */
static void at_each_keyboard(void (*check)(struct desk *desk)) {
    for (size_t d = 0; d < sizeof delays / sizeof delays[0]; d++) {
        for (size_t i = 0; i < sizeof intervals / sizeof intervals[0]; i++) {
            struct desk desk = desk_with(delays[d], intervals[i], 0);
            check(&desk);
        }
    }
}

/* The key that was held for long goes on being held, and repeats. */
static int64_t long_hold_ms(const struct desk *desk) {
    return desk->keyboard.delay_ms + 10 * desk->keyboard.interval_ms + 1;
}

static void hold_on(struct desk *desk) {
    pass(desk, desk->keyboard.interval_ms - 1);
    for (int i = 0; i < 40; i++) {
        tell(desk, INPUT_TYPED);
        pass(desk, desk->keyboard.interval_ms);
    }
}

/* Held for so long, the talk begins with the press, has no gap, and ends soon after the finger. */
static void check_hold(struct desk *desk, int64_t duration_ms) {
    unsigned opened = desk->opened, closed = desk->closed;
    int64_t down_ms = desk->now_ms, up_ms = down_ms + duration_ms;
    int64_t tail_ms = longer(2 * desk->keyboard.interval_ms, PTT_TAIL_MS);
    hold(desk, duration_ms);
    assert_int_equal(desk->opened, opened + 1);
    assert_int_equal(desk->opened_ms, down_ms);
    assert_int_equal(desk->closed, closed);
    pass(desk, 2000);
    assert_int_equal(desk->opened, opened + 1);
    assert_int_equal(desk->closed, closed + 1);
    assert_in_range(desk->closed_ms, up_ms, up_ms + tail_ms);
}

static void check_holds(struct desk *desk) {
    check_hold(desk, 1200); /* the first press of a keyboard that nobody knows */
    check_hold(desk, 1200);
    check_hold(desk, 5000);
    assert_int_equal(desk->ptt.delay_ms, desk->keyboard.delay_ms);
    assert_int_equal(desk->ptt.interval_ms, desk->keyboard.interval_ms);
}

static void a_held_key_talks_from_the_press_to_the_release(void **state) {
    (void)state;
    at_each_keyboard(check_holds);
}

static void check_taps(struct desk *desk) {
    for (int round = 0; round < 3; round++) {
        hold(desk, 80);
        pass(desk, 6000);
        assert_true(desk->is_open);
        hold(desk, 80);
        assert_false(desk->is_open);
        pass(desk, 6000);
        assert_int_equal(desk->opened, round + 1);
        assert_int_equal(desk->closed, round + 1);
        if (round == 0) {
            check_hold(desk, 1500); /* the rest with a keyboard that is known */
            desk->opened = desk->closed = 1;
        }
    }
}

static void a_tap_talks_until_the_next_tap(void **state) {
    (void)state;
    at_each_keyboard(check_taps);
}

/* The tap that ends is held on: that opens nothing. */
static void check_long_last_tap(struct desk *desk) {
    for (int round = 0; round < 2; round++) {
        hold(desk, 80);
        pass(desk, 3000);
        hold(desk, 2500);
        assert_false(desk->is_open);
        pass(desk, 3000);
        assert_int_equal(desk->opened, round + 1);
        assert_int_equal(desk->closed, round + 1);
    }
}

static void a_tap_that_ends_the_talk_may_last(void **state) {
    (void)state;
    at_each_keyboard(check_long_last_tap);
}

/* Also of whoever taps quickly, no tap is lost: after each one that begins, the microphone is open
 * soon, and after the last one it is closed. */
static void check_quick_taps(struct desk *desk) {
    for (int64_t apart_ms = 200; apart_ms <= 900; apart_ms += 50) {
        for (int tap = 0; tap < 6; tap++) {
            hold(desk, 80);
            pass(desk, apart_ms - 80);
        }
        pass(desk, 1500);
        if (desk->is_open) {
            hold(desk, 80); /* as an officer does who sees that it is open */
        }
        pass(desk, 1500);
        assert_false(desk->is_open);
    }
}

static void quick_taps_leave_nothing_open(void **state) {
    (void)state;
    at_each_keyboard(check_quick_taps);
}

static void check_ended_by_others(struct desk *desk) {
    hold(desk, long_hold_ms(desk));
    assert_true(desk->is_open);
    desk->is_open = false; /* the floor is lost, the finger stays */
    ptt_talk_ended(&desk->ptt);
    hold_on(desk);
    assert_int_equal(desk->opened, 1);
    pass(desk, 1000);
    check_hold(desk, 1000);
}

static void a_talk_that_others_end_stays_ended_while_the_key_is_held(void **state) {
    (void)state;
    at_each_keyboard(check_ended_by_others);
}

static void check_refused(struct desk *desk) {
    desk->refuses = true;
    hold(desk, long_hold_ms(desk));
    desk->refuses = false; /* what stood in the way is over, the finger stays */
    hold_on(desk);
    assert_int_equal(desk->opened, 0);
    pass(desk, 1000);
    check_hold(desk, 1000);
}

static void a_talk_that_was_refused_is_not_begun_by_repeats(void **state) {
    (void)state;
    at_each_keyboard(check_refused);
}

/* Over a line on which repeats come unevenly a known keyboard still has no gap. */
static void uneven_repeats_leave_no_gap(void **state) {
    (void)state;
    seed_anew();
    for (int round = 0; round < 500; round++) {
        int64_t interval_ms = 25 + random() % 76;
        struct desk desk = desk_with(250 + random() % 411, interval_ms, interval_ms / 4);
        hold(&desk, 1500 + random() % 3000);
        assert_int_equal(desk.opened, 1);
        pass(&desk, 1000);
        assert_int_equal(desk.closed, 1);
    }
}

/* A keyboard that waits longer than any that is expected: it costs one gap, and then is known. */
static void a_slow_keyboard_is_learned(void **state) {
    (void)state;
    struct desk desk = desk_with(1000, 33, 0);
    hold(&desk, 3000);
    assert_true(desk.is_open);
    pass(&desk, 2000);
    assert_false(desk.is_open);
    check_hold(&desk, 3000);
}

/* Presses a finger's time apart teach nothing of the keyboard: a key that is held afterwards closes
 * as soon as ever. */
static void taps_teach_no_interval(void **state) {
    (void)state;
    for (int64_t apart_ms = PTT_REPEAT_MAX_MS + 1; apart_ms < 250; apart_ms += 9) {
        struct desk desk = desk_with(500, 33, 0);
        hold(&desk, 600);
        for (int i = 0; i < 12; i++) {
            pass(&desk, apart_ms);
            tell(&desk, INPUT_TYPED);
        }
        pass(&desk, 3000);
        if (desk.is_open) { /* the last of them was a tap: one more ends it */
            tell(&desk, INPUT_TYPED);
            pass(&desk, 3000);
        }
        assert_false(desk.is_open);
        hold(&desk, 600);
        assert_true(desk.is_open);
        int64_t released_ms = desk.now_ms;
        pass(&desk, 1000);
        assert_false(desk.is_open);
        assert_in_range(desk.closed_ms - released_ms, 0, 2 * PTT_REPEAT_MAX_MS);
    }
}

/* The program stood still, and finds all repeats at once: they are of one hold. */
static void repeats_that_come_at_once_are_one_hold(void **state) {
    (void)state;
    struct desk desk = desk_with(500, 33, 0);
    check_hold(&desk, 1500);
    desk.opened = 0;
    for (int i = 0; i < 20; i++) {
        tell(&desk, INPUT_TYPED);
    }
    assert_int_equal(desk.opened, 1);
    assert_true(desk.is_open);
    for (int i = 0; i < 20; i++) {
        pass(&desk, 33);
        tell(&desk, INPUT_TYPED);
    }
    assert_int_equal(desk.opened, 1);
    pass(&desk, 500);
    assert_false(desk.is_open);
}

static void a_told_release_closes_at_once(void **state) {
    (void)state;
    struct desk desk = desk_with(0, 0, 0);
    static const int64_t durations[] = {1, 30, 100, 300, 1200, 50000};
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        tell(&desk, INPUT_PRESSED);
        assert_true(desk.is_open);
        for (int64_t ms = 600; ms < durations[i]; ms += 40) {
            tell(&desk, INPUT_REPEATED);
        }
        pass(&desk, durations[i]);
        assert_true(desk.is_open);
        tell(&desk, INPUT_RELEASED);
        assert_false(desk.is_open);
    }
}

/* What was pressed before the terminal was asked to tell releases ends with the release, too. */
static void a_told_release_ends_a_press_that_was_typed(void **state) {
    (void)state;
    for (int64_t ms = 100; ms < 3000; ms += 700) {
        struct desk desk = desk_with(0, 0, 0);
        tell(&desk, INPUT_TYPED);
        pass(&desk, ms);
        tell(&desk, INPUT_RELEASED);
        assert_false(desk.is_open);
    }
    struct desk desk = desk_with(0, 0, 0);
    tell(&desk, INPUT_TYPED);
    pass(&desk, 660);
    tell(&desk, INPUT_REPEATED);
    pass(&desk, 3000);
    assert_true(desk.is_open);
    tell(&desk, INPUT_RELEASED);
    assert_false(desk.is_open);
}

static void repeats_and_releases_of_an_old_press_open_nothing(void **state) {
    (void)state;
    struct desk desk = desk_with(0, 0, 0);
    tell(&desk, INPUT_REPEATED);
    tell(&desk, INPUT_RELEASED);
    assert_int_equal(desk.opened, 0);
    tell(&desk, INPUT_PRESSED);
    desk.is_open = false; /* the focus is lost */
    ptt_let_go(&desk.ptt);
    tell(&desk, INPUT_REPEATED);
    tell(&desk, INPUT_RELEASED);
    assert_int_equal(desk.opened, 1);
    tell(&desk, INPUT_PRESSED);
    desk.is_open = false; /* the floor is */
    ptt_talk_ended(&desk.ptt);
    tell(&desk, INPUT_REPEATED);
    tell(&desk, INPUT_RELEASED);
    assert_int_equal(desk.opened, 2);
}

/* The floor is granted while the key is held on: nobody else would close that. */
static void a_talk_that_begins_while_the_key_is_held_ends_with_it(void **state) {
    (void)state;
    struct desk desk = desk_with(500, 33, 0);
    desk.refuses = true;
    tell(&desk, INPUT_PRESSED);
    pass(&desk, 3000);
    tell(&desk, INPUT_REPEATED);
    desk.is_open = true;
    tell(&desk, INPUT_REPEATED);
    pass(&desk, 1000);
    assert_true(desk.is_open);
    tell(&desk, INPUT_RELEASED);
    assert_false(desk.is_open);

    hold(&desk, long_hold_ms(&desk));
    desk.is_open = true;
    hold_on(&desk);
    assert_true(desk.is_open);
    pass(&desk, 1000);
    assert_false(desk.is_open);
}

static void a_press_ends_what_another_key_began(void **state) {
    (void)state;
    static const enum input_kind kinds[] = {INPUT_TYPED, INPUT_PRESSED};
    for (size_t i = 0; i < 2; i++) {
        struct desk desk = desk_with(0, 0, 0);
        desk.is_open = true;
        assert_int_equal(ptt_key(&desk.ptt, kinds[i], true, desk.now_ms), PTT_CLOSE);
        desk.is_open = false;
        pass(&desk, 3000);
        tell(&desk, kinds[i]);
        assert_true(desk.is_open);
    }
}

/* Any keys at any time: what is open can be closed by two taps, and time is never asked for that
 * has been. */
static void any_history_ends_closed(void **state) {
    (void)state;
    seed_anew();
    for (int round = 0; round < 2000; round++) {
        struct desk desk = desk_with(0, 0, 0);
        for (int i = 0; i < 50; i++) {
            tell(&desk, (enum input_kind)(random() % (INPUT_RELEASED + 1)));
            pass(&desk, random() % 2 == 0 ? random() % 60 : random() % 900);
            assert_true(ptt_deadline(&desk.ptt) > desk.now_ms);
            if (random() % 16 == 0) {
                desk.is_open = false;
                ptt_talk_ended(&desk.ptt);
            }
        }
        pass(&desk, 3000);
        for (int i = 0; i < 2 && desk.is_open; i++) {
            tell(&desk, INPUT_TYPED);
            pass(&desk, 3000);
            tell(&desk, INPUT_RELEASED);
        }
        assert_false(desk.is_open);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_key_talks_from_the_press_to_the_release),
        cmocka_unit_test(a_tap_talks_until_the_next_tap),
        cmocka_unit_test(a_tap_that_ends_the_talk_may_last),
        cmocka_unit_test(quick_taps_leave_nothing_open),
        cmocka_unit_test(a_talk_that_others_end_stays_ended_while_the_key_is_held),
        cmocka_unit_test(a_talk_that_was_refused_is_not_begun_by_repeats),
        cmocka_unit_test(uneven_repeats_leave_no_gap),
        cmocka_unit_test(a_slow_keyboard_is_learned),
        cmocka_unit_test(taps_teach_no_interval),
        cmocka_unit_test(repeats_that_come_at_once_are_one_hold),
        cmocka_unit_test(a_told_release_closes_at_once),
        cmocka_unit_test(a_told_release_ends_a_press_that_was_typed),
        cmocka_unit_test(repeats_and_releases_of_an_old_press_open_nothing),
        cmocka_unit_test(a_talk_that_begins_while_the_key_is_held_ends_with_it),
        cmocka_unit_test(a_press_ends_what_another_key_began),
        cmocka_unit_test(any_history_ends_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
