/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/control.h"
#include "app/programs/control_socket.h"

enum {
    PATIENCE_S = 15 /* more than a handset takes for anything */
};

static enum status connect_to(const char *path, int *descriptor, struct error *error) {
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    *descriptor = control_socket_connect(path);
    if (*descriptor < 0) {
        bool is_off = errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR;
        return error_set(error, is_off ? STATUS_NOT_FOUND : STATUS_NOT_ALLOWED,
                         is_off ? "%.150s: no handset is running with this store"
                                : "%.150s: the handset cannot be asked: %s",
                         path, strerror(errno));
    }
    if (!control_socket_is_trusted(*descriptor, true)) {
        close(*descriptor);
        return error_set(error, STATUS_NOT_ALLOWED,
                         "%.150s: who listens there is another user's program", path);
    }
    (void)setsockopt(*descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return STATUS_OK;
}

void control_close_line(struct control_line *line) {
    if (line->descriptor >= 0) {
        close(line->descriptor);
    }
    free(line->came);
    *line = (struct control_line){.descriptor = -1};
}

static int64_t now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Something to read, or the other side's end, by then. INT64_MAX: it waits for ever. */
static bool waits_for(int descriptor, int64_t until_ms) {
    struct pollfd poll_of = {.fd = descriptor, .events = POLLIN};
    for (;;) {
        int64_t left_ms = until_ms == INT64_MAX ? -1 : until_ms - now_ms();
        int rest_ms = until_ms == INT64_MAX ? -1
                      : left_ms < 0         ? 0
                      : left_ms > INT_MAX   ? INT_MAX
                                            : (int)left_ms;
        int ready = poll(&poll_of, 1, rest_ms);
        if (ready > 0 || (ready < 0 && errno != EINTR) || (ready == 0 && rest_ms < INT_MAX)) {
            return ready > 0;
        }
    }
}

enum status control_next(struct control_line *line, int64_t patience_ms, const char **text) {
    int64_t until_ms = patience_ms < 0 ? INT64_MAX : now_ms() + patience_ms;
    memmove(line->came, line->came + line->used, line->length - line->used);
    line->length -= line->used;
    line->used = 0;
    for (;;) {
        char *end = memchr(line->came, '\n', line->length);
        if (end != NULL) {
            *end = '\0';
            line->used = (size_t)(end - line->came) + 1;
            *text = line->came;
            return STATUS_OK;
        }
        if (line->length == CONTROL_ANSWER_MAX) {
            return STATUS_TOO_LONG;
        }
        if (!waits_for(line->descriptor, until_ms)) {
            return STATUS_BUSY;
        }
        ssize_t got =
            recv(line->descriptor, line->came + line->length, CONTROL_ANSWER_MAX - line->length, 0);
        if (got <= 0) {
            return STATUS_NOT_FOUND;
        }
        line->length += (size_t)got;
    }
}

static enum status send_request(int descriptor, const char *word, json_t *arguments) {
    json_t *request = json_pack("{s:i, s:s}", "muster", CONTROL_VERSION, "do", word);
    char *text = NULL;
    if (arguments == NULL || json_object_update_missing(request, arguments) == 0) {
        text = json_dumps(request, JSON_COMPACT);
    }
    json_decref(request);
    if (text == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t length = strlen(text);
    text[length] = '\n'; /* in the place of its end */
    bool is_sent = length < CONTROL_REQUEST_MAX &&
                   send(descriptor, text, length + 1, MSG_NOSIGNAL) == (ssize_t)length + 1;
    enum status status = is_sent                         ? STATUS_OK
                         : length >= CONTROL_REQUEST_MAX ? STATUS_TOO_LONG
                                                         : STATUS_IO_FAILED;
    free(text);
    return status;
}

void control_give(struct control_line *line, const void *octets, size_t length,
                  int64_t patience_ms) {
    const char *next = octets;
    while (length > 0) {
        struct pollfd poll_of = {.fd = line->descriptor, .events = POLLIN | POLLOUT};
        int ready = poll(&poll_of, 1, (int)patience_ms);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0 || (poll_of.revents & POLLOUT) == 0 || (poll_of.revents & POLLIN) != 0) {
            return;
        }
        ssize_t sent = send(line->descriptor, next, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno != EAGAIN && errno != EINTR) {
            return;
        }
        size_t taken = sent > 0 ? (size_t)sent : 0;
        next += taken;
        length -= taken;
    }
}

enum status control_begin(const char *path, const char *word, json_t *arguments,
                          struct control_line *line, struct error *error) {
    *line = (struct control_line){.descriptor = -1, .came = malloc(CONTROL_ANSWER_MAX)};
    enum status status = line->came == NULL ? error_set(error, STATUS_NO_MEMORY, "out of memory")
                                            : connect_to(path, &line->descriptor, error);
    if (status == STATUS_OK) {
        status = send_request(line->descriptor, word, arguments);
        if (status == STATUS_TOO_LONG) {
            error_set(error, status, "what is asked for is too long");
        } else if (status != STATUS_OK) {
            error_set(error, status, "%.150s: %s", path, strerror(errno));
        }
    }
    json_decref(arguments);
    return status;
}

enum status control_answer(struct control_line *line, int64_t patience_ms, json_t **answer,
                           struct error *error) {
    const char *text;
    *answer = NULL;
    enum status status = control_next(line, patience_ms, &text);
    if (status != STATUS_OK) {
        return error_set(error, STATUS_NOT_ALLOWED, "the handset did not answer");
    }
    *answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (json_integer_value(json_object_get(*answer, "muster")) != CONTROL_VERSION) {
        return error_set(error, STATUS_MALFORMED,
                         "the handset's answer is not understood; is it of another version?");
    }
    if (!json_is_true(json_object_get(*answer, "ok"))) {
        const char *problem = json_string_value(json_object_get(*answer, "problem"));
        const char *words = json_string_value(json_object_get(*answer, "words"));
        (void)error_set(error, STATUS_IO_FAILED, "the handset could not do it: %.100s",
                        problem != NULL ? problem : "it does not say why");
        if (words != NULL) {
            error_add(error, " (%.150s)", words);
        }
        return error->status;
    }
    return STATUS_OK;
}

enum status control_ask(const char *path, const char *word, json_t **answer, struct error *error) {
    struct control_line line;
    *answer = NULL;
    enum status status = control_begin(path, word, NULL, &line, error);
    if (status == STATUS_OK) {
        status = control_answer(&line, PATIENCE_S * 1000, answer, error);
    }
    control_close_line(&line);
    return status;
}
