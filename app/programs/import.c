/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/programs/subcommands.h"

/* A problem is told once it is known not to be the last, which is the program's own to tell. */
struct problems {
    enum status status;
    char text[VIEW_LOG_TEXT_SIZE];
};

static void take_problem(struct problems *problems, enum status status, const char *text) {
    if (problems->status != STATUS_OK) {
        fprintf(stderr, "muster: %s\n", problems->text);
    }
    problems->status = status;
    snprintf(problems->text, sizeof problems->text, "%s", text);
}

/* Carries out what the engine wants done: records are durable before anything is told. Nothing is
 * sent, since no transport is open. */
static enum status carry_out(struct opening *opening, FILE *out, struct problems *problems,
                             struct error *error) {
    struct output output;
    while (handset_take_output(opening->handset, &output)) {
        enum status status = STATUS_OK;
        if (output.kind == OUTPUT_STORE) {
            status = store_apply(opening->store, output.batch, error);
        } else if (output.kind == OUTPUT_TELL && output.tell == TELL_IMPORTED &&
                   output.status == STATUS_OK) {
            fprintf(out, "%s\n", output.text);
        } else if (output.kind == OUTPUT_TELL && output.tell == TELL_IMPORTED) {
            take_problem(problems, output.status, output.text);
        }
        if (status != STATUS_OK) {
            return status;
        }
    }
    return STATUS_OK;
}

static enum status import(const struct options *options, struct span text, struct opening *opening,
                          FILE *out, struct error *error) {
    struct problems problems = {.status = STATUS_OK};
    char problem[VIEW_LOG_TEXT_SIZE];
    struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text.octets, .text_length = text.length};
    if (opening->handset == NULL) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: no identity is installed; ask a KMS for keys with muster request",
                         options->store);
    }
    enum status status = handset_command(opening->handset, opening->now, &command, problem);
    if (status != STATUS_OK) {
        return error_set(error, status, "%.100s: %s",
                         strcmp(options->keys, "-") == 0 ? "standard input" : options->keys,
                         problem);
    }
    status = carry_out(opening, out, &problems, error);
    if (status == STATUS_OK && problems.status != STATUS_OK) {
        return error_set(error, problems.status, "%s", problems.text);
    }
    return status;
}

enum status subcommand_import(const struct options *options, const struct provider *provider,
                              FILE *out, struct error *error) {
    struct secret *text;
    struct opening opening;
    bool is_input = strcmp(options->keys, "-") == 0;
    if (is_input && isatty(STDIN_FILENO)) {
        fputs("Paste the lines that begin with MUSTER KEY, then press Ctrl-D.\n", stderr);
    }
    enum status status =
        file_read(is_input ? "/dev/stdin" : options->keys, IMPORT_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = subcommand_open_handset(options, provider, &opening, error);
    if (status == STATUS_OK) {
        status = import(options, secret_span(text), &opening, out, error);
    }
    opening_undo(&opening);
    secret_free(text);
    return status;
}
