/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line of a script, parsed. Only script.c runs them.
 */
#ifndef MUSTER_UI_SCRIPT_LINE_H
#define MUSTER_UI_SCRIPT_LINE_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "ui/script_event.h"

enum script_line_kind {
    LINE_NOTHING = 0,  /* empty, or a comment */
    LINE_HANDSET,      /* number */
    LINE_KEY,          /* press, number times */
    LINE_TYPE,         /* text */
    LINE_PASTE,        /* text */
    LINE_EXPECT,       /* text or pattern, is_not, duration_ms */
    LINE_EXPECT_EVENT, /* event, is_not, duration_ms */
    LINE_EVENTS,
    LINE_ADVANCE,  /* duration_ms */
    LINE_SNAPSHOT, /* text */
    LINE_SAY,      /* text */
};

struct script_line {
    enum script_line_kind kind;
    int line_number;
    int number;
    uint32_t press;
    char *text; /* for a pattern or an event its source, for messages */
    struct script_event event;
    bool is_pattern, is_not;
    regex_t pattern;
    int64_t duration_ms; /* 0 without `within` */
};

enum {
    LINE_PROBLEM_SIZE = 200
};

/* Parses one line (terminated, without its newline); `handsets` is how many there are. False with
 * problem[] filled in when it is no line of the language; `out` then holds nothing. */
bool script_line_parse(const char *source, int handsets, struct script_line *out,
                       char problem[LINE_PROBLEM_SIZE]);

/* Frees what a parsed line holds. */
void script_line_clear(struct script_line *line);

/* Is what an LINE_EXPECT looks for in this row's text? */
bool script_line_matches(const struct script_line *line, const char *row);

#endif
