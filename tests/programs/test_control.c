/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The control socket: who may ask, what is asked, and that nobody who is slow, loud or a stranger
 * keeps the loop from anything. Handset and askers are one process; the loop is turned by the test.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/control.h"
#include "app/programs/control_socket.h"
#include "tests/app/scratch.h"

enum {
    TURNS = 50,
    STRANGER = 65534,
    TEXT_SIZE = 4096,
    LARGE = CONTROL_ANSWER_MAX - 1000, /* octets, of the longest answer that is taken */
    FLOOD = 500,
    LONG_MS = 60 * 60 * 1000
};

struct handset {
    uv_loop_t uv;
    char path[CONTROL_PATH_SIZE];
    struct control *control;
    unsigned asked, locked, written, let_go;
    size_t room, awaited, taken; /* octets that follow a request */
    char text[TEXT_SIZE];
};

static enum control_outcome tell(void *context, struct control_call *call) {
    struct handset *handset = context;
    handset->asked++;
    (void)json_object_set_new(call->answer, "state", json_string("ready"));
    return CONTROL_OK;
}

static enum control_outcome lock(void *context, struct control_call *call) {
    (void)call;
    ((struct handset *)context)->locked++;
    return CONTROL_LATER;
}

static enum control_outcome write_to(void *context, struct control_call *call) {
    struct handset *handset = context;
    handset->written++;
    snprintf(handset->text, sizeof handset->text, "%s",
             json_string_value(json_object_get(call->request, "text")));
    return CONTROL_OK;
}

static enum control_outcome tell_much(void *context, struct control_call *call) {
    static char much[LARGE];
    (void)context;
    memset(much, 'm', sizeof much - 1);
    (void)json_object_set_new(call->answer, "much", json_string(much));
    return CONTROL_OK;
}

static enum control_outcome follow(void *context, struct control_call *call) {
    (void)context;
    call->topic = json_string_value(json_object_get(call->request, "event")) == NULL ? NULL : "one";
    return CONTROL_FOLLOWED;
}

static enum control_outcome hold(void *context, struct control_call *call) {
    (void)context;
    call->lasts_ms = json_integer_value(json_object_get(call->request, "for_ms"));
    return CONTROL_HELD;
}

static void let_go(void *context) {
    ((struct handset *)context)->let_go++;
}

static size_t room(void *context) {
    const struct handset *handset = context;
    return handset->taken == handset->awaited ? SIZE_MAX : handset->room;
}

/* As many letters as there is room for. */
static bool take(void *context, const uint8_t *octets, size_t length) {
    struct handset *handset = context;
    for (size_t i = 0; i < length; i++) {
        assert_int_equal(octets[i], 'o');
    }
    bool is_good = length <= handset->awaited - handset->taken;
    assert_true(!is_good || length == 0 || length <= handset->room);
    handset->taken += is_good ? length : 0;
    handset->room -= is_good ? length : 0;
    return is_good;
}

static const struct control_word words[] = {
    {.word = "status", .carry_out = tell},
    {.word = "lock", .carry_out = lock},
    {.word = "write", .carry_out = write_to, .arguments = {{.name = "text"}}},
    {.word = "list", .carry_out = tell, .arguments = {{.name = "with", .is_list = true}}},
    {.word = "much", .carry_out = tell_much},
    {.word = "follow", .carry_out = follow, .arguments = {{.name = "event", .is_optional = true}}},
    {.word = "hold",
     .carry_out = hold,
     .arguments = {{.name = "for_ms", .is_number = true}},
     .let_go = let_go},
    {.word = "speak",
     .carry_out = hold,
     .arguments = {{.name = "for_ms", .is_number = true}},
     .let_go = let_go,
     .room = room,
     .take = take},
    {.word = NULL}};

static struct handset *begin_at(const char *path, enum status expected) {
    struct handset *handset = calloc(1, sizeof *handset);
    struct error error;
    assert_int_equal(uv_loop_init(&handset->uv), 0);
    snprintf(handset->path, sizeof handset->path, "%s", path);
    assert_int_equal(control_open(&handset->uv, path, words, handset, &handset->control, &error),
                     expected);
    return handset;
}

