/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/programs/conditions.h"
#include "app/programs/loop_state.h"
#include "app/programs/sounding.h"
#include "app/programs/waiting.h"
#include "crypto/secret.h"

enum {
    STACK_DEPTH = 256 * 1024 /* drawing and listing go less than half as deep */
};

const struct view *loop_view(void *context) {
    struct loop *loop = context;
    struct moment now = loop_now(loop);
    if (loop->handset != NULL) {
        const struct view *view = handset_view(loop->handset, now);
        if (!sounding_is_live(&loop->voice)) {
            return view;
        }
        loop->view = *view; /* a megabyte, once in each turn of the face */
        sounding_show(&loop->voice, &loop->view.sound);
        return &loop->view;
    }
    loop->view.utc_ms = now.utc_ms;
    loop->view.lock.hears = loop->ear != NULL;
    loop->view.lock.wait_ms =
        loop->wait_until_ms > now.boot_ms ? loop->wait_until_ms - now.boot_ms : 0;
    return &loop->view;
}

uint64_t loop_version(void *context, uint64_t *levels) {
    const struct loop *loop = context;
    return loop->view_version +
           (loop->handset != NULL ? handset_version(loop->handset, levels) : 0);
}

/* Before there is a handset. */
void loop_show_phase(struct loop *loop, enum view_phase phase, enum event_kind problem) {
    loop->view.phase = phase;
    loop->view.problem = (struct event){.kind = problem};
    loop->view_version++;
}

void loop_attend(struct loop *loop) {
    if (loop_is_leaving(loop)) {
        return;
    }
    enum face_state state = face_attend(loop->setup->face, loop_now(loop));
    if (state == FACE_GOES_ON && loop_is_leaving(loop) && loop->result == STATUS_OK) {
        state = face_quit(loop->setup->face);
    }
    switch (state) {
    case FACE_GOES_ON:
        break;
    case FACE_ENDED:
        loop_end_in_order(loop);
        break;
    case FACE_FAILED:
        loop_end_with(loop,
                      &(struct error){STATUS_NOT_FOUND, "a line of the script did not come true"});
        break;
    }
}

void loop_after_change(struct loop *loop) {
    loop_settle(loop);
    if (loop_is_scripted(loop)) {
        loop_attend(loop);
    }
}

void loop_on_face_input(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    loop_wake(loop);
    loop_attend(loop);
    loop_settle(loop);
}

/* The window has another size: it is asked for with each drawing. */
void loop_on_resized(uv_signal_t *signal, int number) {
    (void)number;
    struct loop *loop = signal->data;
    loop_wake(loop);
    loop_attend(loop);
    loop_settle(loop);
}

/* Whatever a shell began is the officer's now, and does not end with the shell's command. */
static void take_over(struct loop *loop) {
    control_release(loop->control, "taken-over");
    given_voice_end(&loop->voice.given);
}

void loop_on_button(uv_poll_t *poll, int status, int events) {
    (void)status;
    (void)events;
    struct loop *loop = poll->data;
    enum button_news news;
    loop_wake(loop);
    while (!loop->is_ending && button_next(loop->setup->button, &news)) {
        if (news == BUTTON_PRESSED) {
            take_over(loop);
        }
        if (news != BUTTON_BACK) {
            face_button(loop->setup->face, news == BUTTON_PRESSED, loop_now(loop));
        }
        if (news == BUTTON_GONE || news == BUTTON_BACK) {
            loop_tell(loop, (struct event){.kind = news == BUTTON_GONE ? EVENT_BUTTON_GONE
                                                                       : EVENT_BUTTON_BACK});
        }
    }
    loop_after_change(loop);
}

/* Waking up is all: what is due is done before the loop waits again. */
static void on_face_timer(uv_timer_t *timer) {
    (void)timer;
}

void loop_on_before_waiting(uv_prepare_t *prepare) {
    struct loop *loop = prepare->data;
    loop->has_received = false;
    loop_wake(loop);
    loop_part_if_it_is_time(loop);
    if (loop->setup->zeroise->is_done && !loop->is_ending) {
        loop_zeroise(loop);
    }
    loop_settle_control(loop);
    if (loop_now(loop).boot_ms >= loop_lock_deadline(loop)) {
        loop_lock(loop);
    }
    if (!loop_is_leaving(loop) && face_deadline(loop->setup->face) <= loop_now(loop).boot_ms) {
        loop_settle(loop);
        loop_attend(loop);
        loop_settle(loop);
    }
    if (!loop->is_ending) {
        int64_t face_ms = loop_is_leaving(loop) ? INT64_MAX : face_deadline(loop->setup->face);
        int64_t part_ms = loop->after_parting != NULL ? loop->part_by_ms : loop_lock_deadline(loop);
        bool is_woken = voice_path_plays(&loop->voice) && loop->handset != NULL &&
                        !handset_is_talking(loop->handset);
        /* Whoever plays comes by here with the next frame, and what is due then is drawn. */
        face_ms += is_woken && face_ms < INT64_MAX - VOICE_FRAME_MS ? VOICE_FRAME_MS : 0;
        waiting_beyond(&loop->face_timer, on_face_timer, loop_now(loop).boot_ms,
                       part_ms < face_ms ? part_ms : face_ms);
    }
    wakefulness_wait(&loop->wakefulness, loop_now(loop).boot_ms, uv_backend_timeout(&loop->uv));
    if (loop->wipes_stack) {
        /* From here, since the wait's own frame takes in what others have left. */
        loop->wipes_stack = false;
        secret_wipe_deep_stack(STACK_DEPTH);
    }
}

void loop_carry_out(void *context, struct command *command, struct event *problem) {
    struct loop *loop = context;
    if (loop->is_ending || loop->is_locking || loop->after_parting != NULL) {
        return;
    }
    if (command->kind == COMMAND_QUIT) {
        loop_end_in_order(loop);
    } else if (command->kind == COMMAND_UNLOCK) {
        loop_unlock(loop, command, problem);
    } else if (command->kind == COMMAND_LOCK) {
        loop_lock(loop);
    } else if (command->kind == COMMAND_ZEROISE) {
        loop_zeroise(loop);
    } else if (loop->handset == NULL && loop_enrol(loop, command)) {
        return;
    } else if (loop->handset == NULL) {
        problem->kind = EVENT_NOT_ENROLLED;
    } else if (sounding_carry_out(&loop->voice, loop_now(loop), command, problem)) {
        loop->view_version++;
        loop_settle(loop);
    } else {
        enum status status = handset_command(loop->handset, loop_now(loop), command, problem);
        if (status != STATUS_OK && command->kind == COMMAND_TALK_BEGIN) {
            voice_path_refuse(&loop->voice);
        }
        if (command->kind == COMMAND_LOCK_AFTER || command->kind == COMMAND_ERASE_AFTER) {
            loop_take_lock_settings(loop);
        }
        loop_settle(loop);
    }
}

void loop_officer_command(void *context, struct command *command, struct event *problem) {
    struct loop *loop = context;
    loop_control_settle_talk(loop);
    if (command->kind == COMMAND_TALK_BEGIN ||
        (command->kind == COMMAND_EMERGENCY && command->on)) {
        take_over(loop);
    }
    loop_carry_out(loop, command, problem);
}
