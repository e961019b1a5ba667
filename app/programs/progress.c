/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    PROGRESS_AFTER_MS = 500,      /* shorter work shows none */
    TERMINAL_INTERVAL_MS = 200,   /* on a terminal the line is drawn again */
    FILE_INTERVAL_MS = 10 * 1000, /* elsewhere there is another line */
};

static int64_t steady_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct progress progress_start(const char *things) {
    int64_t now_ms = steady_ms();
    return (struct progress){.things = things,
                             .began_ms = now_ms,
                             .due_ms = now_ms + PROGRESS_AFTER_MS,
                             .on_terminal = isatty(STDERR_FILENO) == 1};
}

int64_t progress_passed_ms(const struct progress *progress) {
    return steady_ms() - progress->began_ms;
}

void progress_show(struct progress *progress, size_t done, size_t total) {
    int64_t now_ms = steady_ms(), passed_ms = now_ms - progress->began_ms;
    if (now_ms < progress->due_ms || done == 0) {
        return;
    }
    progress->due_ms = now_ms + (progress->on_terminal ? TERMINAL_INTERVAL_MS : FILE_INTERVAL_MS);
    progress->is_open = progress->on_terminal;
    double rate = (double)done * 1000 / (double)passed_ms;
    fprintf(stderr, "%s%zu of %zu %s, %.0f a second, %.0f s left%s",
            progress->on_terminal ? "\r\033[K" : "", done, total, progress->things, rate,
            (double)(total - done) / rate, progress->on_terminal ? "" : "\n");
}

void progress_end(struct progress *progress) {
    if (progress->is_open) {
        fputc('\n', stderr);
    }
    progress->is_open = false;
}

unsigned cores_count(unsigned most) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1) {
        return 1;
    }
    return (unsigned long)cores < most ? (unsigned)cores : most;
}
