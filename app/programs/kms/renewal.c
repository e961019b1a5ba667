/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/renewal.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "app/programs/kms/commands.h"

enum {
    PROGRESS_AFTER_MS = 500,      /* what takes no longer needs none */
    TERMINAL_INTERVAL_MS = 200,   /* on a terminal the line is drawn again */
    FILE_INTERVAL_MS = 10 * 1000, /* elsewhere there is another line */
};

struct progress {
    int64_t began_ms, due_ms; /* by a clock that nobody sets */
    bool on_terminal;
    bool is_open; /* a line on the terminal waits for its end */
};

static int64_t steady_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void show_progress(void *context, size_t done, size_t total) {
    struct progress *progress = context;
    int64_t now_ms = steady_ms(), passed_ms = now_ms - progress->began_ms;
    if (now_ms < progress->due_ms || done == 0)
        return;
    progress->due_ms = now_ms + (progress->on_terminal ? TERMINAL_INTERVAL_MS : FILE_INTERVAL_MS);
    progress->is_open = progress->on_terminal;
    double rate = (double)done * 1000 / (double)passed_ms;
    fprintf(stderr, "%s%zu of %zu bundles, %.0f a second, %.0f s left%s",
            progress->on_terminal ? "\r\033[K" : "", done, total, rate,
            (double)(total - done) / rate, progress->on_terminal ? "" : "\n");
}

static unsigned count_cores(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (cores < 1)
        return 1;
    return cores < RENEWAL_THREADS_MAX ? (unsigned)cores : RENEWAL_THREADS_MAX;
}

enum status command_renew(const struct order *order, struct error *error) {
    struct kms *kms;
    struct renewal_result result;
    enum status status = order_open(order, &kms, error);
    if (status != STATUS_OK)
        return status;
    int64_t now_ms = order_now(), began_ms = steady_ms();
    const struct renewal_terms terms = {
        .now_ms = now_ms,
        .before_ms = (order->given & OPTION_WITHIN) != 0 ? now_ms + order->within_ms : 0,
        .folder = order->out,
        .threads = count_cores(),
    };
    struct progress progress = {.began_ms = began_ms,
                                .due_ms = began_ms + PROGRESS_AFTER_MS,
                                .on_terminal = isatty(STDERR_FILENO) == 1};
    status = renewal_run(kms, &terms, show_progress, &progress, &result, error);
    kms_close(kms);
    if (progress.is_open)
        fputc('\n', stderr);
    if (status != STATUS_OK)
        return status;
    printf("%zu bundles written to %s\n", result.bundles, order->out);
    if (result.revoked > 0)
        printf("%zu revoked identities got no new keys (muster-kms revoked lists them)\n",
               result.revoked);
    return STATUS_OK;
}
