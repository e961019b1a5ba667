/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/terminal.h on a pseudo-terminal whose other end the test holds, and reads when it likes: no
 * call may wait for it. What was sent is read by an emulator. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "emulator.h"
#include "ui/terminal.h"
#include "ui/ui.h"

enum {
    /* A call that waits for the terminal waits for ever: then the alarm ends the test. */
    PATIENCE_S = 60,
    QUIET_MS = 50,   /* nothing has come for so long, though the program has sent all */
    PICTURES = 2000, /* shown while nobody reads: many times what the kernel holds */
    SMALL_READ = 10,
    FIRST_MAX = 16 * 1024,
    HELD_MAX = 100 * 1024 /* by the kernel and the program: of PICTURES it would be megabytes */
};

struct line {
    int far_end, near_end;
    int input, output; /* the test's own, while the terminal stands in for them */
    struct terminal *terminal;
    struct emulator emulator;
    struct canvas *canvas;
    uint32_t random;
    size_t received;           /* octets at the far end */
    char first[FIRST_MAX + 1]; /* of them */
};

static uint32_t draw_number(struct line *line) {
    line->random = line->random * 1664525 + 1013904223;
    return line->random >> 16;
}

/* `state` has the line, so that give_back finds it after a test that failed. */
static struct line *line_open(void **state, int columns, int rows) {
    struct line *line = calloc(1, sizeof *line);
    *state = line;
    struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    assert_non_null(line);
    assert_int_equal(openpty(&line->far_end, &line->near_end, NULL, NULL, &size), 0);
    assert_int_equal(fcntl(line->far_end, F_SETFL, O_NONBLOCK), 0);
    fflush(stdout);
    line->input = dup(STDIN_FILENO);
    line->output = dup(STDOUT_FILENO);
    dup2(line->near_end, STDIN_FILENO);
    dup2(line->near_end, STDOUT_FILENO);
    setenv("TERM", "xterm-256color", 1);
    emulator_start(&line->emulator, columns, rows);
    line->canvas = canvas_new(columns, rows);
    line->random = 4711;
    alarm(PATIENCE_S);
    return line;
}

static void begin(struct line *line) {
    char problem[TERMINAL_PROBLEM_SIZE];
    line->terminal = terminal_open(problem);
    if (line->terminal == NULL) {
        fail_msg("%s", problem);
    }
}

static void end(struct line *line) {
    terminal_close(line->terminal);
    line->terminal = NULL;
}

static int give_back(void **state) {
    struct line *line = *state;
    if (line == NULL) {
        return 0;
    }
    alarm(0);
    end(line);
    dup2(line->input, STDIN_FILENO);
    dup2(line->output, STDOUT_FILENO);
    close(line->input);
    close(line->output);
    close(line->far_end);
    close(line->near_end);
    canvas_free(line->canvas);
    free(line);
    *state = NULL;
    return 0;
}

/* Another picture: words at places that change, over the whole screen. */
static void draw(struct line *line, unsigned number) {
    struct area all = area_of(line->canvas);
    canvas_clear(line->canvas);
    for (int row = 0; row < line->canvas->rows; row++) {
        char text[64];
        snprintf(text, sizeof text, "%u picture %u.%d \u00e4\u00f6\u25b6", draw_number(line),
                 number, row);
        area_text(all, row, (int)(draw_number(line) % 20), (enum style)(draw_number(line) % 4),
                  text);
    }
}

static void show(struct line *line) {
    int columns, rows;
    terminal_size(line->terminal, &columns, &rows);
    terminal_show(line->terminal, line->canvas);
}

/* Reads at most `most` octets; false when there are none. */
static bool read_some(struct line *line, size_t most) {
    uint8_t octets[4096];
    ssize_t length = read(line->far_end, octets, most < sizeof octets ? most : sizeof octets);
    if (length <= 0) {
        return false;
    }
    for (size_t i = 0; i < (size_t)length && line->received + i < FIRST_MAX; i++) {
        line->first[line->received + i] = (char)octets[i];
    }
    line->received += (size_t)length;
    emulator_take(&line->emulator, octets, (size_t)length);
    return true;
}

