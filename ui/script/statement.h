/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a script does, line by line, as parse.c reads it and script.c runs it.
 */
#ifndef MUSTER_UI_SCRIPT_STATEMENT_H
#define MUSTER_UI_SCRIPT_STATEMENT_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "ui/script/event.h"

enum statement_kind {
    STATEMENT_NOTHING = 0,  /* an empty line, or a comment */
    STATEMENT_HANDSET,      /* number */
    STATEMENT_KEY,          /* press, number times */
    STATEMENT_TYPE,         /* text */
    STATEMENT_PASTE,        /* text */
    STATEMENT_EXPECT,       /* text or pattern, is_not, duration_ms */
    STATEMENT_EXPECT_EVENT, /* event, is_not, duration_ms */
    STATEMENT_EVENTS,
    STATEMENT_ADVANCE,  /* duration_ms */
    STATEMENT_SNAPSHOT, /* text */
    STATEMENT_SAY,      /* text */
    STATEMENT_PART,     /* text */
    STATEMENT_LET,      /* name, text */
    STATEMENT_CAPTURE,  /* name, text with one star, duration_ms */
    STATEMENT_REPEAT,   /* number times what stands up to its STATEMENT_END */
    STATEMENT_LIMIT,    /* duration_ms; it is not kept among the others (struct program) */
    STATEMENT_END,      /* number: which statement its STATEMENT_REPEAT is, from 0 */
};

struct statement {
    enum statement_kind kind;
    int line_number;
    int number;
    uint32_t press;
    char *text; /* for a pattern or an event its source, for messages */
    char *name; /* that is given to a text */
    struct script_event event;
    bool is_pattern, is_not;
    regex_t pattern;
    int64_t duration_ms; /* 0 without `within` */
};

/* Does ${NAME} stand in its text? A regular expression, a part and a snapshot have none. */
bool statement_has_variables(const struct statement *statement);

/* Frees what it holds, and leaves STATEMENT_NOTHING. */
void statement_clear(struct statement *statement);

#endif
