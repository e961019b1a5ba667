/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Connections that end as soon as they are made: a broker that takes everybody in and hangs up.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "condition_text.h"
#include "transport/nats.h"

enum {
    USERS = 40,
    MEETINGS_S = 4, /* in which each is hung up on some four times */
    PATIENCE_MS = 15000
};

static const char greeting[] =
    "INFO {\"server_id\":\"A\",\"version\":\"2.9.10\",\"proto\":1,\"headers\":true,"
    "\"max_payload\":1048576}\r\n";

static pid_t rude;
static char url[64];

/* As a broker would, up to the answer to the first ping. */
static void hang_up_on(int connection) {
    char line[4096];
    size_t length = 0;
    if (write(connection, greeting, strlen(greeting)) < 0) {
        return;
    }
    while (length < sizeof line - 1) {
        ssize_t more = read(connection, line + length, sizeof line - 1 - length);
        if (more <= 0) {
            return;
        }
        length += (size_t)more;
        line[length] = '\0';
        if (strstr(line, "PING\r\n") != NULL) {
            break;
        }
    }
    if (write(connection, "PONG\r\n", 6) < 0) {
        return;
    }
}

static int begin(void **state) {
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, USERS), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(url, sizeof url, "nats://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    rude = fork();
    assert_true(rude >= 0);
    if (rude == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        for (;;) {
            int connection = accept(listener, NULL, NULL);
            hang_up_on(connection);
            close(connection);
        }
    }
    close(listener);
    return 0;
}

static int end(void **state) {
    (void)state;
    kill(rude, SIGKILL);
    waitpid(rude, NULL, 0);
    return 0;
}

static void a_connection_that_ends_at_once_leaves_nothing(void **state) {
    (void)state;
    static struct transport *users[USERS];
    struct transport_condition problem;
    const struct nats_options options = {.servers = url, .name = "anna", .is_plain = true};
    for (size_t i = 0; i < USERS; i++) {
        if (nats_open_broker(&options, &users[i], &problem) != TRANSPORT_OK) {
            fail_msg("%s", condition_text(&problem));
        }
    }
    nanosleep(&(struct timespec){.tv_sec = MEETINGS_S}, NULL);
    for (size_t i = 0; i < USERS; i++) {
        users[i]->kind->close(users[i]);
    }
    assert_true(nats_end(PATIENCE_MS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_connection_that_ends_at_once_leaves_nothing, begin, end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