static struct handset *begin(void **state) {
    return begin_at(scratch_path(state, "store-socket"), STATUS_OK);
}

static void turn(struct handset *handset) {
    for (int i = 0; i < TURNS; i++) {
        (void)uv_run(&handset->uv, UV_RUN_NOWAIT);
    }
}

static void end(struct handset *handset) {
    control_close(handset->control);
    (void)uv_run(&handset->uv, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&handset->uv), 0);
    control_free(handset->control);
    free(handset);
}

static int asker(struct handset *handset) {
    int descriptor = control_socket_connect(handset->path);
    assert_true(descriptor >= 0);
    turn(handset);
    return descriptor;
}

static void say(struct handset *handset, int asker, const void *octets, size_t length) {
    assert_int_equal(send(asker, octets, length, MSG_NOSIGNAL), (ssize_t)length);
    turn(handset);
}

/* What was answered up to now; "gone" when it was hung up without an answer, "" when nothing came.
 */
static const char *answer_to(int asker) {
    static char text[TEXT_SIZE];
    ssize_t length = recv(asker, text, sizeof text - 1, MSG_DONTWAIT);
    if (length < 0) {
        return errno == EAGAIN ? "" : "gone";
    }
    text[length] = '\0';
    return length == 0 ? "gone" : text;
}

static void what_is_asked_in_a_line_is_answered_in_one(void **state) {
    struct handset *handset = begin(state);
    int one = asker(handset);
    static const char request[] = "{\"muster\": 1, \"do\": \"status\"}\n";
    say(handset, one, request, 10);
    assert_string_equal(answer_to(one), "");
    say(handset, one, request + 10, strlen(request) - 10);
    assert_string_equal(answer_to(one), "{\"muster\":1,\"state\":\"ready\",\"ok\":true}\n");
    assert_string_equal(answer_to(one), "gone");
    assert_int_equal(handset->asked, 1);
    close(one);
    end(handset);
}

static void what_takes_a_while_is_answered_once_it_is_done(void **state) {
    struct handset *handset = begin(state);
    int one = asker(handset), other = asker(handset);
    static const char request[] = "{\"muster\": 1, \"do\": \"lock\"}\n";
    say(handset, one, request, strlen(request));
    say(handset, other, request, strlen(request));
    assert_string_equal(answer_to(one), "");
    assert_int_equal(handset->locked, 2);
    control_done(handset->control);
    turn(handset);
    assert_string_equal(answer_to(one), "{\"muster\":1,\"ok\":true}\n");
    assert_string_equal(answer_to(other), "{\"muster\":1,\"ok\":true}\n");
    close(one);
    close(other);
    end(handset);
}

static void junk_is_hung_up_on_and_carries_nothing_out(void **state) {
    struct handset *handset = begin(state);
    static const char *const junk[] = {
        "lock\n",
        "\n",
        "{}\n",
        "[]\n",
        "\"lock\"\n",
        "null\n",
        "{\"muster\": 1}\n",
        "{\"muster\": 2, \"do\": \"lock\"}\n",
        "{\"muster\": \"1\", \"do\": \"lock\"}\n",
        "{\"muster\": 1.0, \"do\": \"lock\"}\n",
        "{\"muster\": 1, \"do\": \"LOCK\"}\n",
        "{\"muster\": 1, \"do\": \"lock \"}\n",
        "{\"muster\": 1, \"do\": [\"lock\"]}\n",
        "{\"muster\": 1, \"do\": null}\n",
        "{\"muster\": 1, \"do\": \"lock\", \"do\": \"lock\"}\n",
        "{\"muster\": 1, \"do\": \"lock\"\n",
        "{\"muster\": 1, \"do\": \"lock\"} {\"muster\": 1, \"do\": \"lock\"}\n",
        "\xFF\xFE\n",
    };
    for (size_t i = 0; i < sizeof junk / sizeof junk[0]; i++) {
        int one = asker(handset);
        say(handset, one, junk[i], strlen(junk[i]));
        const char *answer = answer_to(one);
        if (strcmp(answer, "gone") != 0 && strstr(answer, "\"ok\":false") == NULL) {
            fail_msg("%s was answered: %s", junk[i], answer);
        }
        close(one);
    }
    assert_int_equal(handset->locked + handset->asked, 0);
    end(handset);
}

