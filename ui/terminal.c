/* SPDX-License-Identifier: GPL-3.0-or-later */
#define NCURSES_WIDECHAR 1
#include "ui/terminal.h"

#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* ncurses.h defines many short macros: it comes after everything else, and only here. */
#include <curses.h>

#include "ui/character.h"
#include "ui/glyph.h"
#include "ui/keyboard/keyboard.h"
#include "ui/outlet.h"
#include "ui/restoration.h"
#include "ui/ui.h"
#include "ui/words/words.h"

enum palette {
    PALETTE_NIGHT,
    PALETTE_DAY,
    PALETTE_CONTRAST,
    PALETTE_RED,
    PALETTE_COUNT
};

/* As MUSTER_PALETTE names them; Ctrl-T goes from one to the next. */
static const char *const palette_names[PALETTE_COUNT] = {
    [PALETTE_NIGHT] = "night",
    [PALETTE_DAY] = "day",
    [PALETTE_CONTRAST] = "contrast",
    [PALETTE_RED] = "red",
};

/* Pastes are marked, and the focus is told of. */
static const char modes_on[] = "\033[?2004h\033[?1004h", modes_off[] = "\033[?2004l\033[?1004l";

/* Ends a control sequence of which only the beginning was sent (ECMA-48: CAN). */
static const char cancel[] = "\030";

enum {
    LAST_OCTETS_MS = 300, /* that a terminal may take for them when it is given back */
    ANSWERS_MS = 100, /* that its first answers may take, when it is given back before they came */
};
_Static_assert((int)CELL_MARKS_MAX < (int)CCHARW_MAX, "a letter and its marks fit ncurses' cell");

struct terminal {
    SCREEN *screen;
    FILE *input;
    struct outlet *output;
    struct keyboard keyboard;
    bool wants_releases;
    bool rings; /* with the next picture */
    bool has_colours;
    enum palette palette;
    enum glyphs glyphs;
    struct canvas *shown; /* what ncurses has of it; NULL when that is not known */
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
                [STYLE_CODE] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
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
                [STYLE_CODE] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
            },
        /* Black and white, and one colour for what is wrong and one for who talks. */
        [PALETTE_CONTRAST] =
            {
                [STYLE_PLAIN] = {COLOR_WHITE, PAPER, A_BOLD},
                [STYLE_TITLE] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
                [STYLE_KEYS] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
                [STYLE_DIM] = {COLOR_WHITE, PAPER, A_NORMAL},
                [STYLE_STRONG] = {COLOR_WHITE, PAPER, A_BOLD},
                [STYLE_SELECTED] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
                [STYLE_GOOD] = {COLOR_WHITE, PAPER, A_BOLD},
                [STYLE_CAUTION] = {COLOR_BLACK, COLOR_YELLOW, A_NORMAL},
                [STYLE_BAD] = {COLOR_WHITE, COLOR_RED, A_BOLD},
                [STYLE_TALK] = {COLOR_BLACK, COLOR_GREEN, A_NORMAL},
                [STYLE_CODE] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
            },
        /* Red alone leaves eyes used to the dark: what is wrong is reversed. */
        [PALETTE_RED] =
            {
                [STYLE_PLAIN] = {COLOR_RED, PAPER, A_NORMAL},
                [STYLE_TITLE] = {COLOR_BLACK, COLOR_RED, A_NORMAL},
                [STYLE_KEYS] = {COLOR_BLACK, COLOR_RED, A_NORMAL},
                [STYLE_DIM] = {COLOR_RED, PAPER, A_DIM},
                [STYLE_STRONG] = {COLOR_RED, PAPER, A_BOLD},
                [STYLE_SELECTED] = {COLOR_BLACK, COLOR_RED, A_NORMAL},
                [STYLE_GOOD] = {COLOR_RED, PAPER, A_BOLD},
                [STYLE_CAUTION] = {COLOR_RED, PAPER, A_BOLD | A_UNDERLINE},
                [STYLE_BAD] = {COLOR_RED, PAPER, A_BOLD | A_REVERSE},
                [STYLE_TALK] = {COLOR_RED, PAPER, A_REVERSE | A_UNDERLINE},
                [STYLE_CODE] = {COLOR_BLACK, COLOR_WHITE, A_NORMAL},
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
    [STYLE_CODE] = A_REVERSE,
};

