/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/identity/month.h"
#include "app/programs/event_json.h"
#include "app/programs/loop_state.h"
#include "app/programs/view_json.h"

enum {
    LOG_LINES = 100,
    SINCE_MOST_MS = 24 * 60 * 60 * 1000
};

/* The last day of the access to the broker, where there is one. */
static void add_access(json_t *answer, int64_t until_ms) {
    char day[DAY_TEXT_SIZE];
    if (until_ms != 0) {
        day_print(until_ms - 1, day);
        (void)json_object_set_new(answer, "broker_until", json_string(day));
    }
}

/* Of a locked handset no more than its screen shows. */
static enum control_outcome answer_status(void *context, struct control_call *call) {
    struct loop *loop = context;
    json_t *answer = call->answer;
    const struct view *view = loop_view(loop);
    const struct confinement *confinement = loop->setup->confinement;
    view_json_add(answer, view);
    (void)json_object_set_new(answer, "files", json_string(confinement_word(confinement->files)));
    (void)json_object_set_new(answer, "calls", json_string(confinement_word(confinement->calls)));
    if (view->phase == PHASE_READY) {
        (void)json_object_set_new(answer, "followers",
                                  json_integer((json_int_t)control_followers(loop->control)));
        add_access(answer, loop->traffic.access_until_ms);
    }
    return CONTROL_OK;
}

/* --- What is asked of an open handset --------------------------------------------------------- */

enum control_outcome loop_control_refuse(struct control_call *call, const char *problem) {
    (void)json_object_set_new(call->answer, "problem", json_string(problem));
    return CONTROL_FAILED;
}

bool loop_control_is_open(struct loop *loop, struct control_call *call) {
    bool is_open = loop->handset != NULL && !loop->is_locking && loop->after_parting == NULL &&
                   !loop_is_leaving(loop) && !loop->setup->zeroise->is_done;
    if (!is_open) {
        (void)loop_control_refuse(
            call, loop->handset != NULL ? "busy" : view_json_phase(loop_view(loop)->phase));
    }
    return is_open;
}

const struct view_group *loop_control_group(struct loop *loop, struct control_call *call) {
    const struct view *view = loop_view(loop);
    const char *wanted = json_string_value(json_object_get(call->request, "group"));
    const struct view_group *found = NULL;
    size_t count = 0;
    for (size_t i = 0; i < view->group_count; i++) {
        const struct view_group *group = &view->groups[i];
        if (strcmp(group->identity, wanted) == 0) {
            return group;
        }
        if (strcmp(group->name, wanted) == 0) {
            found = group;
            count++;
        }
    }
    if (count != 1) {
        (void)loop_control_refuse(call, count == 0 ? "no-such-group" : "ambiguous");
        return NULL;
    }
    return found;
}

