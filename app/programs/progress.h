/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The progress of work that takes more than half a second, on standard error: on a terminal one
 * line that is redrawn, elsewhere a line every ten seconds.
 */
#ifndef MUSTER_APP_PROGRAMS_PROGRESS_H
#define MUSTER_APP_PROGRAMS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *things;       /* what is counted: "bundles" */
    int64_t began_ms, due_ms; /* by a clock that nobody sets */
    bool on_terminal;
    bool is_open; /* a line on the terminal is not ended yet */
};

/* From now on. */
struct progress progress_start(const char *things);

/* Shows how many of `total` are done, the rate and the time left, when it is due. */
void progress_show(struct progress *progress, size_t done, size_t total);

/* Ends the line, if one is open, so that what is printed next appears below it. */
void progress_end(struct progress *progress);

/* The time since progress_start, in milliseconds. */
int64_t progress_passed_ms(const struct progress *progress);

/* How many processor cores there are; 1 to `most`. */
unsigned cores_count(unsigned most);

#endif