static void a_list_is_taken_of_text_alone(void **state) {
    struct handset *handset = begin(state);
    static const char *const good[] = {
        "{\"muster\": 1, \"do\": \"list\", \"with\": []}\n",
        "{\"muster\": 1, \"do\": \"list\", \"with\": [\"a\", \"b\"]}\n",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int one = asker(handset);
        say(handset, one, good[i], strlen(good[i]));
        assert_non_null(strstr(answer_to(one), "\"ok\":true"));
        close(one);
    }
    assert_int_equal(handset->asked, 2);
    end(handset);
}

static void a_request_without_an_end_is_cut_off(void **state) {
    struct handset *handset = begin(state);
    static char spaces[CONTROL_REQUEST_MAX];
    memset(spaces, ' ', sizeof spaces);
    int one = asker(handset);
    say(handset, one, spaces, sizeof spaces - 1);
    assert_string_equal(answer_to(one), "");
    say(handset, one, spaces, 1);
    assert_string_equal(answer_to(one), "gone");
    close(one);
    end(handset);
}

static void a_word_takes_its_own_arguments_and_no_others(void **state) {
    struct handset *handset = begin(state);
    static const struct {
        const char *request;
        bool is_good;
    } requests[] = {
        {"{\"muster\": 1, \"do\": \"write\", \"text\": \"\"}\n", true},
        {"{\"text\": \"a \\u00e9 \\ud83d\\ude80\", \"do\": \"write\", \"muster\": 1}\n", true},
        {"{\"muster\": 1, \"do\": \"write\"}\n", false},
        {"{\"muster\": 1, \"do\": \"write\", \"text\": 5}\n", false},
        {"{\"muster\": 1, \"do\": \"write\", \"text\": null}\n", false},
        {"{\"muster\": 1, \"do\": \"write\", \"text\": [\"a\"]}\n", false},
        {"{\"muster\": 1, \"do\": \"write\", \"text\": \"a\\u0000b\"}\n", false},
        {"{\"muster\": 1, \"do\": \"write\", \"text\": \"a\", \"more\": \"b\"}\n", false},
        {"{\"muster\": 1, \"do\": \"lock\", \"text\": \"a\"}\n", false},
        {"{\"muster\": 1, \"do\": \"list\", \"with\": \"a\"}\n", false},
        {"{\"muster\": 1, \"do\": \"list\", \"with\": {\"a\": \"b\"}}\n", false},
        {"{\"muster\": 1, \"do\": \"list\", \"with\": [\"a\", 5]}\n", false},
        {"{\"muster\": 1, \"do\": \"list\", \"with\": [[\"a\"]]}\n", false},
        {"{\"muster\": 1, \"do\": \"hold\", \"for_ms\": \"5\"}\n", false},
        {"{\"muster\": 1, \"do\": \"hold\", \"for_ms\": 5.5}\n", false},
        {"{\"muster\": 1, \"do\": \"hold\", \"for_ms\": 99999999999999999999}\n", false},
    };
    unsigned good = 0;
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        int one = asker(handset);
        say(handset, one, requests[i].request, strlen(requests[i].request));
        const char *answer = answer_to(one);
        if (strstr(answer, requests[i].is_good ? "\"ok\":true" : "\"ok\":false") == NULL &&
            (requests[i].is_good || strcmp(answer, "gone") != 0)) {
            fail_msg("%s was answered: %s", requests[i].request, answer);
        }
        good += requests[i].is_good;
        close(one);
    }
    assert_int_equal(handset->written, good);
    assert_string_equal(handset->text, "a \xC3\xA9 \xF0\x9F\x9A\x80");
    assert_int_equal(handset->locked, 0);
    assert_false(control_is_held(handset->control));
    end(handset);
}

static int who_follows(struct handset *handset, const char *request, const char *expected) {
    int one = asker(handset);
    say(handset, one, request, strlen(request));
    assert_string_equal(answer_to(one), expected);
    return one;
}

