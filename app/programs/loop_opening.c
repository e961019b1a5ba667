/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/loop_state.h"

/* As it is set in the store; it was lost if somebody removed the file of the attempts. */
void loop_set_erasing(struct loop *loop) {
    struct opening *opening = &loop->opening;
    if (opening->handset == NULL) {
        return;
    }
    unsigned erase_after = handset_view(opening->handset, opening->now)->settings.erase_after;
    if (attempts_set_erasing(opening->path, erase_after) == STATUS_OK) {
        loop->attempts.erase_after = erase_after;
    }
}

static void open_beside(void *context) {
    struct loop *loop = context;
    attempts_look(loop->setup->store_path, &loop->attempts);
    loop->opening_status = opening_run(&loop->opening, &loop->opening_error);
    if (loop->opening_status == STATUS_OK) {
        store_reserve(loop->opening.store);
        loop_set_erasing(loop);
        loop_recall_request(loop);
    }
}

/* Radio silence and airplane mode outlast a lock: who unlocks does not go on the air by that. */
static void restore_modes(struct loop *loop) {
    static const enum command_kind kinds[] = {COMMAND_RADIO_SILENCE, COMMAND_AIRPLANE};
    const bool are_on[] = {loop->is_silent, loop->is_off};
    for (size_t i = 0; i < 2; i++) {
        const struct command command = {.kind = kinds[i], .on = 1};
        struct event problem;
        if (are_on[i]) {
            enum status status = handset_command(loop->handset, loop_now(loop), &command, &problem);
            (void)status; /* it has no reason to fail */
        }
    }
    loop->is_silent = loop->is_off = false;
}

/* What was tried before is told to who has the right passphrase. */
static void tell_of_opening(struct loop *loop) {
    if (loop->was_open) {
        loop_tell(loop, (struct event){.kind = EVENT_UNLOCKED});
    }
    if (loop->attempts.wrong > 0) {
        loop_tell(loop,
                  (struct event){.kind = EVENT_WRONG_PASSPHRASES, .count = loop->attempts.wrong});
    }
    if (loop->control_problem != NULL) {
        loop_tell(loop,
                  (struct event){.kind = EVENT_CONTROL_CLOSED, .check = loop->control_problem});
    }
    const char *gap = confinement_gap(loop->setup->confinement);
    if (gap != NULL) {
        loop_tell(loop, (struct event){.kind = EVENT_NOT_CONFINED, .check = gap});
    }
    loop->was_open = false;
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
    loop_take_lock_settings(loop);
    loop->saving.erasing_set = loop->attempts.erase_after;
    loop->in_use_ms = loop_now(loop).boot_ms;
    restore_modes(loop);
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

void loop_begin_handset(struct loop *loop) {
    loop->store = loop->opening.store;
    loop->handset = loop->opening.handset;
    loop_take_back_ear(loop);
    loop_show_phase(loop, PHASE_UNENROLLED, EVENT_NONE);
    begin_traffic(loop);
    tell_of_opening(loop);
    if (!secret_memory_is_locked() && !loop->is_ending) {
        loop_tell(loop, (struct event){.kind = EVENT_MEMORY_NOT_LOCKED});
    }
}

static void on_opened(void *context) {
    struct loop *loop = context;
    loop->is_opening = false;
    secret_free(loop->passphrase);
    loop->passphrase = NULL;
    if (loop->opening_status == STATUS_WRONG_PASSPHRASE && !store_exists(loop->setup->store_path)) {
        loop_zeroise(loop); /* it was one too many */
    } else if (loop->was_typed && loop->opening_status == STATUS_WRONG_PASSPHRASE) {
        loop_show_phase(loop, PHASE_LOCKED, EVENT_PASSPHRASE_WRONG);
        loop_look_at_attempts(loop);
    } else if (loop->was_typed && loop->opening_status == STATUS_RATE_LIMITED) {
        loop_show_phase(loop, PHASE_LOCKED, EVENT_PASSPHRASE_TOO_SOON);
        loop_look_at_attempts(loop);
    } else if (loop->opening_status != STATUS_OK) {
        loop_end_with(loop, &loop->opening_error);
    } else if (loop->is_ending) {
        opening_undo(&loop->opening);
    } else {
        loop_show_request(loop);
        loop_begin_handset(loop);
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
                                     .binding = loop->setup->binding,
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
    } else if (loop_now(loop).boot_ms < loop->wait_until_ms) {
        problem->kind = EVENT_PASSPHRASE_TOO_SOON;
    } else if (command->passphrase[0] == '\0') {
        problem->kind = EVENT_PASSPHRASE_EMPTY;
    } else {
        loop_begin_opening(loop, span_of_text(command->passphrase), true, problem);
    }
}
