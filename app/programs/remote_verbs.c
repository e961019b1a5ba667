/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "app/programs/given_voice.h"
#include "app/programs/remote.h"
#include "app/sound/wav.h"

enum {
    ANSWER_MS = 15 * 1000, /* more than a handset takes for anything */
    ENDING_MS = 60 * 1000  /* until all is saved */
};

/* `arguments` is released. */
static enum status begin(const struct options *options, const char *word, json_t *arguments,
                         struct control_line *line, struct error *error) {
    char path[CONTROL_PATH_SIZE];
    remote_socket(options, path);
    return control_begin(path, word, arguments, line, error);
}

static enum status ask(const struct options *options, const char *word, json_t *arguments,
                       int64_t patience_ms, json_t **answer, struct error *error) {
    struct control_line line;
    *answer = NULL;
    enum status status = begin(options, word, arguments, &line, error);
    if (status == STATUS_OK) {
        status = control_answer(&line, patience_ms, answer, error);
    }
    control_close_line(&line);
    return status;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text != NULL ? text : "";
}

static long long number_of(const json_t *object, const char *name) {
    return (long long)json_integer_value(json_object_get(object, name));
}

static bool is_so(const json_t *object, const char *name) {
    return json_is_true(json_object_get(object, name));
}

/* --- Groups, and who is nearby ---------------------------------------------------------------- */

static const char *shut_out(const json_t *who) {
    return is_so(who, "lost") ? ", lost" : is_so(who, "revoked") ? ", revoked" : "";
}

static const char *plural(long long count) {
    return count == 1 ? "" : "s";
}

static void print_member(const json_t *member, FILE *out) {
    static const struct {
        const char *state, *words;
    } states[] = {{"unknown", "asked elsewhere"},  {"self", "this handset"},
                  {"waiting", "not reached yet"},  {"asked", "is asked"},
                  {"has-key", "has the key"},      {"declined", "declined"},
                  {"unreachable", "unreachable"},  {"cancelled", "not asked any more"},
                  {"unanswered", "did not decide"}};
    const char *state = text_of(member, "state"), *words = "";
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        words = strcmp(states[i].state, state) == 0 ? states[i].words : words;
    }
    fprintf(out, "  %s  %s%s%s%s%s\n", text_of(member, "identity"), text_of(member, "name"),
            words[0] == '\0' ? "" : ", ", words, is_so(member, "near") ? ", in reach" : "",
            shut_out(member));
}

static void print_group(const json_t *group, FILE *out) {
    size_t i;
    json_t *member;
    fprintf(out, "%s: %s, key %s, %lld min left", text_of(group, "name"), text_of(group, "kind"),
            text_of(group, "key"), number_of(group, "left_ms") / 60000);
    if (json_object_get(group, "member_count") != NULL) {
        long long members = number_of(group, "member_count"),
                  near = number_of(group, "members_near");
        fprintf(out, ", %lld member%s, %lld other%s in reach", members, plural(members), near,
                plural(near));
    }
    fprintf(out, "\n  %s\n", text_of(group, "group"));
    json_array_foreach(json_object_get(group, "members"), i, member) {
        print_member(member, out);
    }
}

static void print_neighbour(const json_t *neighbour, FILE *out) {
    fprintf(out, "%s  %s, %s%s%s\n", text_of(neighbour, "identity"), text_of(neighbour, "name"),
            text_of(neighbour, "state"), is_so(neighbour, "trusted") ? ", trusted" : "",
            shut_out(neighbour));
}

static enum status list(const struct options *options, const char *word, json_t *arguments,
                        void (*print)(const json_t *, FILE *), FILE *out, struct error *error) {
    json_t *answer, *row;
    size_t i;
    enum status status = ask(options, word, arguments, ANSWER_MS, &answer, error);
    if (status == STATUS_OK && options->json) {
        (void)json_dumpf(answer, out, JSON_INDENT(2));
        fputc('\n', out);
    } else if (status == STATUS_OK) {
        json_array_foreach(json_object_get(answer, word), i, row) {
            print(row, out);
        }
    }
    json_decref(answer);
    return status;
}