static bool read_soon(struct line *line, size_t most) {
    struct pollfd there = {.fd = line->far_end, .events = POLLIN};
    return poll(&there, 1, QUIET_MS) > 0 && read_some(line, most);
}

/* The far end reads on, by so many octets at a time, until it has all. */
static void catch_up(struct line *line, size_t at_a_time) {
    while (!terminal_is_ready(line->terminal)) {
        (void)read_soon(line, at_a_time);
    }
    while (read_soon(line, sizeof line->emulator)) {
    }
}

static void receive_all(struct line *line) {
    while (read_soon(line, 4096)) {
    }
}

static void assert_shows_canvas(struct line *line) {
    for (int row = 0; row < line->canvas->rows; row++) {
        for (int column = 0; column < line->canvas->columns; column++) {
            uint32_t wanted = canvas_cell(line->canvas, row, column).character;
            uint32_t shown = line->emulator.cells[row][column];
            if (wanted != 0 && shown != wanted) {
                fail_msg("row %d column %d shows U+%04X, not U+%04X", row, column, shown, wanted);
            }
        }
    }
    assert_int_equal(line->emulator.unknown, 0);
    assert_int_equal(line->emulator.length, 0);
}

/* The picture of now, when the terminal takes octets again, and nothing torn before it. */
static void show_now(struct line *line, size_t at_a_time) {
    catch_up(line, at_a_time);
    show(line);
    catch_up(line, at_a_time);
    assert_shows_canvas(line);
}

static void stall(struct line *line) {
    for (unsigned i = 0; i < PICTURES; i++) {
        draw(line, i);
        show(line);
        assert_int_equal(terminal_press(line->terminal), PRESS_NONE);
    }
}

static void a_terminal_that_nobody_reads_makes_nobody_wait(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    stall(line);
    assert_false(terminal_is_ready(line->terminal));
    show_now(line, 4096);
    assert_in_range(line->received, 1, HELD_MAX);
}

static void a_slow_line_shows_whole_pictures_at_every_size(void **state) {
    const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}, {200, 60}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct line *line = line_open(state, sizes[i][0], sizes[i][1]);
        begin(line);
        for (unsigned n = 0; n < PICTURES; n++) {
            draw(line, n);
            show(line);
            (void)read_some(line, SMALL_READ);
        }
        show_now(line, SMALL_READ);
        (void)give_back(state);
    }
}

static void a_terminal_paused_before_the_start_shows_the_picture_of_now(void **state) {
    struct line *line = line_open(state, 80, 24);
    assert_int_equal(tcflow(line->near_end, TCOOFF), 0);
    begin(line);
    stall(line);
    assert_false(terminal_is_ready(line->terminal));
    assert_false(read_soon(line, 1));
    assert_int_equal(tcflow(line->near_end, TCOON), 0);
    show_now(line, 4096);
}

static void a_terminal_paused_again_and_again_keeps_its_picture(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    for (unsigned n = 0; n < 50; n++) {
        assert_int_equal(tcflow(line->near_end, n % 2 == 0 ? TCOOFF : TCOON), 0);
        for (unsigned i = 0; i < 5; i++) {
            draw(line, n * 5 + i);
            show(line);
            (void)read_some(line, draw_number(line) % 4000);
        }
    }
    show_now(line, 4096);
}

static void a_window_that_changes_while_the_line_stalls_is_drawn_whole(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    stall(line);
    struct winsize size = {.ws_col = 40, .ws_row = 15};
    assert_int_equal(ioctl(line->far_end, TIOCSWINSZ, &size), 0);
    emulator_resize(&line->emulator, 40, 15);
    canvas_free(line->canvas);
    line->canvas = canvas_new(40, 15);
    draw(line, PICTURES);
    show(line);
    show_now(line, 4096);
}

