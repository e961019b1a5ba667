/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the screens cost: the time of a whole new picture in the largest window, and the octets that
 * a terminal is sent during a talk. Both are printed. Time is this thread's own on the processor,
 * and the best of several: what else the machine does counts for nothing.
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
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include "officer.h"
#include "ui/terminal.h"
#include "ui/words/words.h"

enum {
    PATIENCE_S = 60,
    QUIET_MS = 20,
    PICTURES = 20,
    SECONDS = 20,
    LOOKS = 3,              /* pictures a second while only a level moves (app/programs/face.c) */
    OCTETS_A_SECOND = 300,  /* of a talk, at most */
    PICTURE_US = 20 * 1000, /* of a full change at 200x60: 5 ms are wanted, and printed; what takes
                             * four times that is no slow machine */
    SANITIZED_TIMES = 10,   /* so much slower a sanitized build may be */
    SEED = 4711,
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

struct desk {
    int far_end, near_end, input, output;
    struct terminal *terminal;
    struct officer officer;
    uint32_t random;
};

static int close_all(void **state) {
    struct desk *desk = *state;
    if (desk == NULL) {
        return 0;
    }
    alarm(0);
    terminal_close(desk->terminal);
    dup2(desk->input, STDIN_FILENO);
    dup2(desk->output, STDOUT_FILENO);
    close(desk->input);
    close(desk->output);
    close(desk->near_end);
    close(desk->far_end);
    officer_end(&desk->officer);
    free(desk);
    *state = NULL;
    return 0;
}

static struct desk *open_desk(void **state, int columns, int rows) {
    char problem[TERMINAL_PROBLEM_SIZE];
    struct desk *desk = calloc(1, sizeof *desk);
    const struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    assert_non_null(desk);
    *state = desk;
    assert_int_equal(openpty(&desk->far_end, &desk->near_end, NULL, NULL, &size), 0);
    assert_int_equal(fcntl(desk->far_end, F_SETFL, O_NONBLOCK), 0);
    fflush(stdout);
    desk->input = dup(STDIN_FILENO);
    desk->output = dup(STDOUT_FILENO);
    dup2(desk->near_end, STDIN_FILENO);
    dup2(desk->near_end, STDOUT_FILENO);
    setenv("TERM", "xterm-256color", 1);
    alarm(PATIENCE_S);
    desk->terminal = terminal_open(problem);
    assert_non_null(desk->terminal);
    desk->officer = officer_begin(columns, rows);
    desk->random = SEED;
    view_busy(desk->officer.view);
    return desk;
}

static uint32_t draw_number(struct desk *desk) {
    desk->random = desk->random * 1664525 + 1013904223;
    return desk->random >> 16;
}

/* All that the terminal is sent. */
static size_t receive(struct desk *desk) {
    char octets[4096];
    size_t count = 0;
    struct pollfd there = {.fd = desk->far_end, .events = POLLIN};
    bool is_whole = false;
    while (!is_whole || poll(&there, 1, QUIET_MS) > 0) {
        is_whole = terminal_is_ready(desk->terminal);
        ssize_t length = read(desk->far_end, octets, sizeof octets);
        count += length > 0 ? (size_t)length : 0;
    }
    return count;
}

static void show(struct desk *desk) {
    int columns, rows;
    terminal_size(desk->terminal, &columns, &rows);
    officer_look(&desk->officer);
    terminal_show(desk->terminal, desk->officer.canvas);
}

static int64_t own_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* On the terminal's own output stands the pseudo-terminal. */
static void say(const struct desk *desk, const char *line) {
    (void)!write(desk->output, line, strlen(line));
}

static void a_whole_new_picture_of_the_largest_window_takes_little(void **state) {
    struct desk *desk = open_desk(state, 200, 60);
    struct view *view = desk->officer.view;
    int64_t best_us = INT64_MAX;
    char line[128], identity[OFFICER_IDENTITY_SIZE];
    for (unsigned i = 0; view->nearby_count < 60; i++) {
        snprintf(identity, sizeof identity, "tel:+4477009%05u", i);
        view_add_nearby(view, identity, "Engine crew of the night");
    }
    while (view->log_count < VIEW_LOG_MAX) {
        view->log[view->log_count] = view->log[view->log_count % 3];
        view->log_count++;
    }
    show(desk);
    (void)receive(desk);
    for (int i = 0; i < PICTURES; i++) {
        /* The help and the Log have no row in common, and each fills the window. */
        officer_press(&desk->officer, i % 2 == 0 ? "escape 5" : "1");
        int64_t began_us = own_us();
        show(desk);
        int64_t took_us = own_us() - began_us;
        best_us = took_us < best_us ? took_us : best_us;
        assert_true(receive(desk) > 1000);
    }
    snprintf(line, sizeof line, "a full change at 200x60: %lld us of processor time\n",
             (long long)best_us);
    say(desk, line);
    assert_true(best_us < PICTURE_US * (is_sanitized ? SANITIZED_TIMES : 1));
}

/* Others talk, and their level moves with each picture; once a second the times go on. */
static size_t octets_of_a_second(struct desk *desk, struct view_talker *talker) {
    struct view *view = desk->officer.view;
    size_t octets = 0;
    view->utc_ms += 1000;
    talker->elapsed_ms += 1000;
    for (int i = 0; i < LOOKS; i++) {
        talker->level = draw_number(desk) % 101;
        show(desk);
        octets += receive(desk);
    }
    return octets;
}

static void a_second_of_a_talk_sends_little_to_the_terminal(void **state) {
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}, {200, 60}};
    static const char *const screens[] = {"1", "3"};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (size_t k = 0; k < sizeof screens / sizeof screens[0]; k++) {
            struct desk *desk = open_desk(state, sizes[s][0], sizes[s][1]);
            size_t most = 0, all = 0;
            char line[128];
            struct view_talker *talker = view_add_talker(desk->officer.view, BEN, "Ben", FIRE);
            officer_press(&desk->officer, screens[k]);
            show(desk);
            (void)receive(desk);
            for (int i = 0; i < SECONDS; i++) {
                size_t octets = octets_of_a_second(desk, talker);
                most = octets > most ? octets : most;
                all += octets;
            }
            snprintf(line, sizeof line, "%dx%d, screen %s: %zu octets a second, %zu at most\n",
                     sizes[s][0], sizes[s][1], screens[k], all / SECONDS, most);
            say(desk, line);
            assert_true(most < OCTETS_A_SECOND);
            (void)close_all(state);
        }
    }
}

int main(void) {
    if (!words_choose_in("en", officer_locale())) {
        return 1;
    }
    printf("seed %d\n", SEED);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_whole_new_picture_of_the_largest_window_takes_little,
                                  close_all),
        cmocka_unit_test_teardown(a_second_of_a_talk_sends_little_to_the_terminal, close_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