static enum control_outcome answer_groups(void *context, struct control_call *call) {
    struct loop *loop = context;
    if (!loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    json_t *groups;
    if (json_object_get(call->request, "group") == NULL) {
        groups = view_json_groups(loop_view(loop));
    } else {
        const struct view_group *group = loop_control_group(loop, call);
        if (group == NULL) {
            return CONTROL_FAILED;
        }
        groups = json_array();
        (void)json_array_append_new(groups, view_json_group(group, true));
    }
    (void)json_object_set_new(call->answer, "groups", groups);
    return CONTROL_OK;
}

static enum control_outcome answer_nearby(void *context, struct control_call *call) {
    struct loop *loop = context;
    if (!loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    const struct view *view = loop_view(loop);
    (void)json_object_set_new(call->answer, "nearby", view_json_nearby(view));
    (void)json_object_set_new(call->answer, "total", json_integer((json_int_t)view->nearby_total));
    return CONTROL_OK;
}

static enum control_outcome answer_log(void *context, struct control_call *call) {
    struct loop *loop = context;
    if (!loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    (void)json_object_set_new(call->answer, "events", view_json_log(loop_view(loop), LOG_LINES));
    return CONTROL_OK;
}

/* The latest event of that kind, if it was not longer ago than that; NULL: there is none. */
static json_t *past_event(const struct view *view, enum event_kind kind, int64_t since_ms) {
    for (size_t i = 0; i < view->log_count; i++) {
        const struct event *event = &view->log[i];
        if (event->kind == kind && event->utc_ms >= view->utc_ms - since_ms) {
            return event_json_object(event);
        }
    }
    return NULL;
}

/* While it is locked, only for that to be over. */
static enum control_outcome follow(void *context, struct control_call *call) {
    struct loop *loop = context;
    const char *name = json_string_value(json_object_get(call->request, "event"));
    int64_t since_ms = json_integer_value(json_object_get(call->request, "since_ms"));
    enum event_kind kind = name == NULL ? EVENT_NONE : event_named(name);
    if (name != NULL && kind == EVENT_NONE) {
        return loop_control_refuse(call, "no-such-event");
    }
    if (since_ms < 0 || since_ms > SINCE_MOST_MS) {
        return loop_control_refuse(call, "malformed");
    }
    bool is_of_lock = kind == EVENT_UNLOCKED && loop->handset == NULL && !loop_is_leaving(loop);
    if (!is_of_lock && !loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    json_t *past = is_of_lock || since_ms == 0 || kind == EVENT_NONE
                       ? NULL
                       : past_event(loop_view(loop), kind, since_ms);
    if (past != NULL) {
        (void)json_object_set_new(call->answer, "past", past);
        return CONTROL_OK;
    }
    call->topic = kind == EVENT_NONE ? NULL : event_name(kind);
    return CONTROL_FOLLOWED;
}

void loop_control_settle_talk(struct loop *loop) {
    if (control_is_held(loop->control) &&
        (loop->handset == NULL || !handset_is_talking(loop->handset))) {
        control_release(loop->control, "talk-ended");
    } else if (control_is_held(loop->control) && given_voice_is_over(&loop->voice.given)) {
        loop_control_end_talk(loop);
        control_release(loop->control, NULL);
    }
    control_read_on(loop->control);
}

void loop_settle_control(struct loop *loop) {
    loop_control_settle_talk(loop);
    if (loop->is_quit && !loop_is_leaving(loop)) {
        loop->is_quit = false;
        loop_end_in_order(loop);
    }
}

static const struct control_word words[] = {
    {.word = "status", .carry_out = answer_status},
    {.word = "lock", .carry_out = loop_control_lock},
    {.word = "zeroise", .carry_out = loop_control_zeroise},
    {.word = "quit", .carry_out = loop_control_quit},
    {.word = "groups",
     .carry_out = answer_groups,
     .arguments = {{.name = "group", .is_optional = true}}},
    {.word = "nearby", .carry_out = answer_nearby},
    {.word = "log", .carry_out = answer_log},
    {.word = "follow",
     .carry_out = follow,
     .arguments = {{.name = "event", .is_optional = true},
                   {.name = "since_ms", .is_number = true, .is_optional = true}}},
    {.word = "message",
     .carry_out = loop_control_message,
     .arguments = {{.name = "group"}, {.name = "text"}}},
    {.word = "group",
     .carry_out = loop_control_make_group,
     .arguments = {{.name = "name"},
                   {.name = "with", .is_list = true},
                   {.name = "period_ms", .is_number = true, .is_optional = true}}},
    {.word = "delete", .carry_out = loop_control_delete_group, .arguments = {{.name = "group"}}},
    {.word = "silence", .carry_out = loop_control_silence, .arguments = {{.name = "state"}}},
    {.word = "accept",
     .carry_out = loop_control_accept,
     .arguments = {{.name = "who", .is_optional = true}}},
    {.word = "talk",
     .carry_out = loop_control_talk,
     .arguments = {{.name = "group"},
                   {.name = "for_ms", .is_number = true},
                   {.name = "voice", .is_number = true, .is_optional = true}},
     .let_go = loop_control_end_talk,
     .room = loop_control_voice_room,
     .take = loop_control_take_voice},
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