/* The far end sends what presses no key of the program's. */
static void answer(struct line *line, const char *octets) {
    struct pollfd there = {.fd = terminal_descriptor(line->terminal), .events = POLLIN};
    assert_int_equal(write(line->far_end, octets, strlen(octets)), strlen(octets));
    assert_int_equal(poll(&there, 1, PATIENCE_S * 1000), 1);
    assert_int_equal(terminal_press(line->terminal), PRESS_NONE);
}

/* One row of the picture before becomes another; all others stay. */
static void redraw_row(struct line *line, unsigned number) {
    struct area all = area_of(line->canvas);
    int row = (int)(draw_number(line) % (uint32_t)line->canvas->rows);
    char text[32];
    snprintf(text, sizeof text, "%u row %d", number, row);
    area_fill(area_within(all, row, 0, 1, all.columns), ' ', STYLE_PLAIN);
    area_text(all, row, (int)(draw_number(line) % 20), STYLE_PLAIN, text);
}

static void resize(struct line *line, int columns, int rows) {
    const struct winsize size = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    assert_int_equal(ioctl(line->far_end, TIOCSWINSZ, &size), 0);
    emulator_resize(&line->emulator, columns, rows);
}

/* What becomes of a picture on its way to the terminal, by the number. */
static void disturb(struct line *line, uint32_t number) {
    int columns, rows;
    switch (number) {
    case 0:
        answer(line, "\014");
        break;
    case 1:
        answer(line, "\024");
        break;
    case 2:
        terminal_forget(line->terminal);
        break;
    case 3: /* a window made smaller and as large again, with no picture in between */
        resize(line, 40, 15);
        terminal_size(line->terminal, &columns, &rows);
        resize(line, 80, 24);
        break;
    default:
        break;
    }
}

static void rows_that_stay_are_still_there_whatever_comes_between(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    draw(line, 0);
    for (uint32_t n = 0; n < 40; n++) {
        redraw_row(line, n);
        show(line);
        receive_all(line);
        assert_shows_canvas(line);
        disturb(line, n % 5);
    }
}

static unsigned bells_after(const struct line *line, size_t before) {
    unsigned bells = 0;
    for (size_t i = before; i < line->received && i < FIRST_MAX; i++) {
        bells += line->first[i] == '\a';
    }
    return bells;
}

static void the_bell_is_rung_once_with_the_next_picture(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    draw(line, 0);
    show(line);
    receive_all(line);
    size_t before = line->received;
    terminal_ring(line->terminal);
    terminal_ring(line->terminal);
    receive_all(line);
    assert_int_equal(line->received, before);
    for (uint32_t n = 1; n < 3; n++) {
        redraw_row(line, n);
        show(line);
        receive_all(line);
        assert_shows_canvas(line);
        assert_int_equal(bells_after(line, before), 1);
    }
}

/* The palette of the day has no bold green. */
static void a_picture_that_stays_takes_on_the_colours_of_the_day(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    area_text(area_of(line->canvas), 3, 0, STYLE_GOOD, "well");
    show(line);
    receive_all(line);
    size_t before = line->received;
    assert_non_null(strstr(line->first, ";1m"));
    answer(line, "\024");
    show(line);
    receive_all(line);
    assert_non_null(strstr(line->first + before, "well"));
    assert_null(strstr(line->first + before, ";1m"));
}

