/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_jitter MS COMMAND COMMAND: runs two shell commands, each in a network namespace of its own
 * (eth0), between which frames are late by up to MS, until one of them ends or SIGTERM comes.
 * Wants root; 77 where it cannot be had.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/impaired_air.h"

enum {
    ENDS = 2,
    SKIPPED = 77
};

static pid_t begin(const struct impaired_air *air, size_t n, const char *command,
                   const sigset_t *awaited) {
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        sigprocmask(SIG_UNBLOCK, awaited, NULL);
        if (impaired_air_enter(air, n)) {
            execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        }
        _exit(EXIT_FAILURE);
    }
    if (child > 0) {
        setpgid(child, 0);
    }
    return child;
}

int main(int argc, char *argv[]) {
    char problem[160];
    sigset_t awaited;
    pid_t children[ENDS];
    int got;
    if (argc != 2 + ENDS) {
        fputs("usage: bench_jitter MS COMMAND COMMAND\n", stderr);
        return 2;
    }
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGTERM);
    sigaddset(&awaited, SIGCHLD);
    sigprocmask(SIG_BLOCK, &awaited, NULL);
    struct impaired_air *air = impaired_air_new(ENDS, AIR_IPV4, (uint64_t)time(NULL), problem);
    if (air == NULL) {
        printf("bench_jitter: %s\n", problem);
        return SKIPPED;
    }
    while (sigtimedwait(&awaited, NULL, &(struct timespec){0}) > 0) {
        /* The end of what made the namespaces. */
    }
    for (size_t n = 0; n < ENDS; n++) {
        impaired_air_port(air, n)->jitter_ms = (unsigned)strtoul(argv[1], NULL, 10);
        children[n] = begin(air, n, argv[2 + n], &awaited);
    }
    if (children[0] > 0 && children[1] > 0) {
        sigwait(&awaited, &got);
    }
    for (size_t n = 0; n < ENDS && children[n] > 0; n++) {
        kill(-children[n], SIGTERM);
        waitpid(children[n], NULL, 0);
    }
    impaired_air_free(air);
    return EXIT_SUCCESS;
}
