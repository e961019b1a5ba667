/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/worker.h"

#include "crypto/secret.h"

static void run(void *context) {
    struct worker *worker = context;
    uv_mutex_lock(&worker->mutex);
    for (;;) {
        while (!worker->is_waiting && !worker->is_ending) {
            uv_cond_wait(&worker->changed, &worker->mutex);
        }
        if (!worker->is_waiting) {
            break;
        }
        worker->is_waiting = false;
        uv_mutex_unlock(&worker->mutex);
        worker->job.work(worker->job.context);
        secret_wipe_stack(); /* before it says that it is done: a lock waits for that */
        uv_async_send(&worker->finished);
        uv_mutex_lock(&worker->mutex);
    }
    uv_mutex_unlock(&worker->mutex);
}

static void close_if_idle(struct worker *worker) {
    uv_handle_t *handle = (uv_handle_t *)&worker->finished;
    if (worker->is_closing && !worker->is_busy && !uv_is_closing(handle)) {
        uv_mutex_lock(&worker->mutex);
        worker->is_ending = true;
        uv_cond_signal(&worker->changed);
        uv_mutex_unlock(&worker->mutex);
        uv_close(handle, NULL);
    }
}

static void on_finished(uv_async_t *async) {
    struct worker *worker = async->data;
    if (worker->is_busy) {
        worker->is_busy = false;
        worker->job.done(worker->job.context);
    }
    close_if_idle(worker);
}

int worker_start(struct worker *worker, uv_loop_t *loop) {
    int failed = uv_mutex_init(&worker->mutex);
    if (failed != 0) {
        return failed;
    }
    failed = uv_cond_init(&worker->changed);
    if (failed != 0) {
        uv_mutex_destroy(&worker->mutex);
        return failed;
    }
    failed = uv_async_init(loop, &worker->finished, on_finished);
    if (failed == 0) {
        worker->finished.data = worker;
        failed = uv_thread_create(&worker->thread, run, worker);
        if (failed == 0) {
            worker->is_started = true;
            return 0;
        }
        uv_close((uv_handle_t *)&worker->finished, NULL);
    }
    uv_cond_destroy(&worker->changed);
    uv_mutex_destroy(&worker->mutex);
    return failed;
}

void worker_do(struct worker *worker, struct worker_job job) {
    uv_mutex_lock(&worker->mutex);
    worker->job = job;
    worker->is_busy = true;
    worker->is_waiting = true;
    uv_cond_signal(&worker->changed);
    uv_mutex_unlock(&worker->mutex);
}

void worker_close(struct worker *worker) {
    if (worker->is_started) {
        worker->is_closing = true;
        close_if_idle(worker);
    }
}

void worker_join(struct worker *worker) {
    if (!worker->is_started) {
        return;
    }
    uv_thread_join(&worker->thread);
    uv_cond_destroy(&worker->changed);
    uv_mutex_destroy(&worker->mutex);
    worker->is_started = false;
}
