/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <string.h>

#include "app/programs/heap.h"
#include "app/programs/hook.h"
#include "app/programs/loop_state.h"
#include "crypto/secret.h"

/* --- What is set ------------------------------------------------------------------------------ */

_Static_assert((int)SETTINGS_ERASE_AFTER_LEAST == (int)ATTEMPTS_ERASE_LEAST, "as it can be set");
_Static_assert((int)SETTINGS_ERASE_AFTER_MOST == (int)ATTEMPTS_ERASE_MOST, "as it can be set");

void loop_take_lock_settings(struct loop *loop) {
    const struct view_settings *set = &handset_view(loop->handset, loop_now(loop))->settings;
    loop->lock_after_ms = set->lock_after_ms;
    loop->saving.erase_after = set->erase_after;
}

void loop_look_at_attempts(struct loop *loop) {
    struct attempts attempts;
    attempts_look(loop->setup->store_path, &attempts);
    loop->wait_until_ms = loop_now(loop).boot_ms + attempts.wait_ms;
    loop->view.is_bound = binding_exists(loop->setup->store_path);
    loop->view.lock = (struct view_lock){.was_open = loop->was_open,
                                         .wrong = attempts.wrong,
                                         .wait_ms = attempts.wait_ms,
                                         .erase_after = attempts.erase_after};
}

int64_t loop_lock_deadline(struct loop *loop) {
    if (loop->handset == NULL || loop->lock_after_ms == 0 || loop->is_locking ||
        face_is_of_nothing(loop->setup->face)) { /* nobody could unlock it */
        return INT64_MAX;
    }
    if (handset_is_talking(loop->handset)) {
        loop->in_use_ms = loop_now(loop).boot_ms;
    }
    int64_t pressed_ms = face_pressed_ms(loop->setup->face);
    int64_t since_ms = pressed_ms > loop->in_use_ms ? pressed_ms : loop->in_use_ms;
    return since_ms + loop->lock_after_ms;
}

/* --- Locking ---------------------------------------------------------------------------------- */

/* Where the officer has set it so, the handset's ear goes on; it hears nothing in airplane mode.
 * Whether there is one is shown: without a group's key, or without memory for it, there is none. */
static void close_handset(struct loop *loop) {
    const struct moment now = loop_now(loop);
    if (loop->handset != NULL) {
        const struct view *view = handset_view(loop->handset, now);
        loop->is_silent = view->radio_silence;
        loop->is_off = view->airplane;
        if (view->settings.hears_locked && !view->airplane &&
            ear_new(loop->handset, now, &loop->ear) != STATUS_OK) {
            loop->ear = NULL;
        }
    }
    loop_stop_mailbox_polls(loop);
    loop_forget_bundles(loop);
    loop_forget_enrolment(loop);
    (void)uv_timer_stop(&loop->deadline_timer);
    (void)uv_timer_stop(&loop->voice_timer);
    voice_path_end(&loop->voice);
    traffic_rest(&loop->traffic, loop->ear != NULL);
    durable_free(loop->durable);
    handset_free(loop->handset);
    store_close(loop->store);
    loop->durable = NULL;
    loop->handset = NULL;
    loop->store = NULL;
    if (loop->ear != NULL) {
        voice_path_begin_ear(&loop->voice, loop->ear, now);
        loop_settle_ear(loop);
    }
}

static void close_ear(struct loop *loop) {
    voice_path_end(&loop->voice);
    ear_free(loop->ear);
    loop->ear = NULL;
}

/* Somebody may have put another store there, which may have no handset in it. */
void loop_take_back_ear(struct loop *loop) {
    if (loop->ear == NULL) {
        return;
    }
    if (loop->handset != NULL) {
        ear_give_back(loop->ear, loop->handset, loop_now(loop));
    }
    close_ear(loop);
}

void loop_settle_ear(struct loop *loop) {
    const struct moment now = loop_now(loop);
    if (now.boot_ms >= ear_deadline(loop->ear)) {
        ear_tick(loop->ear, now);
    }
    if (!ear_has_key(loop->ear)) {
        close_ear(loop);
        traffic_rest(&loop->traffic, false);
        loop->view_version++;
        return;
    }
    voice_path_settle(&loop->voice, now);
    loop_tell_of_devices(loop);
    loop_wait(loop, ear_deadline(loop->ear));
}

/* What is not in a room of its own: pictures, and what functions have left on the stack. The worker
 * wipes its own stack after each job. What the C library still keeps of freed memory is zeros
 * (heap.h). */
static void forget(struct loop *loop) {
    explicit_bzero(&loop->view, sizeof loop->view);
    explicit_bzero(&loop->saving, sizeof loop->saving);
    explicit_bzero(&loop->opening, sizeof loop->opening);
    face_forget(loop->setup->face);
    hook_forget(loop->setup->hook);
    loop->wipes_stack = true; /* before the next wait: from here not all of it is in reach */
    if (heap_wipes_what_is_freed()) {
        (void)malloc_trim(0);
    }
}

void loop_lock_if_idle(struct loop *loop) {
    if (!loop->is_locking || loop->worker.is_busy || loop->is_ending) {
        return;
    }
    bool is_saved = loop->durable == NULL || durable_is_done(loop->durable, NULL);
    loop->is_locking = false;
    close_handset(loop);
    forget(loop);
    loop->was_open = true;
    loop_show_phase(loop, PHASE_LOCKED, is_saved ? EVENT_NONE : EVENT_LOCKED_UNSAVED);
    loop_look_at_attempts(loop);
    loop_tell(loop, (struct event){.kind = is_saved ? EVENT_LOCKED : EVENT_LOCKED_UNSAVED});
    control_end_following(loop->control); /* they were told that */
    control_done(loop->control);
}

/* Whatever of it could not be saved yet is tried a last time. */
static void begin_locking(struct loop *loop) {
    loop_settle(loop);
    loop->is_locking = true;
    if (loop->durable != NULL) {
        durable_hurry(loop->durable);
    }
    loop_lock_if_idle(loop);
}

void loop_lock(struct loop *loop) {
    if (loop->store != NULL && !loop->is_locking && loop->after_parting == NULL &&
        !loop->is_ending) {
        loop_part(loop, begin_locking);
    }
}

/* --- Zeroising -------------------------------------------------------------------------------- */

/* Nobody is parted from, and nothing is saved any more: what counts is that it is quick. */
void loop_destroy(struct loop *loop) {
    loop->logs = false;
    zeroise_run(loop->setup->zeroise);
}

/* The memory is wiped as the program ends. */
void loop_zeroise(struct loop *loop) {
    loop_destroy(loop);
    if (!loop->is_ending) {
        loop_end(loop);
    }
}
