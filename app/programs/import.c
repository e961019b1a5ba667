/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/file.h"
#include "app/programs/durable.h"
#include "app/programs/subcommands.h"
#include "ui/words/event.h"

/* A problem is printed once it is known not to be the last: the program itself prints the last. */
struct problems {
    enum status status;
    char text[EVENT_WORDS_SIZE];
};

static void take_problem(struct problems *problems, enum status status, const char *text) {
    if (problems->status != STATUS_OK) {
        fprintf(stderr, "muster: %s\n", problems->text);
    }
    problems->status = status;
    snprintf(problems->text, sizeof problems->text, "%s", text);
}

/* An import on its way. */
struct importing {
    struct opening *opening;
    struct durable *durable;
    FILE *out;
    struct problems problems;
};

/* No transport is open. */
static void lose_frame(void *context, const struct output *output) {
    (void)context;
    (void)output;
}

static void tell(void *context, const struct output *output) {
    struct importing *importing = context;
    char words[EVENT_WORDS_SIZE];
    if (!event_is_of_import(output->event.kind)) {
        return;
    }
    event_words(&output->event, words, sizeof words);
    if (output->status == STATUS_OK) {
        fprintf(importing->out, "%s\n", words);
    } else {
        take_problem(&importing->problems, output->status, words);
    }
}

/* The program itself reports at its end what could not be saved. */
static void leave_to_the_end(void *context, const struct event *event) {
    (void)context;
    (void)event;
}

/* Nobody is waiting for anything else. */
static void save(void *context, const struct batch *const batches[], size_t count) {
    struct importing *importing = context;
    struct error error;
    enum status status = store_apply_all(importing->opening->store, batches, count, &error);
    durable_written(importing->durable, importing->opening->now.boot_ms, status, &error);
}

/* Carries out what the engine wants done: nothing is reported before its records are durable. */
static enum status carry_out(struct importing *importing, struct error *error) {
    const struct durable_hands hands = {.context = importing,
                                        .send = lose_frame,
                                        .relay = lose_frame,
                                        .tell = tell,
                                        .alarm = leave_to_the_end};
    const struct durable_worker worker = {.context = importing, .write = save};
    importing->durable = durable_new(importing->opening->handset, &hands, &worker);
    if (importing->durable == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    durable_settle(importing->durable, importing->opening->now.boot_ms);
    bool is_done = durable_is_done(importing->durable, error);
    durable_free(importing->durable);
    return is_done ? STATUS_OK : error->status;
}

static enum status import(const struct options *options, struct span text, struct opening *opening,
                          FILE *out, struct error *error) {
    struct importing importing = {.opening = opening, .out = out};
    struct event problem;
    struct command command = {
        .kind = COMMAND_IMPORT, .text = (const char *)text.octets, .text_length = text.length};
    if (opening->handset == NULL) {
        return error_set(error, STATUS_NOT_FOUND,
                         "%.150s: no identity is installed; ask a KMS for keys with muster request",
                         options->store);
    }
    enum status status = handset_command(opening->handset, opening->now, &command, &problem);
    if (status != STATUS_OK) {
        char words[EVENT_WORDS_SIZE];
        event_words(&problem, words, sizeof words);
        return error_set(error, status, "%.100s: %s",
                         strcmp(options->keys, "-") == 0 ? "standard input" : options->keys, words);
    }
    status = carry_out(&importing, error);
    if (status == STATUS_OK && importing.problems.status != STATUS_OK) {
        return error_set(error, importing.problems.status, "%s", importing.problems.text);
    }
    return status;
}

enum status subcommand_import(const struct options *options, const struct provider *provider,
                              FILE *out, struct error *error) {
    struct secret *text;
    struct opening opening;
    bool is_input = strcmp(options->keys, "-") == 0;
    if (is_input && isatty(STDIN_FILENO)) {
        fputs("Paste the lines that begin with MUSTER KEY, or a list of the revoked, then press "
              "Ctrl-D.\n",
              stderr);
    }
    enum status status =
        file_read(is_input ? "/dev/stdin" : options->keys, IMPORT_FILE_MAX, &text, error);
    if (status != STATUS_OK) {
        return status;
    }
    status = subcommand_open_handset(options, provider, false, &opening, error);
    if (status == STATUS_OK) {
        status = import(options, secret_span(text), &opening, out, error);
    } else if (status == STATUS_BUSY) {
        error_add(error, ", or paste it on the handset's screen: Keys, then p");
    }
    opening_undo(&opening);
    secret_free(text);
    return status;
}
