/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What it costs that a radio has a process of its own: frames of voice over the loopback interface,
 * one after the other, to a transport in this process and to one apart; from there likewise. Prints
 * how long a frame takes on its way, and the processor's time that sender and receiver spend on it,
 * those of the radio's process included.
 *
 *     bench_apart [FRAMES]
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "transport/apart/serving.h"
#include "transport/udp.h"

enum {
    FRAME_SIZE = 190, /* of voice */
    APART_MS = 5,
    PATIENCE_MS = 5000,
    FRAMES = 400
};

static struct udp_options options = {.interface = "lo"};

struct ear {
    int64_t heard_us; /* 0: nothing yet */
};

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static double spent_us(int who) {
    struct rusage spent;
    getrusage(who, &spent);
    return (double)(spent.ru_utime.tv_sec + spent.ru_stime.tv_sec) * 1e6 +
           (double)(spent.ru_utime.tv_usec + spent.ru_stime.tv_usec);
}

static void must(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "bench_apart: %s\n", what);
        exit(1);
    }
}

static void on_frame(void *context, uint64_t peer, const uint8_t *frame, size_t length) {
    struct ear *ear = context;
    (void)peer;
    (void)frame;
    if (length == FRAME_SIZE) {
        ear->heard_us = now_us();
    }
}

/* As the handset's loop does: waits for any descriptor, and reads. */
static bool listen_until(struct transport *transport, struct ear *ear, int64_t until_us) {
    struct pollfd asked[TRANSPORT_DESCRIPTORS_MAX];
    int descriptors[TRANSPORT_DESCRIPTORS_MAX];
    size_t count = transport->kind->descriptors(transport, descriptors);
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    }
    while (ear->heard_us == 0 && now_us() < until_us) {
        if (poll(asked, (nfds_t)count, (int)((until_us - now_us()) / 1000) + 1) > 0) {
            (void)transport->kind->receive(transport, on_frame, ear);
        }
    }
    return ear->heard_us != 0;
}

static int compare(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static void measure(const char *name, struct transport *from, struct transport *to, int frames) {
    int64_t *took = calloc((size_t)frames, sizeof *took);
    uint8_t frame[FRAME_SIZE];
    must(took != NULL, "no memory");
    memset(frame, 'v', sizeof frame);
    double before = spent_us(RUSAGE_SELF);
    for (int i = 0; i < frames; i++) {
        struct ear ear = {0};
        int64_t sent_us = now_us();
        (void)from->kind->send(from, PEER_ALL, LANE_VOICE, frame, sizeof frame);
        must(listen_until(to, &ear, now_us() + PATIENCE_MS * 1000), "a frame is lost");
        took[i] = ear.heard_us - sent_us;
        /* The same frame by the other kind of IP, perhaps, and what is said unasked. */
        struct ear rest = {0};
        for (int64_t until = now_us() + APART_MS * 1000; now_us() < until; rest.heard_us = 0) {
            (void)listen_until(to, &rest, until);
        }
    }
    double spent = spent_us(RUSAGE_SELF) - before;
    qsort(took, (size_t)frames, sizeof *took, compare);
    printf("%-34s %6.0f us half of them %6.0f us 95 %%   %6.1f us of processor here\n", name,
           (double)took[frames / 2], (double)took[frames * 95 / 100], spent / frames);
    free(took);
}

static enum transport_result open_udp(void *context, struct transport **out,
                                      struct transport_condition *problem) {
    (void)context;
    return udp_open(&options, out, problem);
}

static bool go_on(void *context) {
    (void)context;
    return true;
}

static struct transport *open_apart(pid_t *pid) {
    static const struct serving serving = {open_udp, go_on, NULL};
    int ours[APART_SOCKETS], theirs[APART_SOCKETS];
    struct transport_condition problem;
    struct transport *apart;
    must(apart_pair(ours, theirs), "no sockets");
    *pid = fork();
    if (*pid == 0) {
        for (size_t i = 0; i < APART_SOCKETS; i++) {
            close(ours[i]);
        }
        _exit(serving_run(theirs, -1, &serving) == SERVING_PARTED ? 0 : 1);
    }
    for (size_t i = 0; i < APART_SOCKETS; i++) {
        close(theirs[i]);
    }
    must(*pid > 0 && apart_open(ours, &apart, &problem) == TRANSPORT_OK, "no process");
    return apart;
}

int main(int argc, char **argv) {
    int frames = argc > 1 ? atoi(argv[1]) : FRAMES;
    struct transport_condition problem;
    struct transport *one, *other;
    pid_t pid;
    signal(SIGPIPE, SIG_IGN);
    options.port = (uint16_t)(20000 + getpid() % 20000);
    struct transport *apart = open_apart(&pid);
    must(udp_open(&options, &one, &problem) == TRANSPORT_OK &&
             udp_open(&options, &other, &problem) == TRANSPORT_OK && frames > 0,
         "no transport");
    for (int round = 0; round < 3; round++) {
        measure("in one process", one, other, frames);
        measure("to a radio apart", one, apart, frames);
        measure("from a radio apart", apart, one, frames);
    }
    one->kind->close(one);
    other->kind->close(other);
    apart->kind->close(apart);
    must(waitpid(pid, NULL, 0) == pid, "no end");
    printf("the radio's process: %.1f us of processor a frame that it heard or sent\n",
           spent_us(RUSAGE_CHILDREN) / (9.0 * frames));
    return 0;
}
