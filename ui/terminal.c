/* SPDX-License-Identifier: GPL-3.0-or-later */
#define NCURSES_WIDECHAR 1
#include "ui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* ncurses.h defines many short macros: it comes after everything else, and only here. */
#include <curses.h>

#include "ui/character.h"
#include "ui/outlet.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum palette {
    PALETTE_NIGHT,
    PALETTE_DAY,
    PALETTE_COUNT
};

/* ncurses' numbers for the marks around a paste, beyond those that it gives out itself. */
enum {
    KEY_PASTE_BEGIN = 2000,
    KEY_PASTE_END
};

static const char paste_mode_on[] = "\033[?2004h", paste_mode_off[] = "\033[?2004l";

/* Ends a control sequence of which only the beginning was sent (ECMA-48: CAN). */
static const char cancel[] = "\030";

enum {
    LAST_OCTETS_MS = 300 /* that a terminal may take for them when it is given back */
};
_Static_assert((int)CELL_MARKS_MAX < (int)CCHARW_MAX, "a letter and its marks fit ncurses' cell");

struct terminal {
    SCREEN *screen;
    FILE *input;
    struct outlet *output;
    bool has_colours;
    bool is_gone;
    enum palette palette;
};

struct look {
    short foreground, background;
    attr_t attributes;
};

#define PAPER (-1) /* the palette's own background: black, or white */

/* The eight colours that every colour terminal has. Green and amber on white are too pale in the
 * sun, so the day palette prints them as white on the colour. */
static const struct look looks[PALETTE_COUNT][STYLE_COUNT] =
    {
        [PALETTE_NIGHT] =
            {
                [STYLE_PLAIN] = {COLOR_WHITE, PAPER, A_NORMAL},
                [STYLE_TITLE] = {COLOR_WHITE, COLOR_BLUE, A_BOLD},
                [STYLE_KEYS] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
                [STYLE_DIM] = {COLOR_CYAN, PAPER, A_NORMAL},
                [STYLE_STRONG] = {COLOR_WHITE, PAPER, A_BOLD},
                [STYLE_SELECTED] = {COLOR_BLACK, COLOR_CYAN, A_NORMAL},
                [STYLE_GOOD] = {COLOR_GREEN, PAPER, A_BOLD},
                [STYLE_CAUTION] = {COLOR_YELLOW, PAPER, A_BOLD},
                [STYLE_BAD] = {COLOR_WHITE, COLOR_RED, A_BOLD},
                [STYLE_TALK] = {COLOR_BLACK, COLOR_GREEN, A_NORMAL},
            },
        [PALETTE_DAY] =
            {
                [STYLE_PLAIN] = {COLOR_BLACK, PAPER, A_NORMAL},
                [STYLE_TITLE] = {COLOR_WHITE, COLOR_BLACK, A_BOLD},
                [STYLE_KEYS] = {COLOR_WHITE, COLOR_BLACK, A_NORMAL},
                [STYLE_DIM] = {COLOR_BLUE, PAPER, A_NORMAL},
                [STYLE_STRONG] = {COLOR_BLACK, PAPER, A_BOLD},
                [STYLE_SELECTED] = {COLOR_WHITE, COLOR_BLUE, A_BOLD},
                [STYLE_GOOD] = {COLOR_BLACK, COLOR_GREEN, A_NORMAL},
                [STYLE_CAUTION] = {COLOR_BLACK, COLOR_YELLOW, A_NORMAL},
                [STYLE_BAD] = {COLOR_WHITE, COLOR_RED, A_BOLD},
                [STYLE_TALK] = {COLOR_BLACK, COLOR_GREEN, A_BOLD},
            },
};

/* Without colours: what asks for attention is reversed, what is well is bold, what is less
 * important dim. The screens say in words what a colour says as well. */
