/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/programs/control_socket.h"

/* A place for somebody who asks. */
struct client {
    uv_pipe_t pipe;
    uv_timer_t patience;
    struct control *control;
    unsigned handles; /* that are not closed yet: while there are any, the place is taken */
    bool is_waiting;  /* for control_done */
    json_t *answer;
    size_t length;
    char request[CONTROL_REQUEST_MAX];
};

struct control {
    uv_pipe_t pipe;
    char path[CONTROL_PATH_SIZE];
    const struct control_word *words;
    void *context;
    bool is_closed;
    bool is_awaited; /* somebody waits for a place */
    struct client clients[CONTROL_CLIENTS_MAX];
};

void control_path(const char *store, char path[CONTROL_PATH_SIZE]) {
    snprintf(path, CONTROL_PATH_SIZE, "%s-socket", store);
}

/* --- A client --------------------------------------------------------------------------------- */

static void take_client(struct control *control, struct client *client);

static void on_client_closed(uv_handle_t *handle) {
    struct client *client = handle->data;
    struct control *control = client->control;
    client->handles--;
    if (client->handles == 0 && control->is_awaited && !control->is_closed) {
        control->is_awaited = false;
        take_client(control, client);
    }
}

static void hang_up(struct client *client) {
    uv_handle_t *const handles[] = {(uv_handle_t *)&client->pipe, (uv_handle_t *)&client->patience};
    json_decref(client->answer);
    client->answer = NULL;
    client->is_waiting = false;
    explicit_bzero(client->request, sizeof client->request);
    for (size_t i = 0; i < 2; i++) {
        if (!uv_is_closing(handles[i])) {
            uv_close(handles[i], on_client_closed);
        }
    }
}

/* What is said fits into what the system keeps for who is slow to read; nobody is waited for. */
static void say(struct client *client, bool is_ok) {
    json_object_set_new(client->answer, "ok", json_boolean(is_ok));
    char *text = json_dumps(client->answer, JSON_COMPACT);
    if (text != NULL) {
        uv_buf_t parts[] = {uv_buf_init(text, (unsigned)strlen(text)), uv_buf_init("\n", 1)};
        (void)uv_try_write((uv_stream_t *)&client->pipe, parts, 2);
        free(text);
    }
    hang_up(client);
}

static void refuse(struct client *client, const char *problem) {
    json_object_set_new(client->answer, "problem", json_string(problem));
    say(client, false);
}

static const struct control_word *find_word(const struct control *control, const char *word) {
    for (const struct control_word *known = control->words; known->word != NULL; known++) {
        if (word != NULL && strcmp(known->word, word) == 0) {
            return known;
        }
    }
    return NULL;
}

static void carry_out(struct client *client, const json_t *request) {
    const json_t *version = json_object_get(request, "muster");
    const struct control_word *word =
        find_word(client->control, json_string_value(json_object_get(request, "do")));
    client->answer = json_pack("{s:i}", "muster", CONTROL_VERSION);
    if (client->answer == NULL) {
        hang_up(client);
    } else if (!json_is_integer(version) || json_integer_value(version) != CONTROL_VERSION) {
        refuse(client, "version");
    } else if (word == NULL) {
        refuse(client, "unknown");
    } else {
        (void)uv_read_stop((uv_stream_t *)&client->pipe);
        switch (word->carry_out(client->control->context, client->answer)) {
        case CONTROL_OK:
            say(client, true);
            break;
        case CONTROL_FAILED:
            say(client, false);
            break;
        case CONTROL_LATER:
            client->is_waiting = true;
            (void)uv_timer_set_repeat(&client->patience, CONTROL_DOING_MS);
            (void)uv_timer_again(&client->patience);
            break;
        }
    }
}

static void take_request(struct client *client) {
    const char *end = memchr(client->request, '\n', client->length);
    if (end == NULL) {
        if (client->length == sizeof client->request) {
            hang_up(client);
        }
        return;
    }
    json_t *request =
        json_loadb(client->request, (size_t)(end - client->request), JSON_REJECT_DUPLICATES, NULL);
    if (request == NULL) {
        hang_up(client);
        return;
    }
    carry_out(client, request);
    json_decref(request);
}

static void on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room) {
    (void)wanted;
    struct client *client = handle->data;
    *room = uv_buf_init(client->request + client->length,
                        (unsigned)(sizeof client->request - client->length));
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *room) {
    (void)room;
    struct client *client = stream->data;
    if (length < 0) {
        hang_up(client);
    } else if (length > 0 && !uv_is_closing((uv_handle_t *)stream)) {
        client->length += (size_t)length;
        take_request(client);
    }
}

static void on_patience_over(uv_timer_t *timer) {
    struct client *client = timer->data;
    if (client->is_waiting) {
        refuse(client, "not-yet");
    } else {
        hang_up(client);
    }
}

/* --- Listening -------------------------------------------------------------------------------- */

static struct client *free_place(struct control *control) {
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].handles == 0) {
            return &control->clients[i];
        }
    }
    return NULL;
}

