/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/programs/control_socket.h"

enum client_state {
    CLIENT_ASKS,
    CLIENT_WAITS, /* for control_done */
    CLIENT_FOLLOWS,
    CLIENT_HOLDS
};

/* A place for somebody who asks. */
struct client {
    uv_pipe_t pipe;
    uv_timer_t patience;
    struct control *control;
    unsigned handles; /* that are not closed yet: while there are any, the place is taken */
    enum client_state state;
    const struct control_word *word; /* that is carried out */
    const char *topic;               /* of CLIENT_FOLLOWS; NULL: everything */
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
static void on_patience_over(uv_timer_t *timer);

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
    bool holds = client->state == CLIENT_HOLDS;
    json_decref(client->answer);
    client->answer = NULL;
    client->state = CLIENT_ASKS;
    explicit_bzero(client->request, sizeof client->request);
    for (size_t i = 0; i < 2; i++) {
        if (!uv_is_closing(handles[i])) {
            uv_close(handles[i], on_client_closed);
        }
    }
    if (holds) {
        client->word->let_go(client->control->context);
    }
}

/* A line, or as much of it as the system takes at once: returns whether that is all of it. */
static bool write_line(struct client *client, const char *text) {
    size_t length = strlen(text);
    uv_buf_t parts[] = {uv_buf_init((char *)(uintptr_t)text, (unsigned)length),
                        uv_buf_init((char *)(uintptr_t) "\n", 1)};
    int written = uv_try_write((uv_stream_t *)&client->pipe, parts, 2);
    return written >= 0 && (size_t)written == length + 1;
}

static bool write_answer(struct client *client, bool is_ok) {
    json_object_set_new(client->answer, "ok", json_boolean(is_ok));
    char *text = json_dumps(client->answer, JSON_COMPACT);
    bool is_written = text != NULL && write_line(client, text);
    free(text);
    return is_written;
}

/* What is said fits into what the system keeps for who is slow to read; nobody is waited for. */
static void say(struct client *client, bool is_ok) {
    (void)write_answer(client, is_ok);
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

static const struct control_argument *find_argument(const struct control_word *word,
                                                    const char *name) {
    for (size_t i = 0; i < CONTROL_ARGUMENTS_MAX; i++) {
        if (word->arguments[i].name != NULL && strcmp(word->arguments[i].name, name) == 0) {
            return &word->arguments[i];
        }
    }
    return NULL;
}

static bool is_of_kind(const struct control_argument *argument, const json_t *value) {
    if (argument->is_number) {
        return json_is_integer(value);
    }
    for (size_t i = 0; argument->is_list && i < json_array_size(value); i++) {
        if (!json_is_string(json_array_get(value, i))) {
            return false;
        }
    }
    return argument->is_list ? json_is_array(value) : json_is_string(value);
}

/* Are its members those of the word, all that it needs and no other? */
static bool has_form(const struct control_word *word, json_t *request) {
    const char *name;
    json_t *value;
    json_object_foreach(request, name, value) {
        const struct control_argument *argument = find_argument(word, name);
        bool is_own = strcmp(name, "muster") == 0 || strcmp(name, "do") == 0;
        if (!is_own && (argument == NULL || !is_of_kind(argument, value))) {
            return false;
        }
    }
    for (size_t i = 0; i < CONTROL_ARGUMENTS_MAX; i++) {
        const struct control_argument *argument = &word->arguments[i];
        if (argument->name != NULL && !argument->is_optional &&
            json_object_get(request, argument->name) == NULL) {
            return false;
        }
    }
    return true;
}

static size_t count_in(const struct control *control, enum client_state state) {
    size_t count = 0;
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        count += control->clients[i].state == state;
    }
    return count;
}

/* From now on the answer takes `ms`, or as long as it takes (0). */
static void be_patient(struct client *client, enum client_state state, int64_t ms) {
    client->state = state;
    (void)uv_timer_stop(&client->patience);
    if (ms > 0) {
        (void)uv_timer_start(&client->patience, on_patience_over, (uint64_t)ms, 0);
    }
}

static void follow(struct client *client, const char *topic) {
    if (count_in(client->control, CLIENT_FOLLOWS) == CONTROL_FOLLOWERS_MAX) {
        refuse(client, "too-many");
    } else if (!write_answer(client, true)) {
        hang_up(client);
    } else {
        client->topic = topic;
        be_patient(client, CLIENT_FOLLOWS, 0);
    }
}

static void settle(struct client *client, enum control_outcome outcome,
                   const struct control_call *call) {
    switch (outcome) {
    case CONTROL_OK:
        say(client, true);
        break;
    case CONTROL_FAILED:
        say(client, false);
        break;
    case CONTROL_LATER:
        (void)uv_read_stop((uv_stream_t *)&client->pipe);
        be_patient(client, CLIENT_WAITS, CONTROL_DOING_MS);
        break;
    case CONTROL_FOLLOWED:
        follow(client, call->topic);
        break;
    case CONTROL_HELD:
        be_patient(client, CLIENT_HOLDS, call->lasts_ms);
        break;
    }
}