/* The capability's octets, or NULL. */
static const char *capability(const char *name) {
    const char *octets = tigetstr(name);
    return octets == (char *)-1 ? NULL : octets;
}

/* Is this a terminal that can be asked to mark what is pasted, and the like? The description of
 * many that can does not say so; those that cannot pass over a mode that they do not know, if they
 * are of the family (ECMA-48). */
static bool is_of_the_family(void) {
    const char *move = capability("cup");
    return move && strncmp(move, "\033[", 2) == 0;
}

static void arm_restoration(void) {
    if (is_of_the_family()) {
        restoration_remember(cancel);
        restoration_remember(modes_off);
    }
    restoration_remember(capability("sgr0"));
    restoration_remember(capability("op"));
    restoration_remember(capability("cnorm"));
    restoration_remember(capability("rmcup"));
    restoration_arm();
}

/* The colour pairs of a style: of its text, and of its bars. */
static short text_pair(short style) {
    return (short)(1 + style);
}

static short bar_pair(short style) {
    return (short)(1 + STYLE_COUNT + style);
}

/* The next picture is handed to ncurses whole, and nothing of the last one is kept. */
static void drop_shown(struct terminal *terminal) {
    if (terminal->shown != NULL) {
        canvas_clear(terminal->shown);
    }
    canvas_free(terminal->shown);
    terminal->shown = NULL;
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
        init_pair(text_pair(STYLE_CODE), COLOR_BLACK, white);
        init_pair(bar_pair(STYLE_CODE), COLOR_BLACK, COLOR_BLACK);
    }
    drop_shown(terminal);
    clearok(curscr, TRUE);
}

/* A locale in which ncurses writes UTF-8; the user's own where that does. And the signs that it
 * and the terminal have: "C" says nothing of them. */
