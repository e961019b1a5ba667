/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop_state.h"

static void open_beside(void *context) {
    struct loop *loop = context;
    loop->opening_status = opening_run(&loop->opening, &loop->opening_error);
    if (loop->opening_status == STATUS_OK) {
        store_reserve(loop->opening.store);
    }
}

static void begin_traffic(struct loop *loop) {
    struct error error;
    if (loop->handset == NULL) {
        return;
    }
    voice_path_begin(&loop->voice, loop->handset, loop_now(loop));
    sound_settings_begin(&loop->voice, loop_now(loop), &loop->setup->wishes);
    enum status status =
        traffic_begin(&loop->traffic, loop->handset, loop->store, loop_now(loop), &error);
    if (status == STATUS_OK) {
        status = loop_begin_saving(loop, &error);
    }
    int failed = status == STATUS_OK ? loop_start_mailbox_polls(loop) : 0;
    if (failed != 0) {
        status = error_set(&error, STATUS_LIBRARY_FAILED, "the mailboxes cannot be waited for: %s",
                           uv_strerror(failed));
    }
    if (loop->setup->button != NULL && !button_is_there(loop->setup->button)) {
        loop_tell(loop, (struct event){.kind = EVENT_BUTTON_GONE});
    }
    if (status != STATUS_OK) {
        loop_end_with(loop, &error);
    }
}

static void on_opened(void *context) {
    struct loop *loop = context;
    loop->is_opening = false;
    secret_free(loop->passphrase);
    loop->passphrase = NULL;
    if (loop->opening_status == STATUS_WRONG_PASSPHRASE && loop->was_typed) {
        loop_show_phase(loop, PHASE_LOCKED, EVENT_PASSPHRASE_WRONG);
    } else if (loop->opening_status != STATUS_OK) {
        loop_end_with(loop, &loop->opening_error);
    } else if (loop->is_ending) {
        opening_undo(&loop->opening);
    } else {
        loop->store = loop->opening.store;
        loop->handset = loop->opening.handset;
        loop_show_phase(loop, PHASE_UNENROLLED, EVENT_NONE);
        begin_traffic(loop);
        if (!secret_memory_is_locked() && !loop->is_ending) {
            loop_tell(loop, (struct event){.kind = EVENT_MEMORY_NOT_LOCKED});
        }
    }
    loop_after_change(loop);
}

void loop_begin_opening(struct loop *loop, struct span passphrase, bool was_typed,
                        struct event *problem) {
    loop->passphrase = secret_copy(passphrase);
    if (loop->passphrase == NULL) {
        problem->kind = EVENT_OUT_OF_MEMORY;
        return;
    }
    loop->was_typed = was_typed;
    loop->opening = (struct opening){.path = loop->setup->store_path,
                                     .passphrase = secret_span(loop->passphrase),
                                     .strength = loop->setup->strength,
                                     .provider = loop->setup->provider,
                                     .entropy = loop->setup->entropy,
                                     .namer = traffic_namer(&loop->traffic),
                                     .now = loop_now(loop)};
    loop->is_opening = true;
    loop_show_phase(loop, PHASE_UNLOCKING, EVENT_NONE);
    worker_do(&loop->worker,
              (struct worker_job){.work = open_beside, .done = on_opened, .context = loop});
}

void loop_unlock(struct loop *loop, const struct command *command, struct event *problem) {
    if (loop->is_opening || loop->store != NULL) {
        problem->kind = EVENT_STORE_OPEN_ALREADY;
    } else if (command->passphrase[0] == '\0') {
        problem->kind = EVENT_PASSPHRASE_EMPTY;
    } else {
        loop_begin_opening(loop, span_of_text(command->passphrase), true, problem);
    }
}
