/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop_state.h"

enum {
    PARTING_MS = 1200 /* the other side of a call asks twice a second whether it goes on */
};

void loop_end_talk(struct loop *loop) {
    static const enum command_kind kinds[] = {COMMAND_TALK_END, COMMAND_HANG_UP};
    for (size_t i = 0; loop->handset != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        struct event problem;
        struct command command = {.kind = kinds[i]};
        if (handset_command(loop->handset, loop_now(loop), &command, &problem) == STATUS_OK) {
            loop_settle(loop);
        }
    }
}

static void close_handle(uv_handle_t *handle, void *context) {
    const struct loop *loop = context;
    if (!uv_is_closing(handle) && handle != (const uv_handle_t *)&loop->worker.finished) {
        uv_close(handle, NULL);
    }
}

void loop_end(struct loop *loop) {
    loop->is_ending = true;
    if (loop->durable != NULL && !loop->setup->zeroise->is_done) {
        durable_hurry(loop->durable);
    }
    control_close(loop->control);
    uv_walk(&loop->uv, close_handle, loop);
    worker_close(&loop->worker);
}

bool loop_is_leaving(const struct loop *loop) {
    return loop->is_ending || loop->after_parting == loop_end;
}

static bool is_parting(const struct loop *loop) {
    return loop->handset != NULL && handset_view(loop->handset, loop_now(loop))->call_is_parting;
}

void loop_part(struct loop *loop, void (*then)(struct loop *)) {
    loop_end_talk(loop);
    if (loop->is_ending) {
        return;
    }
    if (is_parting(loop)) {
        loop->after_parting = then;
        loop->part_by_ms = loop_now(loop).boot_ms + PARTING_MS;
    } else {
        then(loop);
    }
}

void loop_part_if_it_is_time(struct loop *loop) {
    if (loop->after_parting != NULL &&
        (!is_parting(loop) || loop_now(loop).boot_ms >= loop->part_by_ms)) {
        void (*then)(struct loop *) = loop->after_parting;
        loop->after_parting = NULL;
        then(loop);
    }
}

void loop_end_in_order(struct loop *loop) {
    if (loop_is_leaving(loop)) {
        return;
    }
    loop_part(loop, loop_end);
    if (!loop->is_ending && face_descriptor(loop->setup->face) >= 0) {
        (void)uv_poll_stop(&loop->face_poll); /* keys count no more, and it may have hung up */
    }
}

void loop_end_with(struct loop *loop, const struct error *error) {
    if (loop->result == STATUS_OK) {
        *loop->error = *error;
        loop->result = error->status;
    }
    if (!loop->is_ending) {
        loop_end(loop);
    }
}

void loop_on_signal(uv_signal_t *signal, int number) {
    (void)number;
    loop_end_in_order(signal->data);
}

static void stop(struct loop *loop) {
    face_stop(loop->setup->face);
}

/* Job control stops the program once nobody hears the microphone any more. */
void loop_on_stopping(uv_signal_t *signal, int number) {
    (void)number;
    struct loop *loop = signal->data;
    loop_wake(loop);
    if (loop->after_parting == NULL) {
        loop_part(loop, stop);
    }
}
