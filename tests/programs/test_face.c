/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/programs/face.h on a pseudo-terminal: what a burst of keys may cost, and a level that moves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "app/programs/face.h"

enum {
    KEYS = 1000,
    KEYS_A_TURN_MAX = 64,
    PATIENCE_S = 60
};

struct desk {
    int far_end, near_end, input, output;
    struct face *face;
    struct view view;
    unsigned views;
    uint64_t version, levels;
};

static const struct view *view_of(void *context) {
    struct desk *desk = context;
    desk->views++;
    return &desk->view;
}

static uint64_t version_of(void *context, uint64_t *levels) {
    const struct desk *desk = context;
    *levels = desk->levels;
    return desk->version + desk->levels;
}

static void carry_out(void *context, struct command *command, struct event *problem) {
    (void)context;
    (void)command;
    (void)problem;
}

static int sit_down(void **state) {
    static struct desk desk;
    struct error error;
    const struct winsize size = {.ws_col = 80, .ws_row = 24};
    memset(&desk, 0, sizeof desk);
    *state = &desk;
    desk.view.phase = PHASE_READY;
    if (openpty(&desk.far_end, &desk.near_end, NULL, NULL, &size) != 0) {
        return -1;
    }
    fflush(stdout);
    desk.input = dup(STDIN_FILENO);
    desk.output = dup(STDOUT_FILENO);
    dup2(desk.near_end, STDIN_FILENO);
    dup2(desk.near_end, STDOUT_FILENO);
    setenv("TERM", "xterm-256color", 1);
    alarm(PATIENCE_S);
    if (face_on_terminal(&desk.face, &error) != STATUS_OK) {
        return -1;
    }
    face_turn_to(desk.face, (struct face_back){.context = &desk,
                                               .view = view_of,
                                               .version = version_of,
                                               .carry_out = carry_out});
    return 0;
}

static int stand_up(void **state) {
    struct desk *desk = *state;
    face_close(desk->face);
    dup2(desk->input, STDIN_FILENO);
    dup2(desk->output, STDOUT_FILENO);
    alarm(0);
    close(desk->input);
    close(desk->output);
    close(desk->far_end);
    close(desk->near_end);
    return 0;
}

static void a_paste_takes_turns_with_others_and_one_picture_for_each(void **state) {
    struct desk *desk = *state;
    const struct moment now = {.boot_ms = 1000000, .utc_ms = 1000000};
    char keys[KEYS];
    memset(keys, 'x', sizeof keys);
    assert_int_equal(write(desk->far_end, keys, sizeof keys), sizeof keys);
    int there = 0;
    while (there < KEYS) { /* or the alarm */
        assert_int_equal(ioctl(desk->near_end, FIONREAD, &there), 0);
    }
    int turns = 0;
    do {
        desk->views = 0;
        assert_int_equal(face_attend(desk->face, now), FACE_GOES_ON);
        assert_in_range(desk->views, 0, 2);
        turns++;
    } while (face_deadline(desk->face) <= now.boot_ms);
    assert_in_range(turns, KEYS / KEYS_A_TURN_MAX, KEYS);
    assert_int_equal(ioctl(desk->near_end, FIONREAD, &there), 0);
    assert_int_equal(there, 0);
}

/* Each frame of voice moves a level: what else happens is seen at once all the same. */
static void a_level_that_moves_is_drawn_less_often_than_what_happens(void **state) {
    struct desk *desk = *state;
    const struct moment now = {.boot_ms = 1000000, .utc_ms = 1000000};
    assert_int_equal(face_attend(desk->face, now), FACE_GOES_ON);
    int64_t rest_ms = face_deadline(desk->face) - now.boot_ms;
    assert_int_equal(rest_ms, 1000);
    desk->levels++;
    int64_t level_ms = face_deadline(desk->face) - now.boot_ms;
    assert_in_range(level_ms, 250, 333); /* three a second: fewer than 300 octets */
    desk->version++;
    assert_int_equal(face_deadline(desk->face) - now.boot_ms, 100);
    desk->levels += 10;
    assert_int_equal(face_deadline(desk->face) - now.boot_ms, 100);
    assert_int_equal(face_attend(desk->face, now), FACE_GOES_ON);
    assert_int_equal(face_deadline(desk->face) - now.boot_ms, rest_ms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_paste_takes_turns_with_others_and_one_picture_for_each,
                                        sit_down, stand_up),
        cmocka_unit_test_setup_teardown(a_level_that_moves_is_drawn_less_often_than_what_happens,
                                        sit_down, stand_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
