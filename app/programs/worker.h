/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thread beside the event loop: does what takes long, one thing at a time. libuv's own pool
 * starts its threads when they are first needed, and aborts the program when there are none to be
 * had; this one starts with the loop and says so.
 */
#ifndef MUSTER_APP_PROGRAMS_WORKER_H
#define MUSTER_APP_PROGRAMS_WORKER_H

#include <stdbool.h>
#include <uv.h>

/* `work` runs in the thread, which has to itself what it works on; then `done` in the loop. */
struct worker_job {
    void (*work)(void *context);
    void (*done)(void *context);
    void *context;
};

struct worker {
    uv_thread_t thread;
    uv_mutex_t mutex;
    uv_cond_t changed;
    uv_async_t finished;
    struct worker_job job;                /* while is_busy */
    bool is_started, is_busy, is_closing; /* the loop's */
    bool is_waiting, is_ending; /* under the mutex: the job for its thread; no more jobs */
};

/* Starts the thread for `loop`. Returns 0 or a libuv error, and has then undone what it did but for
 * handles of `loop`, which are closing. */
int worker_start(struct worker *worker, uv_loop_t *loop);

/* Has one job done. The worker must not be busy. */
void worker_do(struct worker *worker, struct worker_job job);

/* The loop ends, which a busy worker holds up: closes its handle once it is not busy, now or later.
 * Jobs may still follow each other until then. */
void worker_close(struct worker *worker);

/* After the loop: waits for the thread's end. */
void worker_join(struct worker *worker);

#endif
