/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/command_line.h"

#include <ctype.h>
#include <stdio.h>

#include "app/programs/memory.h"

/* The name of an option by its bit. */
static const char *option_name(const struct command_line *line, unsigned bit) {
    for (const struct option *option = line->options; option->name != NULL; option++) {
        if ((unsigned)option->val == bit) {
            return option->name;
        }
    }
    return "";
}

static unsigned lowest_bit(unsigned bits) {
    return bits & -bits;
}

enum status command_line_usage(const struct command_line *line, struct error *error,
                               const char *what, const char *which) {
    return error_set(error, STATUS_MALFORMED, "%s%.100s; see %s --help", what, which,
                     line->program);
}

enum status command_line_next(const struct command_line *line, int argc, char *argv[], int *option,
                              struct error *error) {
    opterr = 0; /* the messages are ours */
    *option = getopt_long(argc, argv, ":", line->options, NULL);
    char letter[] = {'-', (char)optopt, '\0'};
    bool is_letter = optopt > 0 && optopt < 128 && isalnum(optopt);
    if (*option == '?') {
        return command_line_usage(line, error, "unknown option, or one that takes no value: ",
                                  is_letter ? letter : argv[optind - 1]);
    }
    if (*option == ':') {
        return command_line_usage(line, error, "missing value after ", argv[optind - 1]);
    }
    return STATUS_OK;
}

enum status command_line_check(const struct command_line *line, const struct command_shape *shape,
                               unsigned given, int argc, char *argv[], struct error *error) {
    unsigned foreign = given & ~shape->takes, missing = shape->needs & ~given;
    if (foreign != 0) {
        return command_line_usage(line, error, "this command does not take --",
                                  option_name(line, lowest_bit(foreign)));
    }
    if (missing != 0) {
        return command_line_usage(line, error, "this command needs --",
                                  option_name(line, lowest_bit(missing)));
    }
    if (argc - optind < shape->least) {
        return command_line_usage(line, error, "missing argument after ", argv[argc - 1]);
    }
    if (argc - optind > shape->most) {
        return command_line_usage(line, error, "too many arguments, from ",
                                  argv[optind + shape->most]);
    }
    return STATUS_OK;
}

int command_line_finish(const struct command_line *line, int code) {
    const char *warning = memory_warning();
    if (warning != NULL) {
        fprintf(stderr, "%s: warning: %s\n", line->program, warning);
    }
    if ((fflush(stdout) == 0 && !ferror(stdout)) || code != EXIT_DONE) {
        return code;
    }
    fprintf(stderr,
            "%s: cannot write to standard output: the disk is full, or nobody reads it any more\n",
            line->program);
    return EXIT_FAILED;
}
