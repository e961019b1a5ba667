/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/revoking.h"

#include <stdio.h>
#include <string.h>

static bool is_revoked(const struct revoking *revoking, const char *identity) {
    return keyring_refuses(&revoking->desk->keyring, identity);
}

/* --- This handset --------------------------------------------------------------------------- */

static void look_at_self(struct revoking *revoking, struct moment now) {
    bool is_self = is_revoked(revoking, own_identity(revoking->desk));
    if (is_self != revoking->is_told) {
        const struct event event = {.kind = is_self ? EVENT_REVOKED_SELF : EVENT_REVOKED_SELF_OVER};
        revoking->is_told = is_self;
        desk_tell(revoking->desk, now, &event);
    }
}

enum status revoking_restore_lost(struct revoking *revoking, const char *identity) {
    enum status status = lost_add(&revoking->desk->lost, identity);
    if (status == STATUS_TOO_LONG) {
        snprintf(revoking->one_more, sizeof revoking->one_more, "%s", identity);
        return STATUS_OK;
    }
    return status;
}

/* With its record, which would count among LOST_MAX at the next start. */
static void forget_own_loss(struct revoking *revoking) {
    struct desk *desk = revoking->desk;
    const char *own = own_identity(desk);
    bool is_one_more = strcmp(revoking->one_more, own) == 0;
    enum status status = STATUS_OK;
    if (is_one_more || lost_has(&desk->lost, own)) {
        lost_remove(&desk->lost, own);
        status = desk_save(desk, RECORD_LOST, own, NULL);
    }
    if (!is_one_more && revoking->one_more[0] != '\0') {
        status = lost_add(&desk->lost, revoking->one_more);
    }
    (void)status; /* what cannot be done is tried at the next start */
}

void revoking_start(struct revoking *revoking, struct moment now) {
    revoked_start(&revoking->desk->revoked, &revoking->desk->keyring);
    revoking->version = revoking->desk->revoked.version;
    forget_own_loss(revoking);
    keyring_heed_lost(&revoking->desk->keyring, &revoking->desk->lost);
    revoking->lost_version = revoking->desk->lost.version;
    offers_withhold(revoking->offers, now);
    look_at_self(revoking, now);
}

/* --- What is under way ---------------------------------------------------------------------- */

static void note_neighbours(const struct revoking *revoking) {
    const struct neighbours *neighbours = &revoking->roster->neighbours;
    for (size_t i = 0; i < neighbours->count; i++) {
        const char *identity = neighbours->list[i]->presence.identity;
        roster_note_revoked(revoking->roster, identity, is_revoked(revoking, identity));
    }
}

static void end_call(struct revoking *revoking, struct moment now) {
    struct call *call = revoking->call;
    enum status status = call->state == CALL_NONE
                             ? STATUS_OK
                             : keyring_admits(&revoking->desk->keyring, call->identity);
    if (status != STATUS_OK) {
        call_hang_up(call, now, status == STATUS_LOST ? REASON_LOST : REASON_REVOKED);
    }
}

static void drop_connections(struct revoking *revoking) {
    struct connections *connections = revoking->connections;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *connection = connections->list[i];
        if (connection != NULL && is_revoked(revoking, connection->d2d->remote)) {
            connection_drop(connections, connection);
        }
    }
}

/* --- Groups --------------------------------------------------------------------------------- */

static void tell_member(const struct revoking *revoking, struct moment now, const char *identity,
                        const char *group) {
    if (revoked_is_new(&revoking->desk->revoked, identity)) {
        const struct event event =
            groups_event(revoking->groups, EVENT_REVOKED_MEMBER, identity, group);
        desk_tell(revoking->desk, now, &event);
    }
}

static void look_at_groups(const struct revoking *revoking, struct moment now) {
    for (size_t i = 0; i < revoking->groups->count; i++) {
        const struct group_parameters *parameters = &revoking->groups->list[i]->parameters;
        for (size_t k = 0; k < parameters->member_count; k++) {
            tell_member(revoking, now, parameters->members[k].identity, parameters->identity);
        }
    }
}

static void look_at_rolls(const struct revoking *revoking, struct moment now) {
    for (size_t i = 0; i < revoking->management->count; i++) {
        const struct managed_group *group = revoking->management->list[i]->group;
        for (size_t k = 0; k < group->roll.count; k++) {
            if (!group->roll.members[k].is_excluded) {
                tell_member(revoking, now, group->roll.members[k].identity, group->identity);
            }
        }
    }
}

/* What came as text goes to those nearby and, where there is a broker, to the own groups: once, by
 * the handset whose officer brought it, and not by each that hears of it. */
static void say(const struct revoking *revoking, struct moment now) {
    revocations_taken(revoking->revocations, now);
    for (size_t i = 0; i < revoking->groups->count; i++) {
        revocations_say_far(revoking->revocations, revoking->groups->list[i]->parameters.identity);
    }
}

void revoking_look(struct revoking *revoking, struct moment now, bool is_import) {
    bool is_list = revoking->version != revoking->desk->revoked.version;
    if (!is_list && revoking->lost_version == revoking->desk->lost.version) {
        return;
    }
    revoking->version = revoking->desk->revoked.version;
    revoking->lost_version = revoking->desk->lost.version;
    note_neighbours(revoking);
    end_call(revoking, now);
    offers_withhold(revoking->offers, now);
    drop_connections(revoking);
    listening_tick(revoking->listening, now);
    if (!is_list) {
        return;
    }
    look_at_groups(revoking, now);
    look_at_rolls(revoking, now);
    look_at_self(revoking, now);
    if (is_import) {
        say(revoking, now);
    }
}

/* --- Commands ------------------------------------------------------------------------------- */

static enum status check(const struct revoking *revoking, const char *identity,
                         struct event *problem) {
    enum status status = keyring_admits(&revoking->desk->keyring, identity);
    enum event_kind kind = status == STATUS_LOST ? EVENT_IS_LOST : EVENT_IS_REVOKED;
    return status == STATUS_OK
               ? STATUS_OK
               : desk_problem(problem, groups_event(revoking->groups, kind, identity, ""), status);
}

enum status revoking_check(const struct revoking *revoking, const struct command *command,
                           struct event *problem) {
    enum status status = STATUS_OK;
    switch (command->kind) {
    case COMMAND_CREATE_GROUP:
    case COMMAND_REKEY_GROUP:
    case COMMAND_ADD_MEMBERS:
        for (size_t i = 0;
             status == STATUS_OK && i < command->member_count && i < ADHOC_MEMBERS_MAX; i++) {
            status = check(revoking, command->members[i], problem);
        }
        return status;
    case COMMAND_RETRY_MEMBER:
    case COMMAND_CALL:
    case COMMAND_TRUST:
    case COMMAND_MANAGE_INCLUDE:
    case COMMAND_MANAGE_ADD:
    case COMMAND_MANAGE_AGAIN:
        return check(revoking, command->identity, problem);
    default:
        return STATUS_OK;
    }
}