static const char follow_all[] = "{\"muster\": 1, \"do\": \"follow\"}\n",
                  follow_one[] = "{\"muster\": 1, \"do\": \"follow\", \"event\": \"one\"}\n",
                  fine[] = "{\"muster\":1,\"ok\":true}\n";

static void who_follows_gets_the_lines_that_it_wants_until_it_goes(void **state) {
    struct handset *handset = begin(state);
    assert_int_equal(control_followers(handset->control), 0);
    int all = who_follows(handset, follow_all, fine), one = who_follows(handset, follow_one, fine);
    control_tell(handset->control, "other", "{\"event\":\"other\"}");
    control_tell(handset->control, "one", "{\"event\":\"one\"}");
    assert_string_equal(answer_to(all), "{\"event\":\"other\"}\n{\"event\":\"one\"}\n");
    assert_string_equal(answer_to(one), "{\"event\":\"one\"}\n");
    close(all);
    turn(handset);
    assert_int_equal(control_followers(handset->control), 1);
    say(handset, one, "x", 1); /* it has nothing more to say */
    assert_string_equal(answer_to(one), "gone");
    assert_int_equal(control_followers(handset->control), 0);
    close(one);
    one = who_follows(handset, follow_all, fine);
    control_end_following(handset->control);
    assert_string_equal(answer_to(one), "gone");
    close(one);
    end(handset);
}

/* They have no room for others but for those who only ask. */
static void so_many_follow_and_others_are_answered_all_the_same(void **state) {
    struct handset *handset = begin(state);
    int followers[CONTROL_FOLLOWERS_MAX];
    for (size_t i = 0; i < CONTROL_FOLLOWERS_MAX; i++) {
        followers[i] = who_follows(handset, follow_all, fine);
    }
    close(
        who_follows(handset, follow_all, "{\"muster\":1,\"problem\":\"too-many\",\"ok\":false}\n"));
    int idle[2 * CONTROL_CLIENTS_MAX];
    for (size_t i = 0; i < 2 * CONTROL_CLIENTS_MAX; i++) {
        idle[i] = asker(handset);
    }
    close(who_follows(handset, "{\"muster\": 1, \"do\": \"status\"}\n",
                      "{\"muster\":1,\"state\":\"ready\",\"ok\":true}\n"));
    control_tell(handset->control, "one", "{}");
    for (size_t i = 0; i < CONTROL_FOLLOWERS_MAX; i++) {
        assert_string_equal(answer_to(followers[i]), "{}\n");
        close(followers[i]);
    }
    for (size_t i = 0; i < 2 * CONTROL_CLIENTS_MAX; i++) {
        close(idle[i]);
    }
    end(handset);
}

/* It hangs: what it does not read stays in the system until that is full, and not here. */
static void who_does_not_read_is_hung_up_on_and_others_miss_nothing(void **state) {
    struct handset *handset = begin(state);
    int slow = who_follows(handset, follow_all, fine),
        quick = who_follows(handset, follow_all, fine);
    static char line[TEXT_SIZE / 2];
    memset(line, 'e', sizeof line - 1);
    for (int i = 0; i < FLOOD; i++) {
        control_tell(handset->control, "one", line);
        turn(handset);
        assert_int_equal(strlen(answer_to(quick)), sizeof line);
    }
    char octets[TEXT_SIZE];
    size_t got = 0;
    ssize_t length;
    while ((length = recv(slow, octets, sizeof octets, MSG_DONTWAIT)) > 0) {
        got += (size_t)length;
    }
    assert_int_equal(length, 0); /* its end */
    assert_true(got < FLOOD * sizeof line);
    assert_int_equal(control_followers(handset->control), 1); /* the quick one */
    close(slow);
    close(quick);
    end(handset);
}