static void take_client(struct control *control, struct client *client) {
    uv_os_fd_t descriptor;
    *client = (struct client){.control = control};
    client->pipe.data = client->patience.data = client;
    if (uv_pipe_init(control->pipe.loop, &client->pipe, 0) != 0) {
        return;
    }
    client->handles++;
    (void)uv_timer_init(control->pipe.loop, &client->patience);
    client->handles++;
    if (uv_accept((uv_stream_t *)&control->pipe, (uv_stream_t *)&client->pipe) != 0 ||
        uv_fileno((uv_handle_t *)&client->pipe, &descriptor) != 0 ||
        !control_socket_is_trusted(descriptor, false) ||
        uv_timer_start(&client->patience, on_patience_over, CONTROL_PATIENCE_MS, 0) != 0 ||
        uv_read_start((uv_stream_t *)&client->pipe, on_room, on_read) != 0) {
        hang_up(client);
    }
}

/* The one who has been here longest makes room: nobody can keep the others out. */
static void make_room(struct control *control) {
    struct client *oldest = NULL;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        bool is_open = client->handles == 2 && !client->is_waiting &&
                       !uv_is_closing((uv_handle_t *)&client->pipe);
        if (is_open && (oldest == NULL || uv_timer_get_due_in(&client->patience) <
                                              uv_timer_get_due_in(&oldest->patience))) {
            oldest = client;
        }
    }
    if (oldest != NULL) {
        hang_up(oldest);
    }
}

static void on_connection(uv_stream_t *stream, int status) {
    struct control *control = stream->data;
    struct client *client = status < 0 ? NULL : free_place(control);
    if (client != NULL) {
        take_client(control, client);
    } else if (status >= 0) {
        control->is_awaited = true;
        make_room(control);
    }
}

/* What is at the path: a socket that nobody listens at any more is removed. */
static enum status make_way(const char *path, struct error *error) {
    struct stat what;
    if (lstat(path, &what) != 0) {
        return STATUS_OK;
    }
    if (!S_ISSOCK(what.st_mode)) {
        return error_set(error, STATUS_ALREADY_DONE,
                         "control socket %.150s: there is another file of that name", path);
    }
    int other = control_socket_connect(path);
    if (other >= 0) {
        close(other);
        return error_set(error, STATUS_BUSY, "control socket %.150s: another handset listens there",
                         path);
    }
    if (errno == ECONNREFUSED && unlink(path) != 0) {
        return error_set(error, errno == EROFS ? STATUS_READ_ONLY : STATUS_IO_FAILED,
                         "control socket %.150s: %s", path, strerror(errno));
    }
    return STATUS_OK;
}

static enum status listen_at(struct control *control, uv_loop_t *uv, struct error *error) {
    enum status status = make_way(control->path, error);
    if (status != STATUS_OK) {
        return status;
    }
    int descriptor = control_socket_listen(control->path);
    if (descriptor < 0) {
        status = errno == EROFS          ? STATUS_READ_ONLY
                 : errno == ENAMETOOLONG ? STATUS_TOO_LONG
                                         : STATUS_IO_FAILED;
        return error_set(error, status, "control socket %.150s: %s", control->path,
                         strerror(errno));
    }
    control->pipe.data = control;
    int failed = uv_pipe_init(uv, &control->pipe, 0);
    if (failed == 0) {
        failed = uv_pipe_open(&control->pipe, descriptor);
        if (failed != 0) {
            uv_close((uv_handle_t *)&control->pipe, NULL);
        }
    }
    if (failed != 0) {
        close(descriptor);
        unlink(control->path);
        return error_set(error, STATUS_LIBRARY_FAILED, "control socket %.150s: %s", control->path,
                         uv_strerror(failed));
    }
    failed = uv_listen((uv_stream_t *)&control->pipe, CONTROL_CLIENTS_MAX, on_connection);
    return failed == 0 ? STATUS_OK
                       : error_set(error, STATUS_LIBRARY_FAILED, "control socket %.150s: %s",
                                   control->path, uv_strerror(failed));
}

enum status control_open(uv_loop_t *uv, const char *path, const struct control_word words[],
                         void *context, struct control **control, struct error *error) {
    *control = calloc(1, sizeof **control);
    if (*control == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    snprintf((*control)->path, sizeof(*control)->path, "%s", path);
    (*control)->words = words;
    (*control)->context = context;
    enum status status = listen_at(*control, uv, error);
    (*control)->is_closed = status != STATUS_OK;
    return status;
}

void control_done(struct control *control) {
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].is_waiting) {
            say(&control->clients[i], true);
        }
    }
}

void control_close(struct control *control) {
    if (control == NULL || control->is_closed) {
        return;
    }
    control->is_closed = true;
    unlink(control->path);
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].handles > 0) {
            hang_up(&control->clients[i]);
        }
    }
    uv_close((uv_handle_t *)&control->pipe, NULL);
}

void control_free(struct control *control) {
    free(control);
}