/* For eyes that are used to the dark: no colour but red, and on black. */
static void the_red_palette_has_no_other_colour(void **state) {
    setenv("MUSTER_PALETTE", "red", 1);
    struct line *line = line_open(state, 80, 24);
    begin(line);
    unsetenv("MUSTER_PALETTE");
    for (int style = 0; style < STYLE_COUNT; style++) {
        area_text(area_of(line->canvas), style, 0, (enum style)style, "well");
    }
    show(line);
    receive_all(line);
    const char *drawn = strstr(line->first, "[31m"); /* until then there is nothing to be seen */
    assert_non_null(drawn);
    for (char colour = '2'; colour <= '6'; colour++) { /* 7 is what ncurses returns to */
        const char text[] = {'[', '3', colour, 'm', '\0'}, behind[] = {'[', '4', colour, 'm', '\0'};
        assert_null(strstr(drawn, text));
        assert_null(strstr(drawn, behind));
    }
    /* The key goes through all palettes, and comes back to this one. */
    for (int presses = 0; presses < 4; presses++) {
        answer(line, "\024");
        show(line);
        receive_all(line);
    }
    size_t before = line->received;
    canvas_clear(line->canvas);
    area_text(area_of(line->canvas), 0, 0, STYLE_GOOD, "well");
    show(line);
    receive_all(line);
    assert_null(strstr(line->first + before, "[32m"));
}

static void an_end_on_a_stalled_line_waits_a_moment_at_most(void **state) {
    struct line *line = line_open(state, 80, 24);
    struct termios before, after;
    assert_int_equal(tcgetattr(line->near_end, &before), 0);
    assert_int_equal(tcflow(line->near_end, TCOOFF), 0);
    begin(line);
    stall(line);
    end(line); /* or the alarm */
    assert_int_equal(tcgetattr(line->near_end, &after), 0);
    assert_int_equal(after.c_lflag, before.c_lflag);
    assert_int_equal(after.c_oflag, before.c_oflag);
}

