/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The command lines of programs with commands, muster-kms and muster-gm: a command, its options,
 * each with its own bit as its `val`, and its arguments. A problem is reported in one line, and the
 * program then ends with exit code 2.
 */
#ifndef MUSTER_APP_PROGRAMS_COMMAND_LINE_H
#define MUSTER_APP_PROGRAMS_COMMAND_LINE_H

#include <getopt.h>
#include <stdbool.h>

#include "app/error.h"

enum {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2
};

struct command_line {
    const char *program;          /* "muster-kms" */
    const struct option *options; /* the last one has no name */
};

/* What a command takes. */
struct command_shape {
    const char *name;
    unsigned takes, needs; /* bits of options */
    int least, most;       /* arguments */
};

/* "WHATWHICH; see muster-kms --help", and STATUS_MALFORMED. */
enum status command_line_usage(const struct command_line *line, struct error *error,
                               const char *what, const char *which);

/* The next option into *option, its value into optarg; -1 when there are no more. Options may come
 * before and after the arguments. STATUS_MALFORMED. */
MUST_CHECK enum status command_line_next(const struct command_line *line, int argc, char *argv[],
                                         int *option, struct error *error);

/* Do the options `given` and the arguments, which start at optind, fit the command?
 * STATUS_MALFORMED names the first thing that does not. */
MUST_CHECK enum status command_line_check(const struct command_line *line,
                                          const struct command_shape *shape, unsigned given,
                                          int argc, char *argv[], struct error *error);

/* Returns `code`, or if what was printed could not be written, EXIT_FAILED with a line on standard
 * error. */
int command_line_finish(const struct command_line *line, int code);

#endif