/* Makes one, and says which it is. */
static enum status make_group(const struct options *options, FILE *out, struct error *error) {
    json_t *answer, *with = json_array();
    for (size_t i = 0; i < options->member_count; i++) {
        if (json_array_append_new(with, json_string(options->members[i])) != 0) {
            json_decref(with);
            return error_set(error, STATUS_MALFORMED, "that is no text in UTF-8");
        }
    }
    json_t *arguments = json_pack("{s:s, s:o}", "name", options->group, "with", with);
    if (options->lasts_ms != 0) {
        (void)json_object_set_new(arguments, "period_ms",
                                  json_integer((json_int_t)options->lasts_ms));
    }
    enum status status = ask(options, "group", arguments, ANSWER_MS, &answer, error);
    const json_t *made = json_object_get(answer, "made");
    if (status == STATUS_OK && options->json) {
        (void)json_dumpf(answer, out, JSON_INDENT(2));
        fputc('\n', out);
    } else if (status == STATUS_OK && made != NULL) {
        print_group(made, out);
    }
    json_decref(answer);
    return status;
}

/* --- What happens ----------------------------------------------------------------------------- */

static void print_line(const json_t *object, FILE *out) {
    (void)json_dumpf(object, out, JSON_COMPACT);
    fputc('\n', out);
    (void)fflush(out);
}

static enum status print_past(const struct options *options, FILE *out, struct error *error) {
    json_t *answer, *event;
    size_t i;
    enum status status = ask(options, "log", NULL, ANSWER_MS, &answer, error);
    json_array_foreach(json_object_get(answer, "events"), i, event) {
        print_line(event, out);
    }
    json_decref(answer);
    return status;
}

static enum status fail_gone(struct error *error) {
    return error_set(error, STATUS_NOT_ALLOWED,
                     "the handset hung up: it has ended or was locked, or its lines were not read");
}

static enum status print_future(const struct options *options, FILE *out, struct error *error) {
    struct control_line line;
    json_t *answer = NULL;
    const char *text;
    enum status status = begin(options, "follow", NULL, &line, error);
    if (status == STATUS_OK) {
        status = control_answer(&line, ANSWER_MS, &answer, error);
    }
    while (status == STATUS_OK && (status = control_next(&line, -1, &text)) == STATUS_OK) {
        if (fprintf(out, "%s\n", text) < 0 || fflush(out) != 0) {
            status = error_set(error, STATUS_IO_FAILED, "cannot write to standard output");
        }
    }
    if (status == STATUS_NOT_FOUND && answer != NULL) {
        status = fail_gone(error);
    }
    json_decref(answer);
    control_close_line(&line);
    return status;
}

static enum status wait_for(const struct options *options, struct control_line *line, FILE *out,
                            bool *is_late, struct error *error) {
    json_t *answer;
    const char *text;
    enum status status = control_answer(line, ANSWER_MS, &answer, error);
    const json_t *past = json_object_get(answer, "past");
    if (status == STATUS_OK && past != NULL) {
        print_line(past, out);
    } else if (status == STATUS_OK) {
        status = control_next(line, options->within_ms == 0 ? -1 : options->within_ms, &text);
        *is_late = status == STATUS_BUSY;
        if (status == STATUS_OK) {
            fprintf(out, "%s\n", text);
        } else if (status == STATUS_BUSY) {
            status = STATUS_OK;
        } else {
            status = fail_gone(error);
        }
    }
    json_decref(answer);
    return status;
}

static enum status wait_for_event(const struct options *options, FILE *out, bool *is_late,
                                  struct error *error) {
    struct control_line line;
    json_t *arguments =
        json_pack("{s:s, s:I}", "event", options->lasts, "since_ms", (json_int_t)options->since_ms);
    enum status status = begin(options, "follow", arguments, &line, error);
    if (status == STATUS_OK) {
        status = wait_for(options, &line, out, is_late, error);
    }
    control_close_line(&line);
    return status;
}

/* --- What it does ----------------------------------------------------------------------------- */

static enum status accept_invitation(const struct options *options, FILE *out,
                                     struct error *error) {
    json_t *answer;
    json_t *arguments = options->group == NULL ? NULL : json_pack("{s:s}", "who", options->group);
    enum status status = ask(options, "accept", arguments, ANSWER_MS, &answer, error);
    if (status == STATUS_OK) {
        fprintf(out, "Accepted: %s, %s\n", text_of(answer, "group_name"),
                text_of(answer, "inviter"));
    }
    json_decref(answer);
    return status;
}

static enum status done_by(const struct options *options, const char *word, json_t *arguments,
                           int64_t patience_ms, struct error *error) {
    json_t *answer;
    if (arguments == NULL) {
        return error_set(error, STATUS_MALFORMED, "that is no text in UTF-8");
    }
    enum status status = ask(options, word, arguments, patience_ms, &answer, error);
    json_decref(answer);
    return status;
}

