/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "app/programs/hook.h"
#include "app/programs/loop_state.h"

/* A log that fails ends; the program goes on, and ends with this line later. */
static void fail_log(struct loop *loop, enum status status) {
    const struct event failed = {.kind = EVENT_LOGGING_FAILED, .check = status_name(status)};
    loop->logs = false;
    loop->result = error_set(loop->error, status, "the log cannot be written: %s",
                             status == STATUS_NO_MEMORY ? "out of memory" : strerror(errno));
    face_notice(loop->setup->face, &failed);
}

/* The line of the log goes to those who follow as well. */
static void write_log(struct loop *loop, const struct event *event,
                      const struct event_proof *proof) {
    char *line;
    if (!loop->logs && control_followers(loop->control) == 0) {
        return;
    }
    enum status status = event_log_line(&loop->log, loop_now(loop).boot_ms, event, proof, &line);
    if (line != NULL) {
        control_tell(loop->control, event_name(event->kind), line);
    }
    if (line != NULL && loop->logs) {
        status = event_log_put(&loop->log, event->kind, line);
    }
    if (loop->logs && status != STATUS_OK && status != STATUS_MALFORMED) {
        fail_log(loop, status);
    }
    free(line);
}

/* What an officer should notice whatever screen they are on; the rest is in the log. */
static void notice(struct loop *loop, const struct event *event, const struct event_proof *proof) {
    if (event_is_for_every_screen(event->kind)) {
        face_notice(loop->setup->face, event);
    }
    if (event_alerts(event->kind)) {
        face_alert(loop->setup->face, loop_now(loop));
        hook_tell(loop->setup->hook, event);
    }
    write_log(loop, event, proof);
}

/* It says nothing while it stands. */
void loop_on_hook(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    (void)uv_poll_stop(poll);
    loop_wake(loop);
    loop_tell(loop, (struct event){.kind = EVENT_HOOK_ENDED});
    loop_after_change(loop);
}

static void tell(void *context, const struct output *output) {
    struct loop *loop = context;
    const struct event_proof proof = {.peer = output->peer, .octets = output->frame};
    notice(loop, &output->event, &proof);
    voice_path_tell(&loop->voice, output->event.kind);
}

void loop_tell(struct loop *loop, struct event event) {
    if (loop->handset != NULL) {
        handset_note(loop->handset, loop_now(loop), &event);
    } else {
        event.utc_ms = loop_now(loop).utc_ms;
        const struct event_proof none = {.peer = EVERYONE};
        notice(loop, &event, &none);
    }
}

static void send_frame(void *context, const struct output *output) {
    struct loop *loop = context;
    traffic_send(&loop->traffic, loop_now(loop), output);
}

static void relay_frame(void *context, const struct output *output) {
    struct loop *loop = context;
    traffic_relay(&loop->traffic, output);
}

static void alarm_officer(void *context, const struct event *event) {
    loop_tell(context, *event);
}

/* How many wrong passphrases destroy the store has to be known before it is open. */
static void set_erasing(struct loop *loop) {
    struct saving *saving = &loop->saving;
    if (saving->erase_after != saving->erasing_set) {
        saving->is_erasing_unset =
            attempts_set_erasing(loop->setup->store_path, saving->erase_after) != STATUS_OK;
        saving->erasing_set = saving->erase_after;
    }
}

static void save_beside(void *context) {
    struct loop *loop = context;
    loop->saving.status =
        store_apply_all(loop->store, loop->saving.batches, loop->saving.count, &loop->saving.error);
    if (store_is_short(loop->store)) {
        store_reserve(loop->store);
    }
    loop->saving.is_short = store_is_short(loop->store);
    set_erasing(loop);
}

static void tell_of_space(struct loop *loop, bool is_short) {
    const struct error full = {STATUS_NO_SPACE, "no space left on the disk of the store"};
    durable_short(loop->durable, is_short ? &full : NULL);
}

static void on_saved(void *context) {
    struct loop *loop = context;
    tell_of_space(loop, loop->saving.is_short);
    durable_written(loop->durable, loop_now(loop).boot_ms, loop->saving.status,
                    &loop->saving.error);
    if (loop->saving.is_erasing_unset) {
        loop->saving.is_erasing_unset = false;
        loop_tell(loop, (struct event){.kind = EVENT_ERASING_NOT_SET,
                                       .check = status_name(STATUS_IO_FAILED)});
    }
    loop_after_change(loop);
    loop_lock_if_idle(loop);
}

static void save_now(struct loop *loop) {
    loop->saving.is_due = false;
    worker_do(&loop->worker,
              (struct worker_job){.work = save_beside, .done = on_saved, .context = loop});
}

/* The worker may be looking at a bundle. */
static void save(void *context, const struct batch *const batches[], size_t count) {
    struct loop *loop = context;
    loop->saving.batches = batches;
    loop->saving.count = count;
    loop->saving.is_due = loop->worker.is_busy;
    if (!loop->saving.is_due) {
        save_now(loop);
    }
}

void loop_save_what_waited(struct loop *loop) {
    if (loop->saving.is_due && !loop->setup->zeroise->is_done) {
        save_now(loop);
    }
}

enum status loop_begin_saving(struct loop *loop, struct error *error) {
    const struct durable_hands hands = {.context = loop,
                                        .send = send_frame,
                                        .relay = relay_frame,
                                        .tell = tell,
                                        .alarm = alarm_officer};
    const struct durable_worker worker = {.context = loop, .write = save};
    loop->durable = durable_new(loop->handset, &hands, &worker);
    if (loop->durable == NULL) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory");
    }
    tell_of_space(loop, store_is_short(loop->store));
    return STATUS_OK;
}