static const attr_t monochrome[STYLE_COUNT] = {
    [STYLE_PLAIN] = A_NORMAL,
    [STYLE_TITLE] = A_REVERSE | A_BOLD,
    [STYLE_KEYS] = A_REVERSE,
    [STYLE_DIM] = A_DIM,
    [STYLE_STRONG] = A_BOLD,
    [STYLE_SELECTED] = A_REVERSE,
    [STYLE_GOOD] = A_BOLD,
    [STYLE_CAUTION] = A_UNDERLINE,
    [STYLE_BAD] = A_REVERSE | A_BOLD,
    [STYLE_TALK] = A_REVERSE | A_UNDERLINE,
};

/* What gives the terminal back. A signal handler is handed nothing, so this is kept here: the
 * terminal's settings and flags as they were, and the octets that undo what ncurses wrote. */
static struct {
    volatile sig_atomic_t is_armed;
    struct termios settings;
    int input, output; /* the terminal's descriptors */
    int flags;         /* of the input's open file: who waits for it may make it non-blocking */
    char octets[128];
    size_t length;
} restoration;

static const int ending_signals[] = {SIGHUP,  SIGINT, SIGQUIT, SIGTERM, SIGABRT,
                                     SIGSEGV, SIGBUS, SIGFPE,  SIGILL};

/* The capability's octets, or NULL. */
static const char *capability(const char *name) {
    const char *octets = tigetstr(name);
    return octets == (char *)-1 ? NULL : octets;
}

/* Is this a terminal that can be asked to mark what is pasted? The description of many that can
 * does not say so; those that cannot pass over a mode that they do not know, if they are of the
 * family (ECMA-48). */
static bool has_paste_mode(void) {
    const char *move = capability("cup");
    return move && strncmp(move, "\033[", 2) == 0;
}

static void remember(const char *octets) {
    size_t length = octets ? strlen(octets) : 0;
    if (length > 0 && length <= sizeof restoration.octets - restoration.length) {
        memcpy(restoration.octets + restoration.length, octets, length);
        restoration.length += length;
    }
}

/* Is the terminal the program's? Whoever changes it from the background is stopped for that. */
static bool is_in_front(int terminal) {
    pid_t front = tcgetpgrp(terminal);
    return front < 0 || front == getpgrp();
}

/* Only calls that are safe in a signal handler, and none that waits for a terminal that takes
 * nothing. The settings change at once: what was written before needs none of them. */
static void give_back(void) {
    if (!is_in_front(restoration.input)) {
        return;
    }
    (void)outlet_write(restoration.output, restoration.octets, restoration.length);
    tcsetattr(restoration.input, TCSANOW, &restoration.settings);
    fcntl(restoration.input, F_SETFL, restoration.flags);
}

static void restore(void) {
    if (restoration.is_armed) {
        restoration.is_armed = 0;
        give_back();
    }
}

/* Set when the program goes on after it was stopped: the terminal was somebody else's meanwhile. */
static volatile sig_atomic_t was_stopped;

/* Stopped by job control, it leaves the terminal to the shell. */
static void on_stopping_signal(int number) {
    int error = errno; /* of what was interrupted, and goes on */
    (void)number;
    if (restoration.is_armed) {
        give_back();
    }
    raise(SIGSTOP);
    errno = error;
}

static void on_continued(int number) {
    (void)number;
    was_stopped = 1;
}

static void on_ending_signal(int number) {
    restore();
    /* SA_RESETHAND has put the default back: the program ends as it would have. */
    raise(number);
}

