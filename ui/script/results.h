/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What came of the parts of a script, for the machines that run tests: JUnit's XML, and TAP (Test
 * Anything Protocol 13). Each part is a test case.
 */
#ifndef MUSTER_UI_SCRIPT_RESULTS_H
#define MUSTER_UI_SCRIPT_RESULTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "ui/script/parse.h"

/* It has passed when it has ended without a failure, and was skipped when it has not ended. */
struct result {
    const char *name; /* belongs to the program, or is NULL: what stands before the first part */
    int line_number;
    bool has_ended;
    int64_t begin_ms, end_ms;
    int failures;
    char *told; /* what was told of the failures; NULL: nothing */
};

struct results {
    const char *path; /* of the script; outlives it */
    size_t count, at; /* `at` is the one that runs */
    struct result *of;
};

/* One for each part of the program, which outlives them, and one for what stands before the first
 * or for a script without parts. False when out of memory. They are to be cleared. */
bool results_begin(struct results *results, const char *path, const struct program *program);

/* Frees what they hold. */
void results_clear(struct results *results);

/* The next part begins at `now_ms`, and the one before it ends. */
void results_next(struct results *results, int64_t now_ms);

/* The run is over, and with it the part that runs. */
void results_end(struct results *results, int64_t now_ms);

/* A line of the part that runs failed: `told` is added to what was told of it; NULL: nothing. */
void results_fail(struct results *results, const char *told);

/* Writes them; the caller sees by ferror whether it worked. Characters that no screen shows are
 * left out. */
void results_write_junit(const struct results *results, FILE *out);
void results_write_tap(const struct results *results, FILE *out);

#endif
