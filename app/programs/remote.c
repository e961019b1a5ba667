/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/remote.h"

#include <string.h>
#include <unistd.h>

#include "app/programs/zeroise.h"
#include "app/store/attempts.h"
#include "app/store/store.h"

void remote_socket(const struct options *options, char path[CONTROL_PATH_SIZE]) {
    if (options->socket != NULL) {
        snprintf(path, CONTROL_PATH_SIZE, "%s", options->socket);
    } else {
        control_path(options->store, path);
    }
}

static enum status ask(const struct options *options, const char *word, json_t **answer,
                       struct error *error) {
    char path[CONTROL_PATH_SIZE];
    remote_socket(options, path);
    return control_ask(path, word, answer, error);
}

enum status remote_lock(const struct options *options, FILE *out, struct error *error) {
    json_t *answer;
    enum status status = ask(options, "lock", &answer, error);
    json_decref(answer);
    if (status == STATUS_OK) {
        fputs("Locked.\n", out);
    }
    return status;
}

/* --- Zeroising -------------------------------------------------------------------------------- */

static enum status confirm(const struct options *options, struct error *error) {
    char line[16] = "";
    if (options->says_yes) {
        return STATUS_OK;
    }
    if (!isatty(STDIN_FILENO)) {
        return error_set(error, STATUS_NOT_ALLOWED,
                         "zeroise destroys %.150s for ever; without a terminal say --yes",
                         options->store);
    }
    fprintf(stderr,
            "Everything in %s is destroyed, for ever. Type ZEROISE to do it: ", options->store);
    if (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "ZEROISE\n") == 0) {
        return STATUS_OK;
    }
    return error_set(error, STATUS_NOT_ALLOWED, "nothing was done");
}

/* What the handset could not destroy: its log, its recording. Returns whether there is any. */
static bool print_left(json_t *answer, FILE *out) {
    size_t i;
    json_t *rest;
    json_array_foreach(json_object_get(answer, "left"), i, rest) {
        const char *file = json_string_value(json_object_get(rest, "file"));
        const char *why = json_string_value(json_object_get(rest, "why"));
        if (file != NULL && why != NULL) {
            fprintf(out, "%s %s: %s\n",
                    json_is_true(json_object_get(rest, "emptied"))
                        ? "Emptied, but its name is left:"
                        : "STILL THERE:",
                    file, why);
        }
    }
    return json_array_size(json_object_get(answer, "left")) > 0;
}

/* The keys first: they go whether or not the handset answers. */
static enum status destroy(const struct options *options, FILE *out, struct error *error) {
    struct zeroise zeroise = {
        .store = options->store, .log = options->log, .recording = options->record};
    char path[CONTROL_PATH_SIZE];
    json_t *answer = NULL;
    zeroise_run(&zeroise);
    enum status asked = ask(options, "zeroise", &answer, error);
    bool is_running = asked != STATUS_NOT_FOUND;
    remote_socket(options, path);
    if (!is_running) {
        (void)unlink(path); /* of a handset that was killed */
    }
    zeroise_print(&zeroise, out);
    if (is_running) {
        fputs(asked == STATUS_OK ? "The running handset has ended.\n"
                                 : "STILL RUNNING: the handset did not answer; kill it.\n",
              out);
    }
    bool is_left = print_left(answer, out) || !zeroise_is_whole(&zeroise);
    json_decref(answer);
    bool is_nothing = !is_running && zeroise.destruction.found == 0;
    if (is_nothing) {
        return error_set(error, STATUS_NOT_FOUND, "%.150s: there is no store", options->store);
    }
    return is_left || (is_running && asked != STATUS_OK)
               ? error_set(error, STATUS_IO_FAILED, "not everything could be destroyed")
               : STATUS_OK;
}

enum status remote_zeroise(const struct options *options, FILE *out, struct error *error) {
    enum status status = confirm(options, error);
    return status == STATUS_OK ? destroy(options, out, error) : status;
}

/* --- Status ----------------------------------------------------------------------------------- */

static void print_group(const json_t *group, FILE *out) {
    const char *name = json_string_value(json_object_get(group, "name"));
    const char *kind = json_string_value(json_object_get(group, "kind"));
    const char *key = json_string_value(json_object_get(group, "key"));
    const char *identity = json_string_value(json_object_get(group, "group"));
    long long left_s = (long long)json_integer_value(json_object_get(group, "left_ms")) / 1000;
    fprintf(out, "group: %s, %s, key %s, %lld min left\n  %s\n", name == NULL ? "" : name,
            kind == NULL ? "" : kind, key == NULL ? "" : key, left_s / 60,
            identity == NULL ? "" : identity);
}

static void print_answer(const json_t *answer, FILE *out) {
    static const struct {
        const char *key, *label;
    } texts[] = {{"state", "state"},
                 {"identity", "identity"},
                 {"name", "name"},
                 {"broker_until", "access to the broker ends on"},
                 {"files", "files elsewhere"},
                 {"calls", "other system calls"}};
    static const char *const numbers[] = {"nearby", "wrong_passphrases"};
    size_t i;
    json_t *group;
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = json_string_value(json_object_get(answer, texts[i].key));
        if (text != NULL) {
            fprintf(out, "%s: %s\n", texts[i].label, text);
        }
    }
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const json_t *number = json_object_get(answer, numbers[i]);
        if (json_is_integer(number)) {
            fprintf(out, "%s: %lld\n", numbers[i], (long long)json_integer_value(number));
        }
    }
    json_array_foreach(json_object_get(answer, "groups"), i, group) {
        print_group(group, out);
    }
}

static void print_json(const json_t *answer, FILE *out) {
    (void)json_dumpf(answer, out, JSON_INDENT(2));
    fputc('\n', out);
}

static json_t *off(const struct options *options) {
    struct attempts attempts;
    if (!store_exists(options->store)) {
        return json_pack("{s:i, s:b, s:s}", "muster", CONTROL_VERSION, "ok", 1, "state", "none");
    }
    attempts_look(options->store, &attempts);
    return json_pack("{s:i, s:b, s:s, s:I, s:I}", "muster", CONTROL_VERSION, "ok", 1, "state",
                     "off", "wrong_passphrases", (json_int_t)attempts.wrong, "wait_ms",
                     (json_int_t)attempts.wait_ms);
}

enum status remote_status(const struct options *options, FILE *out, struct error *error) {
    json_t *answer;
    enum status status = ask(options, "status", &answer, error);
    if (status == STATUS_NOT_FOUND && options->json) {
        answer = off(options);
        status = answer == NULL ? error_set(error, STATUS_NO_MEMORY, "out of memory") : STATUS_OK;
    }
    if (status == STATUS_OK && options->json) {
        print_json(answer, out);
    } else if (status == STATUS_OK) {
        print_answer(answer, out);
    }
    json_decref(answer);
    return status;
}
