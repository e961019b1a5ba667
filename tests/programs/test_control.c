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
    TEXT_SIZE = 4096
};

struct handset {
    uv_loop_t uv;
    char path[CONTROL_PATH_SIZE];
    struct control *control;
    unsigned asked, locked;
};

static enum control_outcome tell(void *context, json_t *answer) {
    struct handset *handset = context;
    handset->asked++;
    (void)json_object_set_new(answer, "state", json_string("ready"));
    return CONTROL_OK;
}

static enum control_outcome lock(void *context, json_t *answer) {
    (void)answer;
    ((struct handset *)context)->locked++;
    return CONTROL_LATER;
}

static const struct control_word words[] = {{"status", tell}, {"lock", lock}, {NULL, NULL}};

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
