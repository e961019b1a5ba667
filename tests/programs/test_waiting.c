/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the loop waits for: until when, and in a flood of frames. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "app/programs/waiting.h"

enum {
    AHEAD_MS = 20,
    BUSY_MS = 30, /* the loop's own time is behind by that */
    GRAIN_MS = 2, /* of libuv's clock, and one for cutting off */
    TURNS_LATE_MAX = 10
};

typedef void waiting_fn(uv_timer_t *timer, uv_timer_cb callback, int64_t now_ms, int64_t boot_ms);

struct flooded {
    waiting_fn *wait;
    uv_timer_t timer;
    uv_idle_t flood;
    int64_t due_ms;
    int64_t fired_ms; /* 0: not yet */
    int turns_late;
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void end(struct flooded *flooded) {
    uv_close((uv_handle_t *)&flooded->timer, NULL);
    uv_close((uv_handle_t *)&flooded->flood, NULL);
}

static void on_time(uv_timer_t *timer) {
    struct flooded *flooded = timer->data;
    flooded->fired_ms = now_ms();
    end(flooded);
}

/* A frame comes in each millisecond, early in it, and after it the loop asks to be woken for what
 * is due: the clock does not pass a millisecond between the asking and the look at the timers. */
static void on_turn(uv_idle_t *flood) {
    struct flooded *flooded = flood->data;
    for (uint64_t last = uv_hrtime() / 1000000; uv_hrtime() / 1000000 == last;) {
    }
    int64_t now = now_ms();
    flooded->turns_late += now > flooded->due_ms;
    if (flooded->turns_late > TURNS_LATE_MAX) {
        end(flooded);
    } else {
        flooded->wait(&flooded->timer, on_time, now, flooded->due_ms);
    }
}

static void fires_in_a_flood(waiting_fn *wait) {
    uv_loop_t loop;
    struct flooded flooded = {.wait = wait, .due_ms = now_ms() + AHEAD_MS};
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_timer_init(&loop, &flooded.timer), 0);
    assert_int_equal(uv_idle_init(&loop, &flooded.flood), 0);
    flooded.timer.data = flooded.flood.data = &flooded;
    assert_int_equal(uv_idle_start(&flooded.flood, on_turn), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_not_equal(flooded.fired_ms, 0);
    assert_true(flooded.fired_ms >= flooded.due_ms - 1);
}

static void what_is_due_comes_however_often_it_is_asked_for(void **state) {
    (void)state;
    fires_in_a_flood(waiting_until);
    fires_in_a_flood(waiting_beyond);
}

static void not_called(uv_timer_t *timer) {
    (void)timer;
    fail();
}

/* In how many ms it fires, when nothing happens; -1: not at all. */
static int64_t fires_in(const uv_timer_t *timer) {
    return uv_is_active((const uv_handle_t *)timer) ? (int64_t)uv_timer_get_due_in(timer) : -1;
}

static void the_last_asked_for_is_waited_for(void **state) {
    (void)state;
    uv_loop_t loop;
    uv_timer_t timer;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_timer_init(&loop, &timer), 0);
    waiting_until(&timer, not_called, 1000, 1250);
    assert_int_equal(fires_in(&timer), 250);
    waiting_until(&timer, not_called, 1000, 900); /* overdue: in the next turn, not in this one */
    assert_int_equal(fires_in(&timer), 1);
    waiting_until(&timer, not_called, 1000, 1250); /* and that is put off by what comes later */
    assert_int_equal(fires_in(&timer), 250);
    waiting_beyond(&timer, not_called, 1000, 1250);
    assert_int_equal(fires_in(&timer), 251);
    waiting_until(&timer, not_called, 1000, INT64_MAX);
    assert_int_equal(fires_in(&timer), -1);
    waiting_beyond(&timer, not_called, 1000, INT64_MAX);
    assert_int_equal(fires_in(&timer), -1);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* libuv counts from when its turn began. */
static void after_a_long_turn_nothing_comes_early(void **state) {
    (void)state;
    uv_loop_t loop;
    uv_timer_t timer;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_timer_init(&loop, &timer), 0);
    int64_t began_ms = (int64_t)uv_now(&loop), asked_ms = began_ms;
    while (asked_ms < began_ms + BUSY_MS) {
        asked_ms = (int64_t)(uv_hrtime() / 1000000);
    }
    waiting_until(&timer, not_called, 1000, 1000 + AHEAD_MS);
    int64_t fires_ms = (int64_t)uv_now(&loop) + fires_in(&timer);
    assert_true(fires_ms >= asked_ms + AHEAD_MS - GRAIN_MS);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due_comes_however_often_it_is_asked_for),
        cmocka_unit_test(the_last_asked_for_is_waited_for),
        cmocka_unit_test(after_a_long_turn_nothing_comes_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