static void the_longest_answer_comes_whole_to_who_reads_it_late(void **state) {
    struct handset *handset = begin(state);
    static const char request[] = "{\"muster\": 1, \"do\": \"much\"}\n";
    static char text[2 * LARGE];
    int one = asker(handset);
    say(handset, one, request, strlen(request));
    size_t got = 0;
    ssize_t length;
    while ((length = recv(one, text + got, sizeof text - got, MSG_DONTWAIT)) > 0) {
        got += (size_t)length;
    }
    json_t *answer = json_loadb(text, got, 0, NULL);
    assert_int_equal(json_string_length(json_object_get(answer, "much")), LARGE - 1);
    json_decref(answer);
    close(one);
    end(handset);
}

/* What is held ends once: by the handset, by who asked for it, or when its time is over. */
/* Octets for a request that is held: no more than there is room for are read, and more than were
 * announced end it. Who hangs up is let go of, once something is read again. */
static void octets_that_follow_are_taken_as_there_is_room(void **state) {
    enum {
        ROOM = 10000,
        MORE = 30000
    };
    struct handset *handset = begin(state);
    static char octets[MORE];
    char request[100];
    memset(octets, 'o', sizeof octets);
    int length = snprintf(request, sizeof request,
                          "{\"muster\": 1, \"do\": \"speak\", \"for_ms\": %d}\nooooo", LONG_MS);
    for (unsigned round = 0; round < 2; round++) {
        handset->awaited = MORE;
        handset->taken = 0;
        handset->room = ROOM;
        int one = asker(handset);
        say(handset, one, request, (size_t)length);
        assert_true(control_is_held(handset->control));
        assert_int_equal(handset->taken, 5);
        say(handset, one, octets, MORE - 5);
        assert_int_equal(handset->taken, ROOM);
        control_read_on(handset->control);
        turn(handset);
        assert_int_equal(handset->taken, ROOM);
        if (round == 0) {
            handset->room = 100; /* less than a request */
            control_read_on(handset->control);
            turn(handset);
            assert_int_equal(handset->taken, ROOM + 100);
            handset->room = MORE;
            control_read_on(handset->control);
            turn(handset);
            assert_int_equal(handset->taken, MORE);
            assert_true(control_is_held(handset->control));
            say(handset, one, octets, 1);
            assert_string_equal(answer_to(one), "gone");
            close(one);
        } else {
            close(one);
            turn(handset);
            handset->room = MORE;
            control_read_on(handset->control);
            turn(handset);
        }
        assert_false(control_is_held(handset->control));
        assert_int_equal(handset->let_go, round + 1);
    }
    end(handset);
}

static void what_is_held_is_let_go_of_once(void **state) {
    struct handset *handset = begin(state);
    char request[100];
    snprintf(request, sizeof request, "{\"muster\": 1, \"do\": \"hold\", \"for_ms\": %d}\n",
             LONG_MS);
    int one = who_follows(handset, request, "");
    assert_true(control_is_held(handset->control));
    control_release(handset->control, NULL);
    assert_string_equal(answer_to(one), fine);
    close(one);
    assert_int_equal(handset->let_go, 0);
    one = who_follows(handset, request, "");
    control_release(handset->control, "cut-off");
    assert_string_equal(answer_to(one), "{\"muster\":1,\"problem\":\"cut-off\",\"ok\":false}\n");
    close(one);
    one = who_follows(handset, request, "");
    close(one);
    turn(handset);
    assert_int_equal(handset->let_go, 1);
    assert_false(control_is_held(handset->control));
    one = asker(handset);
    static const char shortly[] = "{\"muster\": 1, \"do\": \"hold\", \"for_ms\": 1}\n";
    say(handset, one, shortly, strlen(shortly));
    while (control_is_held(handset->control)) {
        (void)uv_run(&handset->uv, UV_RUN_ONCE);
    }
    turn(handset);
    assert_string_equal(answer_to(one), fine);
    assert_int_equal(handset->let_go, 2);
    close(one);
    end(handset);
}

/* As many as a flood brings: in one turn of the loop, which has voice to send as well, no more of
 * them are carried out than there are places. */
