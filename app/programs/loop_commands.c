/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "app/programs/loop_state.h"
#include "app/programs/view_json.h"
#include "ui/screens/new_group.h"
#include "ui/words/event.h"

enum control_outcome loop_control_lock(void *context, struct control_call *call) {
    struct loop *loop = context;
    loop_wake(loop);
    loop_lock(loop);
    if (loop->is_opening) {
        return loop_control_refuse(call, "opening"); /* it is not open yet; ask again */
    }
    return loop->store == NULL ? CONTROL_OK : CONTROL_LATER;
}

enum control_outcome loop_control_zeroise(void *context, struct control_call *call) {
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

/* The program ends once this is answered. */
enum control_outcome loop_control_quit(void *context, struct control_call *call) {
    (void)call;
    struct loop *loop = context;
    loop->is_quit = true;
    return CONTROL_OK;
}

/* As if the officer had done it on the screen. */
static struct event try(struct loop *loop, struct command *command) {
    struct event problem = {.kind = EVENT_NONE};
    loop_wake(loop);
    loop_carry_out(loop, command, &problem);
    return problem;
}

/* The answer says why not, for a program and with the words of the screen. */
static enum control_outcome tell(struct control_call *call, const struct event *problem) {
    char words[EVENT_WORDS_SIZE];
    if (problem->kind == EVENT_NONE) {
        return CONTROL_OK;
    }
    event_words(problem, words, sizeof words);
    (void)json_object_set_new(call->answer, "words", json_string(words));
    if (problem->check != NULL) {
        (void)json_object_set_new(call->answer, "check", json_string(problem->check));
    }
    return loop_control_refuse(call, event_name(problem->kind));
}

enum control_outcome loop_control_message(void *context, struct control_call *call) {
    struct loop *loop = context;
    const struct view_group *group =
        loop_control_is_open(loop, call) ? loop_control_group(loop, call) : NULL;
    if (group == NULL) {
        return CONTROL_FAILED;
    }
    const json_t *text = json_object_get(call->request, "text");
    struct command wanted = {.kind = COMMAND_MESSAGE,
                             .text = json_string_value(text),
                             .text_length = json_string_length(text)};
    snprintf(wanted.group, sizeof wanted.group, "%s", group->identity);
    const struct event problem = try(loop, &wanted);
    return tell(call, &problem);
}

enum control_outcome loop_control_silence(void *context, struct control_call *call) {
    struct loop *loop = context;
    const char *state = json_string_value(json_object_get(call->request, "state"));
    struct command wanted = {.kind = COMMAND_RADIO_SILENCE, .on = strcmp(state, "on") == 0};
    if (!wanted.on && strcmp(state, "off") != 0) {
        return loop_control_refuse(call, "malformed");
    }
    if (!loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    const struct event problem = try(loop, &wanted);
    return tell(call, &problem);
}

/* --- Groups ----------------------------------------------------------------------------------- */

/* Whom the officer may mean by that: an identity, or who bears that name and no other. Nobody is
 * known by a name until the officer has marked the identity as right. NULL, and the answer says why
 * not. */
static const char *find_member(const struct view *view, const char *who,
                               struct control_call *call) {
    const struct view_nearby *named = NULL;
    for (size_t i = 0; i < view->nearby_count; i++) {
        const struct view_nearby *row = &view->nearby[i];
        if (strcmp(row->identity, who) == 0) {
            return row->identity;
        }
        if (strcmp(row->name, who) == 0) {
            if (named != NULL || row->alike || !row->trusted) {
                (void)loop_control_refuse(call, "not-trusted");
                return NULL;
            }
            named = row;
        }
    }
    return named != NULL ? named->identity : who; /* the engine knows whom else it may give a key */
}

static bool take_members(const struct view *view, struct command *command,
                         struct control_call *call) {
    const json_t *with = json_object_get(call->request, "with");
    if (json_array_size(with) > ADHOC_MEMBERS_MAX) {
        (void)loop_control_refuse(call, event_name(EVENT_MEMBERS_TOO_MANY));
        return false;
    }
    for (size_t i = 0; i < json_array_size(with); i++) {
        const char *who = find_member(view, json_string_value(json_array_get(with, i)), call);
        if (who == NULL) {
            return false;
        }
        snprintf(command->members[command->member_count++], OFFICER_IDENTITY_SIZE, "%s", who);
    }
    return true;
}

/* Without the blanks around it, which cannot be seen. False: it is too long. */
static bool take_name(struct command *command, const json_t *name) {
    struct field field = {.length = json_string_length(name)};
    if (field.length >= sizeof command->name) {
        return false;
    }
    memcpy(field.text, json_string_value(name), field.length);
    field_trim(&field);
    memcpy(command->name, field.text, field.length + 1);
    return true;
}

/* The group that was made just now: the log's newest word of one. */
static const struct view_group *newest_group(const struct view *view) {
    for (size_t i = 0; i < view->log_count; i++) {
        for (size_t k = 0; view->log[i].kind == EVENT_GROUP_ASKING && k < view->group_count; k++) {
            if (strcmp(view->groups[k].identity, view->log[i].group) == 0) {
                return &view->groups[k];
            }
        }
    }
    return NULL;
}

enum control_outcome loop_control_make_group(void *context, struct control_call *call) {
    struct loop *loop = context;
    struct command wanted = {.kind = COMMAND_CREATE_GROUP};
    const json_t *period = json_object_get(call->request, "period_ms");
    if (!take_name(&wanted, json_object_get(call->request, "name"))) {
        return loop_control_refuse(call, event_name(EVENT_NAME_NOT_ALLOWED));
    }
    if (!loop_control_is_open(loop, call) || !take_members(loop_view(loop), &wanted, call)) {
        return CONTROL_FAILED;
    }
    wanted.period_ms = period != NULL ? (int64_t)json_integer_value(period)
                                      : new_group_usual_period(loop_view(loop));
    const struct event problem = try(loop, &wanted);
    const struct view_group *made =
        problem.kind == EVENT_NONE ? newest_group(loop_view(loop)) : NULL;
    if (made != NULL) {
        (void)json_object_set_new(call->answer, "made", view_json_group(made, true));
    }
    return tell(call, &problem);
}

enum control_outcome loop_control_delete_group(void *context, struct control_call *call) {
    struct loop *loop = context;
    const struct view_group *group =
        loop_control_is_open(loop, call) ? loop_control_group(loop, call) : NULL;
    if (group == NULL) {
        return CONTROL_FAILED;
    }
    struct command wanted = {.kind = COMMAND_DELETE_GROUP};
    snprintf(wanted.group, sizeof wanted.group, "%s", group->identity);
    const struct event problem = try(loop, &wanted);
    return tell(call, &problem);
}

/* --- Invitations ------------------------------------------------------------------------------ */

/* By what the handset says of who asked. What a group is called is the inviter's own word. */
static bool is_meant(const struct view_invitation *invitation, const char *who) {
    return who == NULL || strcmp(invitation->inviter, who) == 0 ||
           strcmp(invitation->inviter_name, who) == 0;
}

/* A name says who it is only of an identity that the officer has marked as right. */
static bool is_certain(const struct view_invitation *invitation, const char *who) {
    return (who != NULL && strcmp(invitation->inviter, who) == 0) ||
           (invitation->trusted && !invitation->inviter_alike);
}

/* Calls are no matter of a shell's: who accepts one is heard. */
static const struct view_invitation *find_invitation(struct loop *loop, const char *who,
                                                     size_t *count) {
    const struct view *view = loop_view(loop);
    const struct view_invitation *found = NULL;
    *count = 0;
    for (size_t i = 0; i < view->invitation_count; i++) {
        if (view->invitations[i].purpose != INVITED_TO_CALL &&
            is_meant(&view->invitations[i], who)) {
            found = &view->invitations[i];
            (*count)++;
        }
    }
    return found;
}

enum control_outcome loop_control_accept(void *context, struct control_call *call) {
    struct loop *loop = context;
    size_t count;
    if (!loop_control_is_open(loop, call)) {
        return CONTROL_FAILED;
    }
    const char *who = json_string_value(json_object_get(call->request, "who"));
    const struct view_invitation *found = find_invitation(loop, who, &count);
    if (count != 1) {
        return loop_control_refuse(call, count == 0 ? "no-invitation" : "ambiguous");
    }
    if (!is_certain(found, who)) {
        return loop_control_refuse(call, "not-trusted");
    }
    struct command wanted = {.kind = COMMAND_ACCEPT, .invitation = found->id};
    (void)json_object_set_new(call->answer, "group", json_string(found->group));
    (void)json_object_set_new(call->answer, "group_name", json_string(found->group_name));
    (void)json_object_set_new(call->answer, "inviter", json_string(found->inviter));
    const struct event problem = try(loop, &wanted);
    return tell(call, &problem);
}

/* --- Talk ------------------------------------------------------------------------------------- */

enum control_outcome loop_control_talk(void *context, struct control_call *call) {
    struct loop *loop = context;
    const json_t *voice = json_object_get(call->request, "voice");
    uint64_t given = voice == NULL ? 0 : given_voice_length((int64_t)json_integer_value(voice));
    call->lasts_ms = json_integer_value(json_object_get(call->request, "for_ms"));
    if ((voice != NULL && given == 0) || call->lasts_ms <= 0 ||
        call->lasts_ms > SETTINGS_LONGEST_TALK_MOST_MS) {
        return loop_control_refuse(call, "malformed");
    }
    const struct view_group *group =
        loop_control_is_open(loop, call) ? loop_control_group(loop, call) : NULL;
    if (group == NULL) {
        return CONTROL_FAILED;
    }
    /* The officer waits for a floor: the command would take that back, or use up their turn. */
    if (loop_view(loop)->floor.asked != ASKED_NOTHING) {
        return loop_control_refuse(call, event_name(EVENT_FLOOR_TAKEN));
    }
    struct command wanted = {.kind = COMMAND_TALK_BEGIN};
    snprintf(wanted.group, sizeof wanted.group, "%s", group->identity);
    loop_control_settle_talk(loop);
    if (given > 0 && !handset_is_talking(loop->handset)) {
        voice_path_give(&loop->voice, given, loop_now(loop));
    }
    struct event problem = try(loop, &wanted);
    /* Who has the floor was asked for it: nobody waits here for an answer. */
    if (problem.kind == EVENT_FLOOR_ASKED) {
        (void)try(loop, &wanted);
        problem.kind = EVENT_FLOOR_TAKEN;
    }
    return tell(call, &problem) == CONTROL_OK ? CONTROL_HELD : CONTROL_FAILED;
}

size_t loop_control_voice_room(void *context) {
    const struct given_voice *given = &((struct loop *)context)->voice.given;
    return !given->is_on || given->left == 0 ? SIZE_MAX : given_voice_room(given);
}

bool loop_control_take_voice(void *context, const uint8_t *octets, size_t length) {
    struct given_voice *given = &((struct loop *)context)->voice.given;
    if (length > given_voice_room(given)) {
        return false;
    }
    given_voice_take(given, octets, length);
    return true;
}

void loop_control_end_talk(void *context) {
    struct loop *loop = context;
    struct event problem = {.kind = EVENT_NONE};
    struct command wanted = {.kind = COMMAND_TALK_END};
    if (loop->handset != NULL && !loop->is_ending && handset_is_talking(loop->handset)) {
        loop_wake(loop);
        loop_carry_out(loop, &wanted, &problem);
    }
}
