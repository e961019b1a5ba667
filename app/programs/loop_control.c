/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/identity/month.h"
#include "app/programs/loop_state.h"

static const char *phase_name(enum view_phase phase) {
    switch (phase) {
    case PHASE_LOCKED:
        return "locked";
    case PHASE_NEW:
        return "new";
    case PHASE_UNLOCKING:
        return "opening";
    case PHASE_UNENROLLED:
        return "not-enrolled";
    case PHASE_READY:
        break;
    }
    return "ready";
}

static json_t *group_of(const struct view_group *group) {
    static const char *const states[] = {
        [GMK_USABLE] = "usable", [GMK_NOT_YET] = "not-yet", [GMK_EXPIRED] = "expired"};
    return json_pack("{s:s, s:s, s:s, s:s, s:I}", "group", group->identity, "name", group->name,
                     "kind", group->kind == GROUP_ADHOC ? "ad-hoc" : "standard", "key",
                     states[group->gmk_state], "left_ms", (json_int_t)group->remaining_ms);
}

/* The last day of the access to the broker, where there is one. */
static void add_access(json_t *answer, int64_t until_ms) {
    char day[DAY_TEXT_SIZE];
    if (until_ms != 0) {
        day_print(until_ms - 1, day);
        (void)json_object_set_new(answer, "broker_until", json_string(day));
    }
}

static void add_handset(json_t *answer, const struct view *view) {
    json_t *groups = json_array();
    for (size_t i = 0; i < view->group_count; i++) {
        (void)json_array_append_new(groups, group_of(&view->groups[i]));
    }
    (void)json_object_set_new(answer, "identity", json_string(view->identity));
    (void)json_object_set_new(answer, "name", json_string(view->name));
    (void)json_object_set_new(answer, "nearby", json_integer((json_int_t)view->nearby_count));
    (void)json_object_set_new(answer, "talking", json_boolean(view->talking));
    (void)json_object_set_new(answer, "radio_silence", json_boolean(view->radio_silence));
    (void)json_object_set_new(answer, "airplane", json_boolean(view->airplane));
    (void)json_object_set_new(answer, "lock_after_ms",
                              json_integer((json_int_t)view->settings.lock_after_ms));
    (void)json_object_set_new(answer, "groups", groups);
}

/* Of a locked handset no more than its screen shows. */
static enum control_outcome answer_status(void *context, struct control_call *call) {
    struct loop *loop = context;
    json_t *answer = call->answer;
    const struct view *view = loop_view(loop);
    const struct confinement *confinement = loop->setup->confinement;
    (void)json_object_set_new(answer, "bound", json_boolean(view->is_bound));
    (void)json_object_set_new(answer, "state", json_string(phase_name(view->phase)));
    (void)json_object_set_new(answer, "files", json_string(confinement_word(confinement->files)));
    (void)json_object_set_new(answer, "calls", json_string(confinement_word(confinement->calls)));
    if (view->phase == PHASE_READY) {
        add_handset(answer, view);
        add_access(answer, loop->traffic.access_until_ms);
    } else if (view->phase == PHASE_LOCKED) {
        (void)json_object_set_new(answer, "wrong_passphrases",
                                  json_integer((json_int_t)view->lock.wrong));
        (void)json_object_set_new(answer, "wait_ms", json_integer((json_int_t)view->lock.wait_ms));
        (void)json_object_set_new(answer, "hears", json_boolean(view->lock.hears));
    }
    return CONTROL_OK;
}

static enum control_outcome carry_out_lock(void *context, struct control_call *call) {
    struct loop *loop = context;
    loop_wake(loop);
    loop_lock(loop);
    if (loop->is_opening) {
        (void)json_object_set_new(call->answer, "problem", json_string("opening"));
        return CONTROL_FAILED; /* it is not open yet; ask again */
    }
    return loop->store == NULL ? CONTROL_OK : CONTROL_LATER;
}

static enum control_outcome carry_out_zeroise(void *context, struct control_call *call) {
    struct loop *loop = context;
    json_t *answer = call->answer;
    loop_destroy(loop); /* the program ends once this is answered */
    const struct destruction *destruction = &loop->setup->zeroise->destruction;
    json_t *left = json_array();
    for (size_t i = 0; i < destruction->left_count; i++) {
        const struct destruction_rest *rest = &destruction->left[i];
        (void)json_array_append_new(left,
                                    json_pack("{s:s, s:b, s:s}", "file", rest->path, "emptied",
                                              rest->is_emptied, "why", strerror(rest->cause)));
    }
    (void)json_object_set_new(
        answer, "destroyed",
        json_integer((json_int_t)(destruction->found - destruction->left_count)));
    (void)json_object_set_new(answer, "left", left);
    return CONTROL_OK;
}

static const struct control_word words[] = {{.word = "status", .carry_out = answer_status},
                                            {.word = "lock", .carry_out = carry_out_lock},
                                            {.word = "zeroise", .carry_out = carry_out_zeroise},
                                            {.word = NULL}};

void loop_begin_control(struct loop *loop) {
    struct error error;
    if (loop->setup->control_path == NULL) {
        return;
    }
    enum status status =
        control_open(&loop->uv, loop->setup->control_path, words, loop, &loop->control, &error);
    loop->control_problem = status == STATUS_OK ? NULL : status_name(status);
}
