/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From the text of a script to what it does. Nothing runs here.
 */
#ifndef MUSTER_UI_SCRIPT_PARSE_H
#define MUSTER_UI_SCRIPT_PARSE_H

#include <stddef.h>

#include "ui/script/problems.h"
#include "ui/script/statement.h"
#include "ui/script/variables.h"

/* What the stage has. */
struct parse_stage {
    int handsets;
    bool has_logs; /* without them no line may name events */
};

enum {
    REPEAT_DEPTH = 8 /* of one within another */
};

struct program {
    size_t count;
    struct statement *statements; /* without those that do nothing */
    size_t name_count;
    const char *names[VARIABLES_MAX]; /* that statements give, each once */
    int64_t limit_ms;                 /* of the whole run; 0: none */
};

/* Parses `text` (terminated), which messages call `name`. Adds every error to `problems`, at most
 * one for each line; the program is good when there are none, and is to be cleared in either case.
 */
void program_parse(const char *name, const char *text, const struct parse_stage *stage,
                   struct program *out, struct script_problems *problems);

/* Frees what it holds. */
void program_clear(struct program *program);

#endif
