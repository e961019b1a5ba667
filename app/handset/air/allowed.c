/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/allowed.h"

#include <string.h>

bool allowed_in(const struct command *command, const char *identity) {
    for (size_t i = 0; i < command->allowed_count && i < ADHOC_MEMBERS_MAX; i++) {
        if (strcmp(command->allowed[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

enum status allowed_check(const struct command *command, const struct roster *roster,
                          struct moment now, const char *identity, struct event *problem) {
    if (!roster_is_two(roster, identity, now) || allowed_in(command, identity)) {
        return STATUS_OK;
    }
    const struct neighbour *neighbour = roster_find(roster, identity);
    return desk_problem(problem,
                        event_of_identity(EVENT_ANSWERS_TWICE, identity, neighbour->presence.name),
                        STATUS_NOT_ALLOWED);
}

enum status allowed_check_all(const struct command *command, const struct roster *roster,
                              struct moment now, struct event *problem) {
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
        for (size_t i = 0; i < command->member_count && i < ADHOC_MEMBERS_MAX; i++) {
            enum status status = allowed_check(command, roster, now, command->members[i], problem);
            if (status != STATUS_OK) {
                return status;
            }
        }
        return STATUS_OK;
    case COMMAND_RETRY_MEMBER:
    case COMMAND_CALL:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
        return allowed_check(command, roster, now, command->identity, problem);
    default:
        return STATUS_OK;
    }
}
