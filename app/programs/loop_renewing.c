/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop_state.h"
#include "crypto/secret.h"

enum {
    AGAIN_MS = 60 * 1000 /* after one that brought nothing */
};

static bool is_same(const struct secret *bundle, struct span text) {
    return bundle != NULL && bundle->length == text.length &&
           secret_equal(bundle->octets, text.octets, text.length);
}

bool loop_take_bundle(struct loop *loop, uint64_t peer, struct span frame) {
    struct loop_renewal *renewal = &loop->renewal;
    if (loop->handset == NULL || !traffic_is_bundle(&loop->traffic, peer, frame)) {
        return false;
    }
    if (!loop->is_ending && !is_same(renewal->seen, frame) && !is_same(renewal->waiting, frame)) {
        secret_free(renewal->waiting);
        renewal->waiting = secret_copy(frame); /* NULL: it comes with the next connection */
    }
    return true;
}

void loop_forget_bundles(struct loop *loop) {
    struct loop_renewal *renewal = &loop->renewal;
    renewing_clear(&renewal->work);
    secret_free(renewal->waiting);
    secret_free(renewal->looked_at);
    secret_free(renewal->seen);
    *renewal = (struct loop_renewal){.due_ms = 0};
}

/* --- What came of it ------------------------------------------------------------------------- */

/* It was installed, or never will be. Whoever sends it again costs nothing more. */
static void be_done_with_it(struct loop_renewal *renewal) {
    secret_free(renewal->seen);
    renewal->seen = renewal->looked_at;
    renewal->looked_at = NULL;
}

static void tell_refusal(struct loop *loop, enum status status) {
    struct event event = {.kind = EVENT_RENEWAL_REFUSED, .check = status_name(status)};
    if (status == STATUS_NOT_ALLOWED) {
        event.kind = EVENT_RENEWAL_BY_HAND;
    }
    loop_tell(loop, event);
}

/* It waits unless another one has come meanwhile. */
static void try_again_later(struct loop *loop, enum status status) {
    struct loop_renewal *renewal = &loop->renewal;
    if (renewal->waiting == NULL) {
        renewal->waiting = renewal->looked_at;
        renewal->looked_at = NULL;
    }
    if (!renewal->is_told) {
        loop_tell(loop,
                  (struct event){.kind = EVENT_RENEWAL_NOT_SAVED, .check = status_name(status)});
    }
    renewal->is_told = true;
}

/* To the engine, and to the broker with the new access. */
static enum status take(struct loop *loop) {
    struct renewing *work = &loop->renewal.work;
    struct command command = {.kind = COMMAND_RENEW, .renewal = &work->renewal};
    struct event problem;
    enum status status = handset_command(loop->handset, loop_now(loop), &command, &problem);
    if (status != STATUS_OK) {
        return problem.kind == EVENT_CANNOT_SAVE ? STATUS_IO_FAILED : status;
    }
    if (work->is_other_log) {
        loop_tell(loop, (struct event){.kind = EVENT_KMS_LOG_DIFFERS});
    }
    if (work->installing.access != NULL) {
        traffic_renew(&loop->traffic, loop_now(loop), work->installing.access);
        work->installing.access = NULL;
    }
    return STATUS_OK;
}

static void look_beside(void *context) {
    renewing_run(&((struct loop *)context)->renewal.work);
}

static void on_looked(void *context) {
    struct loop *loop = context;
    struct loop_renewal *renewal = &loop->renewal;
    enum status status = renewal->work.status;
    loop_save_what_waited(loop);
    if (!loop->is_ending && !loop->is_locking) {
        status = status == STATUS_OK ? take(loop) : status;
        if (status != STATUS_OK) {
            renewal->due_ms = loop_now(loop).boot_ms + AGAIN_MS;
        }
        if (renewing_may_try_again(status)) {
            try_again_later(loop, status);
        } else if (status == STATUS_OK || status == STATUS_ALREADY_DONE) {
            renewal->is_told = false;
            be_done_with_it(renewal);
        } else {
            tell_refusal(loop, status);
            be_done_with_it(renewal);
        }
    }
    renewing_clear(&renewal->work);
    secret_free(renewal->looked_at);
    renewal->looked_at = NULL;
    if (!loop->is_ending) {
        loop_after_change(loop);
        loop_lock_if_idle(loop);
    }
}

/* --- When --------------------------------------------------------------------------------------
 */

/* The store is read as it is once all that the engine has queued is in it. */
static bool may_look(const struct loop *loop) {
    return loop->renewal.waiting != NULL && !loop->worker.is_busy && !loop->is_locking &&
           loop->after_parting == NULL && durable_is_done(loop->durable, NULL);
}

int64_t loop_renewal_deadline(const struct loop *loop) {
    return may_look(loop) ? loop->renewal.due_ms : INT64_MAX;
}

void loop_look_at_bundle(struct loop *loop) {
    struct loop_renewal *renewal = &loop->renewal;
    if (loop_now(loop).boot_ms < loop_renewal_deadline(loop)) {
        return;
    }
    renewal->looked_at = renewal->waiting;
    renewal->waiting = NULL;
    renewal->work = (struct renewing){.provider = loop->setup->provider,
                                      .store = loop->store,
                                      .store_path = loop->setup->store_path,
                                      .text = secret_span(renewal->looked_at),
                                      .now_ms = loop_now(loop).utc_ms};
    worker_do(&loop->worker,
              (struct worker_job){.work = look_beside, .done = on_looked, .context = loop});
}