/* What is done may end the handset, and then nobody waits for an answer any more. */
static void carry_out_word(struct client *client, const json_t *request) {
    json_t *answer = json_incref(client->answer);
    struct control_call call = {.request = request, .answer = answer};
    enum control_outcome outcome = client->word->carry_out(client->control->context, &call);
    if (client->answer == answer) {
        settle(client, outcome, &call);
    }
    json_decref(answer);
}

static void carry_out(struct client *client, json_t *request) {
    const json_t *version = json_object_get(request, "muster");
    client->word = find_word(client->control, json_string_value(json_object_get(request, "do")));
    client->answer = json_pack("{s:i}", "muster", CONTROL_VERSION);
    if (client->answer == NULL) {
        hang_up(client);
    } else if (!json_is_integer(version) || json_integer_value(version) != CONTROL_VERSION) {
        refuse(client, "version");
    } else if (client->word == NULL) {
        refuse(client, "unknown");
    } else if (!has_form(client->word, request)) {
        refuse(client, "malformed");
    } else {
        carry_out_word(client, request);
    }
}

static bool takes_octets(const struct client *client) {
    return client->state == CLIENT_HOLDS && client->word->take != NULL;
}

static void take_octets(struct client *client, const char *octets, size_t length) {
    if (!client->word->take(client->control->context, (const uint8_t *)octets, length)) {
        hang_up(client);
    } else if (client->word->room(client->control->context) == 0) {
        (void)uv_read_stop((uv_stream_t *)&client->pipe); /* until there is room */
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
    if (takes_octets(client)) {
        size_t used = (size_t)(end - client->request) + 1;
        take_octets(client, end + 1, client->length - used);
    }
}

static void on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room) {
    (void)wanted;
    struct client *client = handle->data;
    size_t used = takes_octets(client) ? 0 : client->length, most = sizeof client->request - used;
    if (takes_octets(client)) {
        size_t taken = client->word->room(client->control->context);
        most = taken < most ? taken : most;
    }
    *room = uv_buf_init(client->request + used, (unsigned)most);
}

static void on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *room) {
    struct client *client = stream->data;
    if (length > 0 && takes_octets(client)) {
        take_octets(client, room->base, (size_t)length);
    } else if (length == UV_ENOBUFS && takes_octets(client)) {
        (void)uv_read_stop(stream);
    } else if (length < 0) {
        hang_up(client);
    } else if (length > 0 && !uv_is_closing((uv_handle_t *)stream)) {
        client->length += (size_t)length;
        if (client->state != CLIENT_ASKS) {
            hang_up(client); /* it has said all that it may */
        } else {
            take_request(client);
        }
    }
}

static void on_patience_over(uv_timer_t *timer) {
    struct client *client = timer->data;
    if (client->state == CLIENT_WAITS) {
        refuse(client, "not-yet");
    } else if (client->state == CLIENT_HOLDS) {
        client->word->let_go(client->control->context);
        control_release(client->control, NULL); /* unless that did it */
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

/* So that the longest answer fits, whatever a connection is given by default. */
static void make_room_for_answer(int descriptor) {
    const int octets = CONTROL_ANSWER_MAX;
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets);
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
    } else {
        make_room_for_answer(descriptor);
    }
}

/* The one who has been here longest makes room: nobody can keep the others out. */
static void make_room(struct control *control) {
    struct client *oldest = NULL;
    for (size_t i = 0; i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        bool is_open = client->handles == 2 && client->state == CLIENT_ASKS &&
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
        if (control->clients[i].state == CLIENT_WAITS) {
            say(&control->clients[i], true);
        }
    }
}

size_t control_followers(const struct control *control) {
    return count_in(control, CLIENT_FOLLOWS);
}

void control_tell(struct control *control, const char *topic, const char *line) {
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (client->state == CLIENT_FOLLOWS &&
            (client->topic == NULL || strcmp(client->topic, topic) == 0) &&
            !write_line(client, line)) {
            hang_up(client);
        }
    }
}

void control_end_following(struct control *control) {
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        if (control->clients[i].state == CLIENT_FOLLOWS) {
            hang_up(&control->clients[i]);
        }
    }
}

bool control_is_held(const struct control *control) {
    return count_in(control, CLIENT_HOLDS) > 0;
}

void control_release(struct control *control, const char *problem) {
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (client->state == CLIENT_HOLDS) {
            client->state = CLIENT_ASKS; /* there is nothing to let go of any more */
            if (problem != NULL) {
                refuse(client, problem);
            } else {
                say(client, true);
            }
        }
    }
}

void control_read_on(struct control *control) {
    for (size_t i = 0; control != NULL && i < CONTROL_CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (takes_octets(client) && !uv_is_closing((uv_handle_t *)&client->pipe) &&
            client->word->room(control->context) > 0) {
            (void)uv_read_start((uv_stream_t *)&client->pipe, on_room, on_read);
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