/* Before ncurses starts, which would put its own handlers where it finds none. */
static void catch_ending_signals(void) {
    struct sigaction action = {.sa_handler = on_ending_signal, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++) {
        struct sigaction before;
        /* A program that wants a signal for itself has asked for it already. */
        if (sigaction(ending_signals[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            sigaction(ending_signals[i], &action, NULL);
        }
    }
}

static void catch_signal(int number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void release_ending_signals(void) {
    signal(SIGTSTP, SIG_DFL);
    signal(SIGCONT, SIG_DFL);
    for (size_t i = 0; i < sizeof ending_signals / sizeof ending_signals[0]; i++) {
        struct sigaction now;
        if (sigaction(ending_signals[i], NULL, &now) == 0 && now.sa_handler == on_ending_signal) {
            signal(ending_signals[i], SIG_DFL);
        }
    }
}

static void arm_restoration(void) {
    restoration.length = 0;
    if (has_paste_mode()) {
        remember(cancel);
        remember(paste_mode_off);
    }
    remember(capability("rmkx"));
    remember(capability("sgr0"));
    remember(capability("op"));
    remember(capability("cnorm"));
    remember(capability("rmcup"));
    restoration.is_armed = 1;
    atexit(restore);
}

/* The colour pairs of a style: of its text, and of its bars. */
static short text_pair(short style) {
    return (short)(1 + style);
}

static short bar_pair(short style) {
    return (short)(1 + STYLE_COUNT + style);
}

static void apply_palette(struct terminal *terminal) {
    /* Number 7 is a grey where there are more than eight colours; white is 15. */
    short white = COLORS >= 16 ? 15 : COLOR_WHITE;
    short paper = terminal->palette == PALETTE_DAY ? white : COLOR_BLACK;
    if (terminal->has_colours) {
        for (short style = 0; style < STYLE_COUNT; style++) {
            const struct look *look = &looks[terminal->palette][style];
            bool is_on_paper = look->background == PAPER;
            init_pair(text_pair(style), look->foreground, is_on_paper ? paper : look->background);
            init_pair(bar_pair(style), is_on_paper ? look->foreground : look->background, paper);
        }
    }
    clearok(curscr, TRUE);
}

/* A locale in which ncurses writes UTF-8; the user's own where that does. */
static void choose_locale(void) {
    setlocale(LC_CTYPE, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

/* A pasted text must not press keys. */
static void mark_pastes(FILE *stream) {
    if (!has_paste_mode()) {
        return;
    }
    define_key("\033[200~", KEY_PASTE_BEGIN);
    define_key("\033[201~", KEY_PASTE_END);
    fputs(paste_mode_on, stream);
    fflush(stream);
}

/* Ctrl-C and Ctrl-S are keys like others: what is half done is ended properly, and nobody stops the
 * screen by accident. Octets go out as they are. */
static bool set_raw(int input) {
    struct termios settings = restoration.settings;
    cfmakeraw(&settings);
    return tcsetattr(input, TCSANOW, &settings) == 0;
}

static void set_up_screen(struct terminal *terminal) {
    /* Of ncurses' own record only: it writes to no terminal (outlet.h), and set_raw sets it up. */
    raw();
    noecho();
    nonl();
    typeahead(-1); /* a picture is not cut short for a key that waits */
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    leaveok(stdscr, TRUE);
    curs_set(0);
    mark_pastes(outlet_stream(terminal->output));
    const char *palette = getenv("MUSTER_PALETTE");
    terminal->palette = palette && strcmp(palette, "day") == 0 ? PALETTE_DAY : PALETTE_NIGHT;
    terminal->has_colours =
        !getenv("NO_COLOR") && has_colors() && start_color() == OK && COLOR_PAIRS > 2 * STYLE_COUNT;
    apply_palette(terminal);
}

static void let_go(struct terminal *terminal) {
    if (terminal->screen) {
        delscreen(terminal->screen);
    }
    if (terminal->input) {
        fclose(terminal->input);
    }
    outlet_close(terminal->output);
    free(terminal);
}

/* Input and output by descriptors of the terminal that nobody shares (outlet.h). */
static struct terminal *reach_terminal(void) {
    struct terminal *terminal = calloc(1, sizeof *terminal);
    if (!terminal) {
        return NULL;
    }
    int input = outlet_own_descriptor(STDIN_FILENO, O_RDONLY);
    terminal->input = input < 0 ? NULL : fdopen(input, "r");
    terminal->output = outlet_open(STDOUT_FILENO);
    if (terminal->input && terminal->output) {
        restoration.input = input;
        restoration.flags = fcntl(input, F_GETFL);
        restoration.output = outlet_descriptor(terminal->output);
        return terminal;
    }
    if (input >= 0 && !terminal->input) {
        close(input);
    }
    let_go(terminal);
    return NULL;
}

struct terminal *terminal_open(char problem[TERMINAL_PROBLEM_SIZE]) {
    problem[0] = 0;
    if (tcgetattr(STDIN_FILENO, &restoration.settings) != 0 || !isatty(STDOUT_FILENO)) {
        snprintf(problem, TERMINAL_PROBLEM_SIZE, "%s",
                 _("standard input and output are not a terminal"));
        return NULL;
    }
    struct terminal *terminal = reach_terminal();
    if (!terminal) {
        snprintf(problem, TERMINAL_PROBLEM_SIZE, "%s", _("out of memory"));
        return NULL;
    }
    choose_locale();
    catch_ending_signals();
    catch_signal(SIGTSTP, on_stopping_signal);
    catch_signal(SIGCONT, on_continued);
    terminal->screen = newterm(NULL, outlet_stream(terminal->output), terminal->input);
    if (!terminal->screen || tigetstr("cup") == NULL) {
        const char *type = getenv("TERM");
        snprintf(problem, TERMINAL_PROBLEM_SIZE,
                 _("cannot draw on a terminal of type '%.40s' (TERM); try TERM=xterm"),
                 type ? type : "");
        release_ending_signals();
        let_go(terminal);
        return NULL;
    }
    arm_restoration();
    (void)set_raw(restoration.input); /* it fails where the terminal has just gone */
    set_up_screen(terminal);
    return terminal;
}

void terminal_close(struct terminal *terminal) {
    if (!terminal) {
        return;
    }
    if (has_paste_mode()) {
        fputs(paste_mode_off, outlet_stream(terminal->output));
        fflush(outlet_stream(terminal->output));
    }
    endwin();
    if (outlet_finish(terminal->output, LAST_OCTETS_MS)) {
        restoration.length = 0;
    }
    restore();
    release_ending_signals();
    let_go(terminal);
}

void terminal_size(struct terminal *terminal, int *columns, int *rows) {
    (void)terminal;
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
        is_term_resized(size.ws_row, size.ws_col)) {
        /* The next picture is drawn whole: octets for the old size may still be under way. */
        resizeterm(size.ws_row, size.ws_col);
    }
    *columns = COLS;
    *rows = LINES;
}

static void show_cell(const struct terminal *terminal, int row, int column, struct cell cell) {
    if (cell.character == 0) {
        return; /* the wide character before it covers it */
    }
    wchar_t text[CELL_MARKS_MAX + 2] = {(wchar_t)cell.character};
    int length = 1;
    for (int i = 0; i < CELL_MARKS_MAX && cell.marks[i] != 0; i++) {
        /* Terminals differ in whether joined pictures are one: side by side they are alike on all.
         */
        if (cell.marks[i] != CHARACTER_JOINER || character_width(cell.character) < 2) {
            text[length++] = (wchar_t)cell.marks[i];
        }
    }
    bool is_bar = cell_is_bar(cell);
    attr_t attributes = monochrome[cell.style];
    short pair = 0;
    if (terminal->has_colours) {
        attributes = looks[terminal->palette][cell.style].attributes;
        pair = is_bar ? bar_pair((short)cell.style) : text_pair((short)cell.style);
    }
    cchar_t complex;
    /* A bar that is reversed would look empty where it is full. */
    if (setcchar(&complex, text, is_bar ? A_NORMAL : attributes, pair, NULL) != OK) {
        setcchar(&complex, L"\uFFFD", attributes, pair, NULL); /* marks that the C library lacks */
    }
    mvadd_wch(row, column, &complex);
}

/* Sets it up as at the start, and has the next picture drawn whole. */
static void take_back(struct terminal *terminal) {
    was_stopped = 0;
    (void)set_raw(restoration.input);
    endwin(); /* the next refresh begins the screen anew */
    keypad(stdscr, TRUE);
    mark_pastes(outlet_stream(terminal->output));
    clearok(curscr, TRUE);
}

bool terminal_is_ready(struct terminal *terminal) {
    if (was_stopped && is_in_front(fileno(terminal->input))) {
        take_back(terminal);
    }
    return outlet_send(terminal->output);
}

void terminal_show(struct terminal *terminal, const struct canvas *canvas) {
    if (!terminal_is_ready(terminal)) {
        return;
    }
    for (int row = 0; row < LINES; row++) {
        for (int column = 0; column < COLS; column++) {
            show_cell(terminal, row, column, canvas_cell(canvas, row, column));
        }
    }
    refresh();
    (void)outlet_send(terminal->output);
}

/* ncurses' number for a key that is no character, as a press. */
static uint32_t press_from_keypad(wint_t key) {
    switch (key) {
    case KEY_ENTER:
        return PRESS_ENTER;
    case KEY_BACKSPACE:
    case KEY_DC:
        return PRESS_BACKSPACE;
    case KEY_BTAB:
        return PRESS_BACKTAB;
    case KEY_UP:
        return PRESS_UP;
    case KEY_DOWN:
        return PRESS_DOWN;
    case KEY_LEFT:
        return PRESS_LEFT;
    case KEY_RIGHT:
        return PRESS_RIGHT;
    case KEY_PPAGE:
        return PRESS_PAGE_UP;
    case KEY_NPAGE:
        return PRESS_PAGE_DOWN;
    case KEY_HOME:
        return PRESS_HOME;
    case KEY_END:
        return PRESS_END;
    case KEY_PASTE_BEGIN:
        return PRESS_PASTE_BEGIN;
    case KEY_PASTE_END:
        return PRESS_PASTE_END;
    default:
        if (key >= KEY_F(1) && key <= KEY_F(12)) {
            return PRESS_FUNCTION + (key - KEY_F(0));
        }
        return PRESS_NONE;
    }
}

static uint32_t press_from_character(wint_t character) {
    switch (character) {
    case '\r':
    case '\n':
        return PRESS_ENTER;
    case '\t':
        return PRESS_TAB;
    case '\b':
    case 0x7F:
        return PRESS_BACKSPACE;
    case 0x1B:
        return PRESS_ESCAPE;
    default:
        return (uint32_t)character;
    }
}

enum {
    CONTROL_L = 'L' & 0x1F,
    CONTROL_T = 'T' & 0x1F
};

/* A key for the terminal itself? */
static bool is_own_key(struct terminal *terminal, uint32_t press) {
    if (press == CONTROL_L) {
        clearok(curscr, TRUE);
        return true;
    }
    if (press == CONTROL_T) {
        terminal->palette = terminal->palette == PALETTE_DAY ? PALETTE_NIGHT : PALETTE_DAY;
        apply_palette(terminal);
        return true;
    }
    return false;
}

uint32_t terminal_press(struct terminal *terminal) {
    for (;;) {
        wint_t key;
        int kind = get_wch(&key);
        if (kind == ERR) {
            struct pollfd input = {.fd = fileno(terminal->input), .events = POLLIN};
            if (poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL))) {
                terminal->is_gone = true;
            }
            return PRESS_NONE;
        }
        uint32_t press = kind == KEY_CODE_YES ? press_from_keypad(key) : press_from_character(key);
        if (press != PRESS_NONE && !is_own_key(terminal, press)) {
            return press;
        }
    }
}

void terminal_forget_presses(struct terminal *terminal) {
    if (is_in_front(fileno(terminal->input))) {
        tcflush(fileno(terminal->input), TCIFLUSH);
    }
    flushinp();
}

int terminal_descriptor(const struct terminal *terminal) {
    return fileno(terminal->input);
}

bool terminal_is_gone(const struct terminal *terminal) {
    return terminal->is_gone;
}
