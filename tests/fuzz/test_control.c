/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any octets from who asks at the control socket: they are answered or hung up on, at once or once
 * there are more of them. The first octet says after how many of the others a pause is made; where
 * it is the only one, so many ask at once and say nothing. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "app/programs/control.h"
#include "app/programs/control_socket.h"
#include "tests/fuzz/target.h"

enum {
    TURNS = 4,
    ROOM = 10000 /* octets that follow at most */
};

static uv_loop_t uv;
static struct control *control;
static char folder[] = "/tmp/muster-fuzz-XXXXXX", path[64];

static enum control_outcome tell(void *context, struct control_call *call) {
    (void)context;
    (void)json_object_set_new(call->answer, "state", json_string("ready"));
    return CONTROL_OK;
}

static enum control_outcome lock(void *context, struct control_call *call) {
    (void)context;
    (void)call;
    return CONTROL_LATER;
}

static enum control_outcome fail(void *context, struct control_call *call) {
    (void)context;
    (void)call;
    return CONTROL_FAILED;
}

static enum control_outcome follow(void *context, struct control_call *call) {
    (void)context;
    must(json_is_string(json_object_get(call->request, "event")));
    call->topic = "one";
    return CONTROL_FOLLOWED;
}

static enum control_outcome hold(void *context, struct control_call *call) {
    (void)context;
    call->lasts_ms = json_integer_value(json_object_get(call->request, "for_ms"));
    return CONTROL_HELD;
}

static void let_go(void *context) {
    (void)context;
}

static size_t awaited;

static enum control_outcome speak(void *context, struct control_call *call) {
    awaited = (size_t)json_integer_value(json_object_get(call->request, "voice")) % ROOM;
    return hold(context, call);
}

static size_t room(void *context) {
    (void)context;
    return awaited == 0 ? SIZE_MAX : (awaited + 1) / 2; /* never none: nobody is stuck */
}

static bool take(void *context, const uint8_t *octets, size_t length) {
    (void)context;
    must(length == 0 || octets != NULL);
    bool is_good = length <= awaited;
    awaited -= is_good ? length : 0;
    return is_good;
}

static const struct control_word words[] = {
    {.word = "status", .carry_out = tell},
    {.word = "lock", .carry_out = lock},
    {.word = "zeroise", .carry_out = fail},
    {.word = "follow", .carry_out = follow, .arguments = {{.name = "event"}}},
    {.word = "talk",
     .carry_out = hold,
     .arguments = {{.name = "for_ms", .is_number = true}, {.name = "group", .is_optional = true}},
     .let_go = let_go},
    {.word = "group", .carry_out = tell, .arguments = {{.name = "with", .is_list = true}}},
    {.word = "speak",
     .carry_out = speak,
     .arguments = {{.name = "for_ms", .is_number = true}, {.name = "voice", .is_number = true}},
     .let_go = let_go,
     .room = room,
     .take = take},
    {.word = NULL}};

static void end(void) {
    control_close(control);
    (void)uv_run(&uv, UV_RUN_DEFAULT);
    (void)uv_loop_close(&uv);
    control_free(control);
    rmdir(folder);
}

static void begin(void) {
    struct error error;
    signal(SIGPIPE, SIG_IGN); /* as in each program (machine.h) */
    must(mkdtemp(folder) != NULL && uv_loop_init(&uv) == 0);
    snprintf(path, sizeof path, "%s/socket", folder);
    must(control_open(&uv, path, words, NULL, &control, &error) == STATUS_OK);
    atexit(end);
}

static void turn(void) {
    for (int i = 0; i < TURNS; i++) {
        (void)uv_run(&uv, UV_RUN_NOWAIT);
    }
}

/* What comes is one line of JSON that says whether it was done, or nothing. */
static void look_at_answer(int asker) {
    char text[CONTROL_ANSWER_MAX];
    ssize_t length = recv(asker, text, sizeof text, MSG_DONTWAIT);
    if (length > 0) {
        json_t *answer = json_loadb(text, (size_t)length, JSON_DISABLE_EOF_CHECK, NULL);
        must(text[length - 1] == '\n' && json_is_boolean(json_object_get(answer, "ok")));
        json_decref(answer);
    }
}

static void come_in_a_crowd(size_t count) {
    int askers[2 * CONTROL_CLIENTS_MAX];
    count = count < 2 * CONTROL_CLIENTS_MAX ? count : 2 * CONTROL_CLIENTS_MAX;
    for (size_t i = 0; i < count; i++) {
        askers[i] = control_socket_connect(path);
        must(askers[i] >= 0);
        turn();
    }
    for (size_t i = 0; i < count; i++) {
        close(askers[i]);
    }
    turn();
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length) {
    if (control == NULL) {
        begin();
    }
    if (length == 0) {
        return 0;
    }
    if (length == 1) {
        come_in_a_crowd(octets[0]);
        return 0;
    }
    size_t before = octets[0] < length - 1 ? octets[0] : length - 1;
    int asker = control_socket_connect(path);
    must(asker >= 0);
    turn();
    (void)!send(asker, octets + 1, before, MSG_NOSIGNAL | MSG_DONTWAIT);
    turn();
    (void)!send(asker, octets + 1 + before, length - 1 - before, MSG_NOSIGNAL | MSG_DONTWAIT);
    turn();
    control_read_on(control);
    turn();
    control_done(control);
    control_tell(control, "one", "{\"ok\": true}");
    control_tell(control, "other", "no JSON");
    must(!control_is_held(control) || control_followers(control) == 0);
    if (octets[0] % 2 == 0) {
        control_release(control, octets[0] % 4 == 0 ? "no" : NULL);
        control_end_following(control);
    }
    turn();
    look_at_answer(asker);
    close(asker);
    turn();
    return 0;
}
