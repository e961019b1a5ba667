/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The script driver: a script stands where a person would, pressing keys and reading screens. It
 * needs no terminal. ui/README.md has the grammar, and language.txt beside this file the words.
 *
 * The driver is a state machine without a clock and without threads. A virtual clock runs it like
 * this, and an event loop does the same on its timers and after everything that may have changed a
 * screen:
 *
 *     while (script_step(script, now_ms) == SCRIPT_RUNNING)
 *         now_ms = let the world go on, not beyond script_deadline(script);
 */
#ifndef MUSTER_UI_SCRIPT_SCRIPT_H
#define MUSTER_UI_SCRIPT_SCRIPT_H

#include "app/handset/event.h"
#include "ui/canvas.h"
#include "ui/script/problems.h"

enum {
    SCRIPT_LINE_MAX = 2000, /* octets of a line */
    SCRIPT_FILE_MAX = 1024 * 1024,
    SCRIPT_FAILURES_TOLD = 20,
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

    /* A line that does not come true is told, and the next one runs: the script fails at its end.
     */
    bool keeps_going;

    /* For people who watch: script_step runs at most one line a call. */
    bool line_by_line;
};

struct script;

/* Parses `text` (terminated) as a whole, before any line of it runs. `name` is for messages;
 * `stage` is copied. Sets the program's locale to a UTF-8 one where it has none: patterns are of
 * characters. NULL when it is no good: problem[] then names every error, one on a line
 * ("demo.script:12:
 * ..."), without a newline at its end; programs print them and exit with 2. The
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
    SCRIPT_FAILED,  /* a line failed, or more than one of a stage that keeps going, or the limit was
                       over: print script_report, exit with 1 */
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

/* File and line, what was expected, and the screen as it was; several lines, the last one ended.
 * On a stage that keeps going so for each of the first SCRIPT_FAILURES_TOLD lines that failed, and
 * in the end how many others did. Empty before a failure. Never NULL; valid until the next step. */
const char *script_report(const struct script *script);

/* Writes what came of each part of the script so far, as JUnit's XML to `junit` and as TAP to
 * `tap`; NULL for either that is not wanted. Returns false, and errno, when it did not work. The
 * caller closes the files. */
bool script_write_results(const struct script *script, FILE *junit, FILE *tap);

#endif