static enum glyphs choose_locale(void) {
    setlocale(LC_CTYPE, "");
    const char *name = setlocale(LC_CTYPE, NULL), *codeset = nl_langinfo(CODESET);
    bool is_said = name != NULL && strcmp(name, "C") != 0 && strcmp(name, "POSIX") != 0;
    enum glyphs glyphs =
        glyphs_choose(getenv("MUSTER_GLYPHS"), is_said ? codeset : NULL, getenv("TERM"));
    if (strcmp(codeset, "UTF-8") != 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
    return glyphs;
}

/* A pasted text must not press keys, and a window that others look at must not talk. */
static void set_modes(FILE *stream) {
    if (is_of_the_family()) {
        fputs(modes_on, stream);
        fflush(stream);
    }
}

static void ask(FILE *stream) {
    if (is_of_the_family()) {
        fputs(keyboard_question, stream);
        fflush(stream);
    }
}

/* Asks for releases, or for no more of them, as they are wanted now. */
static void settle_releases(struct terminal *terminal) {
    bool are_wanted = terminal->wants_releases && terminal->keyboard.tells_releases;
    if (are_wanted != restoration_has_releases()) {
        FILE *stream = outlet_stream(terminal->output);
        restoration_set_releases(true); /* while it is under way as well */
        fputs(are_wanted ? keyboard_releases_on : keyboard_releases_off, stream);
        fflush(stream);
        restoration_set_releases(are_wanted);
    }
}

/* Ctrl-C and Ctrl-S are keys like others: what is half done is ended properly, and nobody stops the
 * screen by accident. Octets go out as they are. */
static bool set_raw(int input) {
    struct termios settings = *restoration_settings();
    cfmakeraw(&settings);
    return tcsetattr(input, TCSANOW, &settings) == 0;
}

/* Night where none is named, or one that there is not. */
static enum palette palette_named(const char *name) {
    for (int i = 0; name != NULL && i < PALETTE_COUNT; i++) {
        if (strcmp(name, palette_names[i]) == 0) {
            return (enum palette)i;
        }
    }
    return PALETTE_NIGHT;
}

static void set_up_screen(struct terminal *terminal) {
    /* Of ncurses' own record only: it writes to no terminal (outlet.h), and set_raw sets it up. */
    raw();
    noecho();
    nonl();
    typeahead(-1); /* a picture is not cut short for a key that waits */
    leaveok(stdscr, TRUE);
    curs_set(0);
    set_modes(outlet_stream(terminal->output));
    ask(outlet_stream(terminal->output));
    terminal->palette = palette_named(getenv("MUSTER_PALETTE"));
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
    drop_shown(terminal);
    free(terminal);
}

/* Input and output by descriptors of the terminal that nobody shares (outlet.h). */
static struct terminal *reach_terminal(void) {
    struct terminal *terminal = calloc(1, sizeof *terminal);
    if (!terminal) {
        return NULL;
    }
    int input = outlet_own_descriptor(STDIN_FILENO, O_RDONLY);
    terminal->input = input < 0 ? NULL : fdopen(input, "r"); /* ncurses wants a stream */
    terminal->output = outlet_open(STDOUT_FILENO);
    if (terminal->input && terminal->output) {
        restoration_note(input, outlet_descriptor(terminal->output));
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
    if (!restoration_begin() || !isatty(STDOUT_FILENO)) {
        snprintf(problem, TERMINAL_PROBLEM_SIZE, "%s",
                 _("standard input and output are not a terminal"));
        return NULL;
    }
    struct terminal *terminal = reach_terminal();
    if (!terminal) {
        snprintf(problem, TERMINAL_PROBLEM_SIZE, "%s", _("out of memory"));
        return NULL;
    }
    terminal->glyphs = choose_locale();
    restoration_catch_signals();
    terminal->screen = newterm(NULL, outlet_stream(terminal->output), terminal->input);
    if (!terminal->screen || tigetstr("cup") == NULL) {
        const char *type = getenv("TERM");
        snprintf(problem, TERMINAL_PROBLEM_SIZE,
                 _("cannot draw on a terminal of type '%.40s' (TERM); try TERM=xterm"),
                 type ? type : "");
        restoration_release_signals();
        let_go(terminal);
        return NULL;
    }
    arm_restoration();
    (void)set_raw(fileno(terminal->input)); /* it fails where the terminal has just gone */
    keyboard_begin(&terminal->keyboard, fileno(terminal->input));
    set_up_screen(terminal);
    return terminal;
}

/* What the terminal was asked at the start it may be answering still: nobody else is to read that.
 */
static void hear_out(struct terminal *terminal) {
    struct pollfd input = {.fd = fileno(terminal->input), .events = POLLIN};
    struct input unused;
    while (is_of_the_family() && !terminal->keyboard.has_answered && !terminal->keyboard.is_gone &&
           poll(&input, 1, ANSWERS_MS) > 0) {
        while (keyboard_next(&terminal->keyboard, &unused)) {
        }
    }
}

void terminal_close(struct terminal *terminal) {
    if (!terminal) {
        return;
    }
    terminal->wants_releases = false;
    settle_releases(terminal);
    if (is_of_the_family()) {
        fputs(modes_off, outlet_stream(terminal->output));
        fflush(outlet_stream(terminal->output));
    }
    endwin();
    bool has_all = outlet_finish(terminal->output, LAST_OCTETS_MS);
    if (has_all) {
        hear_out(terminal);
    }
    restoration_end(has_all);
    restoration_release_signals();
    let_go(terminal);
}

void terminal_size(struct terminal *terminal, int *columns, int *rows) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0 &&
        is_term_resized(size.ws_row, size.ws_col)) {
        /* The next picture is drawn whole: octets for the old size may still be under way. */
        drop_shown(terminal);
        resizeterm(size.ws_row, size.ws_col);
    }
    *columns = COLS;
    *rows = LINES;
}

static void show_cell(const struct terminal *terminal, int row, int column, struct cell cell) {
    if (cell.character == 0) {
        return; /* the wide character before it covers it */
    }
    wchar_t text[CELL_MARKS_MAX + 2] = {(wchar_t)glyph_of(terminal->glyphs, cell.character)};
    int length = 1;
    for (int i = 0; i < CELL_MARKS_MAX && cell.marks[i] != 0; i++) {
        /* Terminals differ in whether joined pictures are one: side by side they are alike on all.
         */
        if (cell.marks[i] != CHARACTER_JOINER || character_width(cell.character) < 2) {
            text[length++] = (wchar_t)cell.marks[i];
        }
    }
    bool is_bar = cell_is_bar(cell);
    if (is_bar && cell.style == STYLE_CODE && terminal->glyphs != GLYPHS_UNICODE) {
        text[0] = L' '; /* dark all over, whatever signs there are */
    }
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
    (void)set_raw(fileno(terminal->input));
    endwin(); /* the next refresh begins the screen anew */
    set_modes(outlet_stream(terminal->output));
    clearok(curscr, TRUE);
}

