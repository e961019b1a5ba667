/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
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
    (void)setsockopt(*descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)setsockopt(*descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return STATUS_OK;
}

/* All that comes until the other side hangs up; NULL when that is too much, or it does not. */
static char *read_all(int descriptor, size_t *length) {
    char *text = malloc(CONTROL_ANSWER_MAX);
    ssize_t got = -1;
    *length = 0;
    while (text != NULL && *length < CONTROL_ANSWER_MAX &&
           (got = recv(descriptor, text + *length, CONTROL_ANSWER_MAX - *length, 0)) > 0) {
        *length += (size_t)got;
    }
    if (got == 0 && *length > 0) {
        return text;
    }
    free(text);
    return NULL;
}

static enum status read_answer(int descriptor, const char *path, json_t **answer,
                               struct error *error) {
    size_t length;
    char *text = read_all(descriptor, &length);
    if (text == NULL) {
        return error_set(error, STATUS_NOT_ALLOWED, "%.150s: the handset did not answer", path);
    }
    *answer = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    if (json_integer_value(json_object_get(*answer, "muster")) != CONTROL_VERSION) {
        return error_set(
            error, STATUS_MALFORMED,
            "%.150s: the handset's answer is not understood; is it of another version?", path);
    }
    if (!json_is_true(json_object_get(*answer, "ok"))) {
        const char *problem = json_string_value(json_object_get(*answer, "problem"));
        return error_set(error, STATUS_IO_FAILED, "the handset could not do it: %.100s",
                         problem != NULL ? problem : "it does not say why");
    }
    return STATUS_OK;
}

enum status control_ask(const char *path, const char *word, json_t **answer, struct error *error) {
    char request[CONTROL_REQUEST_MAX];
    int descriptor;
    *answer = NULL;
    enum status status = connect_to(path, &descriptor, error);
    if (status != STATUS_OK) {
        return status;
    }
    int length = snprintf(request, sizeof request, "{\"muster\": %d, \"do\": \"%.100s\"}\n",
                          CONTROL_VERSION, word);
    if (send(descriptor, request, (size_t)length, MSG_NOSIGNAL) != length) {
        status = error_set(error, STATUS_IO_FAILED, "%.150s: %s", path, strerror(errno));
    } else {
        status = read_answer(descriptor, path, answer, error);
    }
    close(descriptor);
    return status;
}
