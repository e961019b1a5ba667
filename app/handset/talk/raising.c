/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/raising.h"

#include <string.h>

static void tell(const struct talk *talk, struct moment now, enum event_kind kind,
                 const char *identity) {
    const struct group *group = groups_find(talk->groups, identity);
    const struct event event =
        event_of_group(kind, identity, group == NULL ? "" : group->parameters.name);
    desk_tell(talk->desk, now, &event);
}

/* Does the officer talk elsewhere? There is one talk at a time. */
static enum status check_elsewhere(const struct talk *talk, const char *group,
                                   struct event *problem) {
    if (!talk->active || strcmp(talk->group, group) == 0) {
        return STATUS_OK;
    }
    return desk_problem(problem, (struct event){.kind = EVENT_TALKING_ALREADY}, STATUS_BUSY);
}

/* Nobody is to wait for a word: the microphone may be absent, muted, or far from a mouth. Where
 * another in emergency has the floor, saying so is all. */
static enum status tell_and_talk(struct talk *talk, struct moment now,
                                 const struct command *command, struct event *problem) {
    enum status status = talk_say_priority(talk, now, command->group, TALK_EMERGENCY, problem);
    if (status == STATUS_OK && talk_begin(talk, now, command, problem) != STATUS_OK) {
        *problem = (struct event){.kind = EVENT_NONE};
    }
    return status;
}

/* Others would hear it as a talk like any other. */
static enum status check_right(const struct talk *talk, const char *identity,
                               struct event *problem) {
    const struct group *group = groups_find(talk->groups, identity);
    if (group == NULL || group_may_raise(&group->parameters, own_identity(talk->desk))) {
        return STATUS_OK;
    }
    return desk_problem(problem,
                        event_of_group(EVENT_NO_EMERGENCY_RIGHT, group->parameters.identity,
                                       group->parameters.name),
                        STATUS_NOT_ALLOWED);
}

enum status emergency_raise(struct talk *talk, struct moment now, const struct command *command,
                            struct event *problem) {
    bool is_told = emergencies_has_own(talk->emergencies, command->group);
    enum status status = check_right(talk, command->group, problem);
    if (status == STATUS_OK) {
        status = check_elsewhere(talk, command->group, problem);
    }
    if (status != STATUS_OK || (talk->active && is_told)) {
        return status;
    }
    if (is_told) {
        return talk_begin(talk, now, command, problem);
    }
    emergencies_add_own(talk->emergencies, now, command->group);
    status = talk->active ? talk_say_priority(talk, now, command->group, TALK_EMERGENCY, problem)
                          : tell_and_talk(talk, now, command, problem);
    if (status == STATUS_OK) {
        tell(talk, now, EVENT_OWN_EMERGENCY, command->group);
    } else {
        emergencies_remove_own(talk->emergencies, command->group);
    }
    return status;
}

enum status emergency_end(struct talk *talk, struct moment now, const struct command *command,
                          struct event *problem) {
    if (!emergencies_has_own(talk->emergencies, command->group)) {
        return desk_problem(problem, (struct event){.kind = EVENT_NO_EMERGENCY}, STATUS_NOT_FOUND);
    }
    const struct group *group = groups_find(talk->groups, command->group);
    bool is_heard = group != NULL && gmk_is_usable(group_shown_gmk(group), group, now) == STATUS_OK;
    enum status status = check_elsewhere(talk, command->group, problem);
    if (status == STATUS_OK && is_heard) {
        status = talk_say_priority(talk, now, command->group, TALK_NORMAL, problem);
    }
    if (status == STATUS_OK) {
        emergencies_remove_own(talk->emergencies, command->group);
        tell(talk, now, EVENT_OWN_EMERGENCY_OVER, command->group);
    }
    return status;
}