static void a_flood_of_requests_takes_a_few_in_each_turn(void **state) {
    struct handset *handset = begin(state);
    pid_t pid = fork();
    if (pid == 0) {
        static const char request[] = "{\"muster\": 1, \"do\": \"status\"}\n";
        int askers[2 * CONTROL_CLIENTS_MAX];
        const size_t count = sizeof askers / sizeof askers[0];
        for (int i = 0; i < FLOOD / 10; i++) {
            char text[TEXT_SIZE];
            for (size_t k = 0; k < count; k++) {
                askers[k] = control_socket_connect(handset->path);
                (void)!send(askers[k], request, strlen(request), MSG_NOSIGNAL);
            }
            for (size_t k = 0; k < count; k++) {
                (void)!recv(askers[k], text, sizeof text, 0);
                close(askers[k]);
            }
        }
        _exit(0);
    }
    int how;
    unsigned most = 0;
    while (waitpid(pid, &how, WNOHANG) == 0) {
        unsigned before = handset->asked;
        (void)uv_run(&handset->uv, UV_RUN_NOWAIT);
        most = handset->asked - before > most ? handset->asked - before : most;
    }
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), 0);
    int one = asker(handset);
    static const char request[] = "{\"muster\": 1, \"do\": \"status\"}\n";
    say(handset, one, request, strlen(request));
    assert_non_null(strstr(answer_to(one), "\"ok\":true"));
    close(one);
    assert_in_range(most, 1, CONTROL_CLIENTS_MAX);
    end(handset);
}

/* They say nothing, and more of them come than there are places: who asks is answered all the same,
 * and each of them is hung up on in the end. */
static void who_says_nothing_keeps_nobody_out(void **state) {
    struct handset *handset = begin(state);
    int idle[3 * CONTROL_CLIENTS_MAX];
    enum {
        COUNT = sizeof idle / sizeof idle[0]
    };
    for (size_t i = 0; i < COUNT; i++) {
        idle[i] = asker(handset);
    }
    int one = asker(handset);
    static const char request[] = "{\"muster\": 1, \"do\": \"status\"}\n";
    say(handset, one, request, strlen(request));
    assert_non_null(strstr(answer_to(one), "\"ok\":true"));
    /* Its timers are the only thing that the loop has to wait for: they run out. */
    for (size_t i = 0; i < COUNT; i++) {
        struct pollfd end_of = {.fd = idle[i], .events = POLLIN};
        while (poll(&end_of, 1, 0) == 0) {
            (void)uv_run(&handset->uv, UV_RUN_ONCE);
        }
        assert_string_equal(answer_to(idle[i]), "gone");
        close(idle[i]);
    }
    close(one);
    end(handset);
}

static void who_hangs_up_in_the_middle_leaves_a_place(void **state) {
    struct handset *handset = begin(state);
    for (int i = 0; i < 10 * CONTROL_CLIENTS_MAX; i++) {
        int one = asker(handset);
        say(handset, one, "{\"mus", i % 2 == 0 ? 5 : 0);
        close(one);
        turn(handset);
    }
    int one = asker(handset);
    static const char request[] = "{\"muster\": 1, \"do\": \"status\"}\n";
    say(handset, one, request, strlen(request));
    assert_non_null(strstr(answer_to(one), "\"ok\":true"));
    close(one);
    end(handset);
}

