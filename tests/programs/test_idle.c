/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handset at rest lets its processor rest, and is there at once when it is wanted. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/app/scratch.h"
#include "tests/programs/idle_handset.h"

enum {
    WATCHED_S = 8,
    WATCHES = 3,
    ALONE_ALL = 3,     /* a second, of all processes together; */
    ALL_PER_FRAME = 3, /* and for a frame: the radio's and the handset's, one of them twice */
    PAUSED_S = 4,
    PROCESSOR_MS = 150,  /* a second: what spins uses hundreds, also on a busy machine */
    ONCE_IN_A_WHILE = 4, /* wake-ups besides: the minute's save, a neighbour that fell due twice */
    AT_ONCE_MS = 500,    /* and not with the next second */
    KEYS = 6,
};

static struct idle_handset *begin(void **state, size_t neighbours) {
    char muster[200], problem[160];
    const char *build = getenv("MUSTER_BUILD");
    snprintf(muster, sizeof muster, "%.150s/muster", build != NULL ? build : "build/release");
    struct idle_handset *idle =
        idle_handset_begin(muster, ((struct scratch *)*state)->folder, neighbours, problem);
    if (idle == NULL) {
        fail_msg("%s", problem);
    }
    return idle;
}

static bool is_within(const struct idle_cost *cost, double times_a_second) {
    print_message("%.1f wake-ups a second, %.1f of all processes, %.1f ms of processor time a "
                  "second, %zu drawings, %zu frames heard\n",
                  cost->wakeups / cost->seconds, cost->all_wakeups / cost->seconds,
                  cost->processor_ms / cost->seconds, cost->drawings, cost->frames);
    return cost->wakeups <= times_a_second * cost->seconds + ONCE_IN_A_WHILE &&
           cost->all_wakeups <=
               ALONE_ALL * cost->seconds + ALL_PER_FRAME * (double)cost->frames + ONCE_IN_A_WHILE;
}

/* One process, and all of the handset's together, its radio's for one. Where others take the
 * processor, what would have been done in one go is done in two: then it is watched again. */
static void wakes_up_at_most(struct idle_handset *idle, double times_a_second) {
    struct idle_cost cost = {0};
    bool is_good = false;
    for (int watch = 0; watch < WATCHES && !is_good; watch++) {
        assert_true(idle_handset_watch(idle, WATCHED_S, &cost));
        is_good = is_within(&cost, times_a_second);
    }
    assert_true(is_good);
    /* It is not asleep: the time of day goes on, on the screen. */
    assert_true((double)cost.drawings >= cost.seconds - 2);
}

static void alone_it_wakes_up_twice_a_second_at_most(void **state) {
    struct idle_handset *idle = begin(state, 0);
    wakes_up_at_most(idle, 2);
    idle_handset_end(idle);
}

static void with_20_neighbours_it_wakes_up_10_times_a_second_at_most(void **state) {
    struct idle_handset *idle = begin(state, IDLE_NEIGHBOURS_MAX);
    wakes_up_at_most(idle, 10);
    idle_handset_end(idle);
}

static int compare(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* Half of the answers at least: what waited for the next second would take one, each time. */
static void assert_at_once(int *waits_ms, size_t count) {
    qsort(waits_ms, count, sizeof *waits_ms, compare);
    assert_in_range(waits_ms[0], 0, ONCE_IN_A_WHILE * 1000);
    assert_in_range(waits_ms[count / 2], 0, AT_ONCE_MS);
}

static void keys_and_a_new_size_are_answered_at_once(void **state) {
    struct idle_handset *idle = begin(state, 0);
    int waits_ms[KEYS];
    for (size_t i = 0; i < KEYS; i++) {
        waits_ms[i] = idle_handset_press(idle, "?\033"[i % 2]);
    }
    assert_at_once(waits_ms, KEYS);
    for (size_t i = 0; i < KEYS; i++) {
        waits_ms[i] = idle_handset_resize(idle, i % 2 == 0 ? 40 : 80, i % 2 == 0 ? 15 : 24);
    }
    assert_at_once(waits_ms, KEYS);
    idle_handset_end(idle);
}

/* A picture is tried ten times a second at most, and none is drawn meanwhile. */
static void a_paused_terminal_stops_the_picture_alone(void **state) {
    struct idle_handset *idle = begin(state, 0);
    struct idle_cost cost;
    assert_true(idle_handset_pause(idle, true));
    assert_true(idle_handset_watch(idle, PAUSED_S, &cost));
    print_message("%.1f wake-ups a second, %.1f ms of processor time a second, %zu drawings\n",
                  cost.wakeups / cost.seconds, cost.processor_ms / cost.seconds, cost.drawings);
    if (cost.processor_ms > PROCESSOR_MS * cost.seconds) {
        idle_handset_explain(idle);
    }
    assert_true(cost.wakeups <= 13 * cost.seconds + ONCE_IN_A_WHILE);
    assert_true(cost.processor_ms <= PROCESSOR_MS * cost.seconds);
    assert_true(idle_handset_is_on_air(idle));
    assert_true(idle_handset_pause(idle, false));
    assert_in_range(idle_handset_press(idle, '?'), 0, ONCE_IN_A_WHILE * 1000);
    assert_true(idle_handset_pause(idle, true));
    assert_true(idle_handset_ends_with(idle, SIGTERM));
    idle_handset_end(idle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alone_it_wakes_up_twice_a_second_at_most, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(with_20_neighbours_it_wakes_up_10_times_a_second_at_most,
                                        scratch_setup, scratch_teardown),
        cmocka_unit_test_setup_teardown(a_paused_terminal_stops_the_picture_alone, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(keys_and_a_new_size_are_answered_at_once, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