static void who_shares_the_terminal_finds_it_as_it_was(void **state) {
    struct line *line = line_open(state, 80, 24);
    int before = fcntl(STDOUT_FILENO, F_GETFL);
    begin(line);
    draw(line, 1);
    show(line);
    assert_int_equal(fcntl(terminal_descriptor(line->terminal), F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(fcntl(STDOUT_FILENO, F_GETFL), before);
    assert_int_equal(before & O_NONBLOCK, 0);
    show_now(line, 4096);
}

static void keys_count_while_the_line_stalls_and_not_when_forgotten(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    stall(line);
    assert_int_equal(write(line->far_end, "x\023", 2), 2);
    struct pollfd there = {.fd = terminal_descriptor(line->terminal), .events = POLLIN};
    assert_int_equal(poll(&there, 1, PATIENCE_S * 1000), 1);
    assert_int_equal(terminal_press(line->terminal), 'x');
    assert_int_equal(terminal_press(line->terminal), 'S' & 0x1F); /* it stops nothing */
    assert_int_equal(write(line->far_end, "y", 1), 1);
    assert_int_equal(poll(&there, 1, PATIENCE_S * 1000), 1);
    terminal_forget_presses(line->terminal);
    assert_int_equal(terminal_press(line->terminal), PRESS_NONE);
}

static void a_terminal_that_hangs_up_while_it_stalls_is_gone(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    stall(line);
    close(line->far_end);
    line->far_end = dup(STDERR_FILENO);
    draw(line, 0);
    show(line);
    assert_int_equal(terminal_press(line->terminal), PRESS_NONE);
    assert_true(terminal_is_gone(line->terminal));
}

/* --- What the terminal is asked ----------------------------------------------------------------
 */

/* How often the octets that the far end received have these in them. */
static size_t times_sent(const struct line *line, const char *octets) {
    size_t count = 0;
    for (const char *at = line->first; (at = strstr(at, octets)) != NULL; at++) {
        count++;
    }
    return count;
}

static void show_all(struct line *line) {
    show(line);
    catch_up(line, 4096);
}

static void releases_are_asked_for_where_they_are_wanted_and_given_back(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    show_all(line);
    assert_int_equal(times_sent(line, "\033[?u\033[c"), 1);
    answer(line, "\033[?0u\033[?62;c");
    show_all(line);
    assert_int_equal(times_sent(line, "\033[>11u"), 0);
    terminal_want_releases(line->terminal, true);
    show_all(line);
    show_all(line);
    assert_int_equal(times_sent(line, "\033[>11u"), 1);
    assert_int_equal(times_sent(line, "\033[<u"), 0);
    terminal_want_releases(line->terminal, false);
    show_all(line);
    assert_int_equal(times_sent(line, "\033[<u"), 1);
    terminal_want_releases(line->terminal, true);
    show_all(line);
    assert_int_equal(times_sent(line, "\033[>11u"), 2);
    end(line);
    while (read_soon(line, 4096)) {
    }
    assert_int_equal(times_sent(line, "\033[<u"), 2);
    /* Each of a terminal's two screens has such settings of its own. */
    const char *pop = strstr(strstr(line->first, "\033[<u") + 1, "\033[<u");
    assert_non_null(strstr(pop, "\033[?1049l"));
    assert_non_null(strstr(pop, "\033[?1004l"));
}

static void a_terminal_that_cannot_tell_releases_is_not_asked_for_them(void **state) {
    static const char *const answers[] = {"\033[?62;c", "\033[?6c\033[?0u", ""};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct line *line = line_open(state, 80, 24);
        begin(line);
        show_all(line);
        if (answers[i][0] != '\0') {
            answer(line, answers[i]);
        }
        terminal_want_releases(line->terminal, true);
        show_all(line);
        end(line);
        while (read_soon(line, 4096)) {
        }
        assert_int_equal(times_sent(line, "\033[>"), 0);
        assert_int_equal(times_sent(line, "\033[<"), 0);
        (void)give_back(state);
    }
}

/* The terminal's answer belongs to nobody else, also when the program ends before it came. */
static void an_answer_that_comes_late_is_not_left_to_the_next_reader(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    assert_int_equal(write(line->far_end, "\033[?0u\033[?62;c", 12), 12);
    end(line);
    struct termios settings;
    assert_int_equal(tcgetattr(line->near_end, &settings), 0);
    cfmakeraw(&settings); /* in which every octet can be counted */
    assert_int_equal(tcsetattr(line->near_end, TCSANOW, &settings), 0);
    int waiting = 0;
    assert_int_equal(ioctl(line->near_end, FIONREAD, &waiting), 0);
    assert_int_equal(waiting, 0);
}

/* By a stack that is full, of which some is left to those who want it all. */
static unsigned fill_stack(unsigned depth) {
    volatile uint8_t room[4096];
    room[depth % sizeof room] = (uint8_t)depth;
    return depth == UINT_MAX ? 0 : fill_stack(depth + 1) + room[depth % sizeof room];
}

static void crash(int number) {
    if (number == SIGSEGV) {
        const struct rlimit small = {1024 * 1024, 1024 * 1024};
        (void)setrlimit(RLIMIT_STACK, &small);
        (void)fill_stack(0);
    }
    raise(number);
}

static void a_crash_gives_back_what_the_terminal_was_asked(void **state) {
    static const int signals[] = {SIGABRT, SIGTERM, SIGHUP, SIGQUIT,
#ifndef __SANITIZE_ADDRESS__ /* which has that signal for itself */
                                  SIGSEGV
#endif
    };
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct line *line = line_open(state, 80, 24);
        int told[2];
        assert_int_equal(pipe(told), 0);
        pid_t child = fork();
        if (child == 0) {
            (void)signal(signals[i], SIG_DFL); /* cmocka catches some */
            begin(line);
            while (!line->terminal || !terminal_is_ready(line->terminal)) {
            }
            answer(line, "\033[?0u\033[?62;c");
            terminal_want_releases(line->terminal, true);
            show(line);
            while (!terminal_is_ready(line->terminal)) {
            }
            crash(signals[i]);
            _exit(0);
        }
        int code = 0;
        while (waitpid(child, &code, WNOHANG) == 0) {
            (void)read_soon(line, 4096);
        }
        while (read_soon(line, 4096)) {
        }
        assert_true(WIFSIGNALED(code));
        assert_int_equal(times_sent(line, "\033[>11u"), 1);
        assert_int_equal(times_sent(line, "\033[<u"), 1);
        assert_true(strstr(line->first, "\033[<u") < strstr(line->first, "\033[?1049l"));
        (void)give_back(state);
    }
}

