/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A broker that claims to send a message of 1.5 GB, and sends it: no memory is taken for it, and
 * the connection ends in words.
 */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/programs/heap.h"
#include "transport/nats.h"

enum {
    SKIPPED = 77,
    PATIENCE_MS = 20 * 1000,
    MEGABYTE = 1024 * 1024,
    MOST_MB = 40 /* more than there was before */
};

static const char greeting[] =
    "INFO {\"server_id\":\"A\",\"version\":\"2.9.10\",\"proto\":1,\"headers\":true,"
    "\"max_payload\":1048576}\r\n";

/* A message's head, around the number of the subscription. */
struct claim {
    const char *before, *after;
};

static pid_t greedy;
static char url[64];

/* Says all of it, until the other side hangs up. */
static void pump(int connection, const char *head, const char *filler, size_t length) {
    if (write(connection, head, strlen(head)) < 0) {
        return;
    }
    while (write(connection, filler, length) > 0) {
    }
}

/* As a broker would, up to the first subscription, whose number is the last word of its line. */
static void serve(int connection, const struct claim *claim) {
    static char filler[MEGABYTE];
    char line[4096], head[200];
    size_t length = 0;
    if (write(connection, greeting, strlen(greeting)) < 0) {
        return;
    }
    for (bool is_greeted = false; length < sizeof line - 1;) {
        ssize_t more = read(connection, line + length, sizeof line - 1 - length);
        if (more <= 0) {
            return;
        }
        length += (size_t)more;
        line[length] = '\0';
        if (!is_greeted && strstr(line, "PING\r\n") != NULL) {
            is_greeted = true;
            if (write(connection, "PONG\r\n", 6) < 0) {
                return;
            }
        }
        const char *subscription = strstr(line, "SUB ");
        const char *end = subscription == NULL ? NULL : strstr(subscription, "\r\n");
        if (end != NULL) {
            while (end[-1] != ' ') {
                end--;
            }
            memset(filler, 'x', sizeof filler);
            snprintf(head, sizeof head, "%s %d %s\r\n", claim->before, atoi(end), claim->after);
            pump(connection, head, filler, sizeof filler);
            return;
        }
    }
}

static void begin_with(const struct claim *claim) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 4), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    snprintf(url, sizeof url, "nats://127.0.0.1:%u", (unsigned)ntohs(address.sin_port));
    greedy = fork();
    assert_true(greedy >= 0);
    if (greedy == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        for (;;) {
            int connection = accept(listener, NULL, NULL);
            serve(connection, claim);
            close(connection);
        }
    }
    close(listener);
}

static int end(void **state) {
    (void)state;
    kill(greedy, SIGKILL);
    waitpid(greedy, NULL, 0);
    return 0;
}

/* The most memory that this process ever had, in MB. */
static long peak_mb(void) {
    char line[200];
    long kilobytes = 0;
    FILE *file = fopen("/proc/self/status", "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        sscanf(line, "VmHWM: %ld", &kilobytes);
    }
    fclose(file);
    return kilobytes / 1024;
}

static int64_t clock_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The first news that is a problem. */
static struct transport_condition first_problem(struct transport *transport) {
    struct transport_condition news = {.kind = CONDITION_NONE};
    int64_t end_ms = clock_ms() + PATIENCE_MS;
    while (clock_ms() < end_ms) {
        if (transport->kind->news(transport, &news) && transport_condition_is_problem(news.kind)) {
            return news;
        }
        poll(NULL, 0, 10);
    }
    fail_msg("nothing was reported in %d ms", PATIENCE_MS);
    return news;
}

static void expect_the_end(const struct claim *claim) {
    struct transport *transport;
    struct transport_condition problem;
    begin_with(claim);
    long before_mb = peak_mb();
    int64_t began_ms = clock_ms();
    const struct nats_options options = {.servers = url, .name = "anna", .is_plain = true};
    assert_int_equal(nats_open_broker(&options, &transport, &problem), TRANSPORT_OK);
    const struct transport_condition news = first_problem(transport);
    printf("%s after %lld ms, %ld MB more at most\n", transport_condition_name(news.kind),
           (long long)(clock_ms() - began_ms), peak_mb() - before_mb);
    assert_int_equal(news.kind, CONDITION_BROKER_EXCESSIVE);
    assert_true(nats_is_hopeless(transport));
    transport->kind->close(transport);
    assert_true(nats_end(PATIENCE_MS));
    assert_true(peak_mb() - before_mb <= MOST_MB);
}

static void a_message_of_gigabytes_ends_the_connection(void **state) {
    (void)state;
    expect_the_end(&(const struct claim){"MSG _INBOX.anna.x.1", "1500000000"});
}

static void so_does_one_with_headers_of_gigabytes(void **state) {
    (void)state;
    expect_the_end(&(const struct claim){"HMSG _INBOX.anna.x.1", "1400000000 1500000000"});
}

/* Each ends at the most that one piece of memory may have, and is then told. */
static void a_claim_of_just_as_much_as_a_piece_may_have_is_bounded(void **state) {
    (void)state;
    expect_the_end(&(const struct claim){"MSG _INBOX.anna.x.1", "67108865"});
}

int main(void) {
    if (!heap_wipes_what_is_freed()) {
        puts("this build has another heap");
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_message_of_gigabytes_ends_the_connection, end),
        cmocka_unit_test_teardown(so_does_one_with_headers_of_gigabytes, end),
        cmocka_unit_test_teardown(a_claim_of_just_as_much_as_a_piece_may_have_is_bounded, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