bool terminal_is_ready(struct terminal *terminal) {
    if (!restoration_is_in_front()) {
        return false; /* what the shell shows is not to be drawn over */
    }
    if (restoration_is_taking_back()) {
        take_back(terminal);
    }
    return outlet_send(terminal->output);
}

/* Without memory for it the next picture is handed over whole. */
static void keep_shown(struct terminal *terminal, const struct canvas *canvas) {
    if (terminal->shown == NULL) {
        terminal->shown = canvas_new(canvas->columns, canvas->rows);
    }
    if (terminal->shown != NULL && !canvas_copy(terminal->shown, canvas)) {
        drop_shown(terminal);
    }
}

static void show_row(const struct terminal *terminal, const struct canvas *canvas, int row) {
    for (int column = 0; column < COLS; column++) {
        show_cell(terminal, row, column, canvas_cell(canvas, row, column));
    }
}

void terminal_show(struct terminal *terminal, const struct canvas *canvas) {
    if (!terminal_is_ready(terminal)) {
        return;
    }
    /* Of a picture that moves, as that of a talk does, most rows stay as they are: to hand each
     * cell over anew would cost more than all else that drawing does. */
    const struct canvas *shown = terminal->shown;
    for (int row = 0; row < LINES; row++) {
        if (shown == NULL || !canvas_row_is_alike(shown, canvas, row)) {
            show_row(terminal, canvas, row);
        }
    }
    keep_shown(terminal, canvas);
    refresh();
    /* Once the screen has begun: each of a terminal's two screens has such settings of its own. */
    settle_releases(terminal);
    if (terminal->rings) {
        terminal->rings = false;
        fputc('\a', outlet_stream(terminal->output));
        fflush(outlet_stream(terminal->output));
    }
    (void)outlet_send(terminal->output);
}

/* Each cell unlike its neighbours, which takes more octets than any picture: the library's cells
 * and the octets that it keeps are overwritten. It is not sent. */
void terminal_forget(struct terminal *terminal) {
    bool is_sent = outlet_send(terminal->output);
    drop_shown(terminal);
    for (int row = 0; row < LINES; row++) {
        for (int column = 0; column < COLS; column++) {
            const struct cell cell = {.character = (column + row) % 2 == 0 ? 'x' : '-',
                                      .style = column % 2 == 0 ? STYLE_SELECTED : STYLE_STRONG};
            show_cell(terminal, row, column, cell);
        }
    }
    clearok(curscr, TRUE);
    refresh();
    if (is_sent) {
        outlet_drop(terminal->output);
    }
    clearok(curscr, TRUE);
    keyboard_forget(&terminal->keyboard);
    explicit_bzero(terminal->keyboard.octets, sizeof terminal->keyboard.octets);
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
        terminal->palette = (enum palette)((terminal->palette + 1) % PALETTE_COUNT);
        apply_palette(terminal);
        return true;
    }
    return false;
}

bool terminal_input(struct terminal *terminal, struct input *input) {
    while (keyboard_next(&terminal->keyboard, input)) {
        bool is_press = input->kind == INPUT_TYPED || input->kind == INPUT_PRESSED;
        if (!is_press || !is_own_key(terminal, input->press)) {
            return true;
        }
    }
    return false;
}

uint32_t terminal_press(struct terminal *terminal) {
    struct input input;
    while (terminal_input(terminal, &input)) {
        if (input.kind < INPUT_RELEASED) {
            return input.press;
        }
    }
    return PRESS_NONE;
}

int terminal_patience_ms(const struct terminal *terminal) {
    return keyboard_patience_ms(&terminal->keyboard);
}

void terminal_want_releases(struct terminal *terminal, bool are_wanted) {
    terminal->wants_releases = are_wanted;
}

void terminal_ring(struct terminal *terminal) {
    terminal->rings = true;
}

void terminal_forget_presses(struct terminal *terminal) {
    if (restoration_is_in_front()) {
        tcflush(fileno(terminal->input), TCIFLUSH);
    }
    keyboard_forget(&terminal->keyboard);
}

int terminal_descriptor(const struct terminal *terminal) {
    return fileno(terminal->input);
}

bool terminal_has_halves(const struct terminal *terminal) {
    return terminal->glyphs == GLYPHS_UNICODE;
}

bool terminal_is_gone(const struct terminal *terminal) {
    return terminal->keyboard.is_gone;
}