/* --- Job control -------------------------------------------------------------------------------
 */

static void await_all_sent(struct line *line) {
    while (!terminal_is_ready(line->terminal)) {
    }
}

/* A handset with the talk key on its screen that is stopped, and shows its screen again. */
static void be_stopped_once(struct line *line) {
    begin(line);
    await_all_sent(line);
    answer(line, "\033[?0u\033[?62;c");
    terminal_want_releases(line->terminal, true);
    show(line);
    await_all_sent(line);
    raise(SIGTSTP);
    show(line);
    await_all_sent(line);
    end(line);
    _exit(0);
}

/* Reads on until the child stops or ends, and says which. */
static int watch(struct line *line, pid_t child) {
    int code = 0;
    while (waitpid(child, &code, WNOHANG | WUNTRACED) == 0) {
        (void)read_soon(line, 4096);
    }
    receive_all(line);
    return code;
}

static void after_a_stop_releases_are_asked_for_on_the_screen_that_they_are_for(void **state) {
    struct line *line = line_open(state, 80, 24);
    pid_t child = fork();
    if (child == 0) {
        (void)setpgid(0, 0); /* a job of a shell, as which the test stands in */
        be_stopped_once(line);
    }
    assert_true(WIFSTOPPED(watch(line, child)));
    size_t before = line->received;
    assert_int_equal(kill(child, SIGCONT), 0);
    int code = watch(line, child);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    const char *again = line->first + before;
    const char *begun = strstr(again, "\033[?1049h"), *asked = strstr(again, "\033[>11u");
    assert_non_null(begun);
    assert_non_null(asked);
    assert_true(begun < asked);
    const char *taken_back = strstr(asked, "\033[<u"), *left = strstr(asked, "\033[?1049l");
    assert_non_null(taken_back);
    assert_true(taken_back < left);
}

static void who_could_never_go_on_is_not_stopped(void **state) {
    struct line *line = line_open(state, 80, 24);
    pid_t child = fork();
    if (child == 0) {
        (void)setsid(); /* no shell has it as a job, as in a kiosk */
        be_stopped_once(line);
    }
    int code = watch(line, child);
    if (WIFSTOPPED(code)) {
        (void)kill(child, SIGKILL);
        (void)waitpid(child, NULL, 0);
    }
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    assert_int_equal(times_sent(line, "\033[?1049h"), 2);
}

/* Another picture; were any octets sent for it? */
static bool draws(struct line *line, unsigned number) {
    size_t before = line->received;
    draw(line, number);
    show(line);
    receive_all(line);
    return line->received > before;
}

/* Puts another process group in front, and itself back again. Returns what went wrong. */
static int be_in_the_background(struct line *line) {
    (void)setsid();
    (void)signal(SIGTTOU, SIG_IGN);
    if (ioctl(line->near_end, TIOCSCTTY, 0) != 0) {
        return 2;
    }
    begin(line);
    if (!draws(line, 1)) {
        return 3;
    }
    pid_t other = fork();
    if (other == 0) {
        (void)pause();
        _exit(0);
    }
    (void)setpgid(other, other);
    (void)tcsetpgrp(line->near_end, other);
    bool is_over_others = draws(line, 2);
    (void)tcsetpgrp(line->near_end, getpgrp());
    bool is_back = draws(line, 3);
    (void)kill(other, SIGKILL);
    (void)waitpid(other, NULL, 0);
    return is_over_others ? 4 : is_back ? 0 : 5;
}

static void in_the_background_nothing_is_drawn_over_the_shell(void **state) {
    struct line *line = line_open(state, 80, 24);
    int code = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(be_in_the_background(line));
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
}