/* A stranger, who would be let in by the file's mode: what counts is who it is. */
static void another_user_is_hung_up_on(void **state) {
    if (geteuid() != 0) {
        skip();
    }
    struct handset *handset = begin(state);
    struct stat what;
    assert_int_equal(stat(handset->path, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
    for (int is_open = 0; is_open < 2; is_open++) {
        char folder[CONTROL_PATH_SIZE];
        snprintf(folder, sizeof folder, "%s", handset->path);
        *strrchr(folder, '/') = '\0';
        if (is_open) {
            assert_int_equal(chmod(handset->path, 0666), 0);
        }
        assert_int_equal(chmod(folder, 0755), 0);
        pid_t pid = fork();
        if (pid == 0) {
            static const char request[] = "{\"muster\": 1, \"do\": \"lock\"}\n";
            int one = setuid(STRANGER) == 0 ? control_socket_connect(handset->path) : -2;
            if (one < 0) {
                _exit(one == -1 && errno == EACCES ? 10 : 11);
            }
            ssize_t sent = send(one, request, strlen(request), MSG_NOSIGNAL);
            char octet;
            (void)sent; /* it may be hung up on before */
            _exit(recv(one, &octet, 1, 0) <= 0 ? 20 : 21);
        }
        int how;
        while (waitpid(pid, &how, WNOHANG) == 0) {
            turn(handset);
        }
        assert_true(WIFEXITED(how));
        assert_int_equal(WEXITSTATUS(how), is_open ? 20 : 10);
    }
    assert_int_equal(handset->locked, 0);
    end(handset);
}

static void what_a_killed_handset_left_is_replaced(void **state) {
    const char *path = scratch_path(state, "store-socket");
    int left = control_socket_listen(path);
    assert_true(left >= 0);
    close(left); /* its file stays */
    assert_int_equal(access(path, F_OK), 0);
    struct handset *handset = begin_at(path, STATUS_OK);
    end(handset);
    assert_int_equal(access(path, F_OK), -1);
}

static void another_handset_or_another_file_is_left_alone(void **state) {
    struct handset *handset = begin(state);
    struct handset *other = begin_at(handset->path, STATUS_BUSY);
    end(other);
    int one = asker(handset); /* it is still there */
    close(one);
    end(handset);
    const char *path = scratch_path(state, "file");
    scratch_write(path, span_of_text("mine"));
    other = begin_at(path, STATUS_ALREADY_DONE);
    end(other);
    assert_int_equal(scratch_size(path), 4);
}

static void a_long_path_is_no_trouble(void **state) {
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s", scratch_path(state, "a"));
    for (int i = 0; i < 20; i++) {
        if (i > 0) {
            length += snprintf(path + length, sizeof path - (size_t)length, "/of-many-folders");
        }
        assert_int_equal(mkdir(path, 0700), 0);
    }
    snprintf(path + length, sizeof path - (size_t)length, "/store-socket");
    struct handset *handset = begin_at(path, STATUS_OK);
    int one = asker(handset);
    close(one);
    end(handset);
    for (int i = 0; i < 20; i++) {
        *strrchr(path, '/') = '\0';
        assert_int_equal(rmdir(path), 0);
    }
}

static void who_asks_where_nobody_is_is_told_so(void **state) {
    json_t *answer;
    struct error error;
    const char *path = scratch_path(state, "store-socket");
    assert_int_equal(control_ask(path, "status", &answer, &error), STATUS_NOT_FOUND);
    int left = control_socket_listen(path);
    close(left);
    assert_int_equal(control_ask(path, "status", &answer, &error), STATUS_NOT_FOUND);
    assert_null(answer);
}

#define CONTROL(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CONTROL(what_is_asked_in_a_line_is_answered_in_one),
        CONTROL(what_takes_a_while_is_answered_once_it_is_done),
        CONTROL(junk_is_hung_up_on_and_carries_nothing_out),
        CONTROL(a_request_without_an_end_is_cut_off),
        CONTROL(a_list_is_taken_of_text_alone),
        CONTROL(a_word_takes_its_own_arguments_and_no_others),
        CONTROL(who_follows_gets_the_lines_that_it_wants_until_it_goes),
        CONTROL(so_many_follow_and_others_are_answered_all_the_same),
        CONTROL(who_does_not_read_is_hung_up_on_and_others_miss_nothing),
        CONTROL(the_longest_answer_comes_whole_to_who_reads_it_late),
        CONTROL(octets_that_follow_are_taken_as_there_is_room),
        CONTROL(what_is_held_is_let_go_of_once),
        CONTROL(a_flood_of_requests_takes_a_few_in_each_turn),
        CONTROL(who_says_nothing_keeps_nobody_out),
        CONTROL(who_hangs_up_in_the_middle_leaves_a_place),
        CONTROL(another_user_is_hung_up_on),
        CONTROL(what_a_killed_handset_left_is_replaced),
        CONTROL(another_handset_or_another_file_is_left_alone),
        CONTROL(a_long_path_is_no_trouble),
        CONTROL(who_asks_where_nobody_is_is_told_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