/* The file is read here: a confined handset opens none. */
static enum status talk_from_file(const struct options *options, struct error *error) {
    enum {
        LONGEST_MS = GIVEN_VOICE_LONGEST_S * 1000
    };
    struct wav wav;
    struct control_line line;
    json_t *answer = NULL;
    enum status status = wav_load(options->from, &wav, error);
    if (status != STATUS_OK) {
        return status;
    }
    int64_t lasts_ms = options->lasts_ms == 0 ? LONGEST_MS : options->lasts_ms;
    size_t most = (size_t)lasts_ms * (VOICE_RATE / 1000);
    size_t count = wav.count < most ? wav.count : most;
    if (count == 0 || (options->lasts_ms == 0 && wav.count > most)) {
        free(wav.samples);
        return error_set(error, STATUS_MALFORMED, "%.150s: %s", options->from,
                         count == 0 ? "nothing is in it"
                                    : "it is longer than a talk may be; say --for");
    }
    size_t octets = count * GIVEN_VOICE_SAMPLE;
    status = begin(options, "talk",
                   json_pack("{s:s, s:I, s:I}", "group", options->group, "for_ms",
                             (json_int_t)LONGEST_MS, "voice", (json_int_t)octets),
                   &line, error);
    if (status == STATUS_OK) {
        control_give(&line, wav.samples, octets, ANSWER_MS);
        status = control_answer(&line, LONGEST_MS + ANSWER_MS, &answer, error);
    }
    json_decref(answer);
    control_close_line(&line);
    free(wav.samples);
    return status;
}

/* Its process, by a descriptor that becomes readable once that has ended; -1: it is not seen. */
static int process_of(const struct control_line *line) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    if (getsockopt(line->descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 ||
        peer.pid <= 0) {
        return -1;
    }
    return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static enum status quit(const struct options *options, struct error *error) {
    struct control_line line;
    json_t *answer = NULL;
    int process = -1;
    enum status status = begin(options, "quit", NULL, &line, error);
    if (status == STATUS_OK) {
        process = process_of(&line);
        status = control_answer(&line, ANSWER_MS, &answer, error);
    }
    struct pollfd end = {.fd = process, .events = POLLIN};
    if (status == STATUS_OK && process >= 0 && poll(&end, 1, ENDING_MS) == 0) {
        status = error_set(error, STATUS_IO_FAILED, "the handset has not ended yet");
    }
    if (process >= 0) {
        close(process);
    }
    json_decref(answer);
    control_close_line(&line);
    return status;
}

enum status remote_run(const struct options *options, FILE *out, bool *is_late,
                       struct error *error) {
    json_t *wanted = NULL;
    *is_late = false;
    if (options->group != NULL && (wanted = json_string(options->group)) == NULL) {
        return error_set(error, STATUS_MALFORMED, "that is no text in UTF-8");
    }
    json_decref(wanted);
    switch (options->errand) {
    case ERRAND_GROUPS:
        return list(options, "groups",
                    options->group == NULL ? NULL : json_pack("{s:s}", "group", options->group),
                    print_group, out, error);
    case ERRAND_NEARBY:
        return list(options, "nearby", NULL, print_neighbour, out, error);
    case ERRAND_EVENTS:
        return options->follows ? print_future(options, out, error)
                                : print_past(options, out, error);
    case ERRAND_WAIT:
        return wait_for_event(options, out, is_late, error);
    case ERRAND_TALK:
        if (options->from != NULL) {
            return talk_from_file(options, error);
        }
        return done_by(options, "talk",
                       json_pack("{s:s, s:I}", "group", options->group, "for_ms",
                                 (json_int_t)options->lasts_ms),
                       options->lasts_ms + ANSWER_MS, error);
    case ERRAND_MESSAGE:
        return done_by(options, "message",
                       json_pack("{s:s, s:s}", "group", options->group, "text", options->text),
                       ANSWER_MS, error);
    case ERRAND_GROUP:
        return make_group(options, out, error);
    case ERRAND_DELETE:
        return done_by(options, "delete", json_pack("{s:s}", "group", options->group), ANSWER_MS,
                       error);
    case ERRAND_SILENCE:
        return done_by(options, "silence", json_pack("{s:s}", "state", options->group), ANSWER_MS,
                       error);
    case ERRAND_ACCEPT:
        return accept_invitation(options, out, error);
    default:
        return quit(options, error);
    }
}
