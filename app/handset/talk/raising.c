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

/* Begins to talk with that priority; where another in emergency has the floor, only says so. */
static enum status talk_or_tell(struct talk *talk, struct moment now, const struct command *command,
                                bool is_told, struct event *problem) {
    enum status status = talk_begin(talk, now, command, problem);
    if (status == STATUS_BUSY && !is_told) {
        *problem = (struct event){.kind = EVENT_NONE};
        status = talk_say_priority(talk, now, command->group, TALK_EMERGENCY, problem);
    }
    return status;
}

enum status emergency_raise(struct talk *talk, struct moment now, const struct command *command,
                            struct event *problem) {
    bool is_told = emergencies_has_own(talk->emergencies, command->group);
    enum status status = check_elsewhere(talk, command->group, problem);
    if (status != STATUS_OK || (talk->active && is_told)) {
        return status;
    }
    if (!is_told) {
        emergencies_add_own(talk->emergencies, now, command->group);
    }
    status = talk->active ? talk_say_priority(talk, now, command->group, TALK_EMERGENCY, problem)
                          : talk_or_tell(talk, now, command, is_told, problem);
    if (is_told) {
        return status;
    }
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