static void the_terminal_tells_of_the_focus_and_of_releases(void **state) {
    struct line *line = line_open(state, 80, 24);
    struct input input;
    begin(line);
    show_all(line);
    assert_int_equal(times_sent(line, "\033[?1004h"), 1);
    struct pollfd there = {.fd = terminal_descriptor(line->terminal), .events = POLLIN};
    static const char octets[] = "\033[O\033[I\033[32u\033[32;1:3u";
    assert_int_equal(write(line->far_end, octets, sizeof octets - 1), sizeof octets - 1);
    assert_int_equal(poll(&there, 1, PATIENCE_S * 1000), 1);
    static const enum input_kind kinds[] = {INPUT_FOCUS_LOST, INPUT_FOCUS_GAINED, INPUT_PRESSED,
                                            INPUT_RELEASED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(terminal_input(line->terminal, &input));
        assert_int_equal(input.kind, kinds[i]);
    }
    assert_false(terminal_input(line->terminal, &input));
}

static void the_escape_key_is_known_by_what_does_not_follow(void **state) {
    struct line *line = line_open(state, 80, 24);
    begin(line);
    assert_int_equal(terminal_patience_ms(line->terminal), -1);
    answer(line, "\033");
    uint32_t press;
    while ((press = terminal_press(line->terminal)) == PRESS_NONE) {
        assert_in_range(terminal_patience_ms(line->terminal), 0, 25);
        (void)poll(NULL, 0, 1);
    }
    assert_int_equal(press, PRESS_ESCAPE);
    assert_int_equal(terminal_patience_ms(line->terminal), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_terminal_that_nobody_reads_makes_nobody_wait, give_back),
        cmocka_unit_test_teardown(a_slow_line_shows_whole_pictures_at_every_size, give_back),
        cmocka_unit_test_teardown(a_terminal_paused_before_the_start_shows_the_picture_of_now,
                                  give_back),
        cmocka_unit_test_teardown(a_terminal_paused_again_and_again_keeps_its_picture, give_back),
        cmocka_unit_test_teardown(a_window_that_changes_while_the_line_stalls_is_drawn_whole,
                                  give_back),
        cmocka_unit_test_teardown(rows_that_stay_are_still_there_whatever_comes_between, give_back),
        cmocka_unit_test_teardown(the_bell_is_rung_once_with_the_next_picture, give_back),
        cmocka_unit_test_teardown(a_picture_that_stays_takes_on_the_colours_of_the_day, give_back),
        cmocka_unit_test_teardown(the_red_palette_has_no_other_colour, give_back),
        cmocka_unit_test_teardown(an_end_on_a_stalled_line_waits_a_moment_at_most, give_back),
        cmocka_unit_test_teardown(who_shares_the_terminal_finds_it_as_it_was, give_back),
        cmocka_unit_test_teardown(keys_count_while_the_line_stalls_and_not_when_forgotten,
                                  give_back),
        cmocka_unit_test_teardown(a_terminal_that_hangs_up_while_it_stalls_is_gone, give_back),
        cmocka_unit_test_teardown(releases_are_asked_for_where_they_are_wanted_and_given_back,
                                  give_back),
        cmocka_unit_test_teardown(a_terminal_that_cannot_tell_releases_is_not_asked_for_them,
                                  give_back),
        cmocka_unit_test_teardown(an_answer_that_comes_late_is_not_left_to_the_next_reader,
                                  give_back),
        cmocka_unit_test_teardown(a_crash_gives_back_what_the_terminal_was_asked, give_back),
        cmocka_unit_test_teardown(
            after_a_stop_releases_are_asked_for_on_the_screen_that_they_are_for, give_back),
        cmocka_unit_test_teardown(who_could_never_go_on_is_not_stopped, give_back),
        cmocka_unit_test_teardown(in_the_background_nothing_is_drawn_over_the_shell, give_back),
        cmocka_unit_test_teardown(the_terminal_tells_of_the_focus_and_of_releases, give_back),
        cmocka_unit_test_teardown(the_escape_key_is_known_by_what_does_not_follow, give_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
