/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The script driver: a script stands where a person would, pressing keys and reading screens. It
 * needs no terminal. One line a step:
 *
 *     # a comment                         anywhere at the start of a line
 *     handset N                           the lines that follow are for handset N (at first: 1)
 *     key NAME [COUNT]                    press a key (press_from_name), COUNT times
 *     type "TEXT"                         press the characters of TEXT
 *     paste "TEXT"                        the same, as a terminal pastes: text, and never keys
 *     expect "TEXT" [within DURATION]     some row of the screen has TEXT in it
 *     expect /REGEX/ [within DURATION]    some row matches
 *     expect not "TEXT" [within DURATION] no row does; likewise with /REGEX/
 *     expect event KIND [NAME=TEXT]... [within DURATION]
 *                                         the log has an event of that kind, with those values
 *     expect not event KIND [NAME=TEXT]... [within DURATION]
 *     advance DURATION                    let time pass
 *     snapshot NAME                       the whole screen is as in DIRECTORY/NAME.txt
 *     say "TEXT"                          into the transcript
 *     events                              the log into the transcript, an event a line, the oldest
 *                                         first, as `expect event` takes them
 *
 * REGEX is POSIX extended; ^ and $ are the ends of a row without its trailing blanks.
 * DURATION is a whole number with its unit: 500ms, 20s, 5min, 8h, 2d. In TEXT, \" and \\ stand for
 * the characters; in REGEX, \/ for a slash. KIND and NAME are those of app/handset/event.h; a TEXT
 * that is a value needs its quotes only where there are blanks in it, and where it is empty the
 * value must not be known. `within` waits until the line is true for the first time, and fails when
 * it is not until then; without it the line must be true at once. To show that something never
 * appears, let the time pass (`advance`) and then `expect not`.
 *
 * The driver is a state machine without a clock and without threads. A virtual clock runs it like
 * this, and an event loop does the same on its timers and after everything that may have changed a
 * screen:
 *
 *     while (script_step(script, now_ms) == SCRIPT_RUNNING)
 *         now_ms = let the world go on, not beyond script_deadline(script);
 */
#ifndef MUSTER_UI_SCRIPT_H
#define MUSTER_UI_SCRIPT_H

#include "app/handset/event.h"
#include "ui/canvas.h"

enum {
    SCRIPT_PROBLEM_SIZE = 320,
    SCRIPT_LINE_MAX = 2000, /* octets of a line */
    SCRIPT_FILE_MAX = 1024 * 1024,
};

/* What a script plays on. Handsets are numbered from 1. */
struct stage {
    void *context;
    int handsets;

    /* A key was pressed on that handset: carry it out, with all that follows from it at once. */
    void (*press)(void *context, int handset, uint32_t press);

    /* The screen of that handset as it is now; valid until the next call of any of these. */
    const struct canvas *(*screen)(void *context, int handset);

    /* The log of that handset as it is now, the newest event first; returns how many there are.
     * They live as long as a screen does. NULL on a stage without logs: a script there must not
     * name events. */
    size_t (*events)(void *context, int handset, const struct event **events);

    /* A line for the transcript. */
    void (*say)(void *context, const char *text);

    /* Where snapshots live (fixtures/golden). With `rewrite_golden` they are written, not compared:
     * for the program's user to choose deliberately, never by default. */
    const char *golden_directory;
    bool rewrite_golden;

    /* For people who watch: script_step runs at most one line a call. */
    bool line_by_line;
};

struct script;

/* Parses `text` (terminated) as a whole, before any line of it runs. `name` is for messages;
 * `stage` is copied. Sets the program's locale to a UTF-8 one where it has none: patterns are of
 * characters. NULL when it is no good: problem[] then holds one line that names the script's
 * line and what is wrong with it ("demo.script:12: ..."); programs print it and exit with 2. The
 * caller frees the script. */
struct script *script_parse(const char *name, const char *text, const struct stage *stage,
                            char problem[SCRIPT_PROBLEM_SIZE]);

/* The same from a file, which is named in messages as it is here. */
struct script *script_load(const char *path, const struct stage *stage,
                           char problem[SCRIPT_PROBLEM_SIZE]);

/* Frees; NULL is allowed. */
void script_free(struct script *script);

enum script_state {
    SCRIPT_RUNNING, /* waits for something: step again when a screen may have changed, and at
                       script_deadline */
    SCRIPT_PASSED,  /* the last line has run: exit with 0 */
    SCRIPT_FAILED,  /* a line failed: print script_report, exit with 1 */
};

/* Runs lines at `now_ms`, any clock that never goes back, until one must wait. Presses and says
 * come out through the stage within this call. Once passed or failed it stays so. */
enum script_state script_step(struct script *script, int64_t now_ms);

/* What the script plays on has ended: a script that is still running fails at the line that it
 * waits for. Returns the state. */
enum script_state script_end(struct script *script);

/* While running: the time by which script_step must be called even if nothing changes. */
int64_t script_deadline(const struct script *script);

/* While running: is it waiting for a screen to show something (true), or only for time to pass
 * (false)? */
bool script_is_watching(const struct script *script);

/* After SCRIPT_FAILED: file and line, what was expected, and the screen as it was; several lines,
 * the last one ended. Empty otherwise. Never NULL; lives as long as the script. */
const char *script_report(const struct script *script);

#endif
