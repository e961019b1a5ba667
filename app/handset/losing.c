/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/losing.h"

#include <string.h>

/* --- Groups --------------------------------------------------------------------------------- */

static bool is_lost(const struct revoking *revoking, const char *identity) {
    return lost_has(&revoking->desk->lost, identity);
}

/* Who is lost and in that group; NULL: nobody. */
static const struct group_member *lost_member(const struct revoking *revoking,
                                              const struct group *group) {
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        if (is_lost(revoking, group->parameters.members[i].identity)) {
            return &group->parameters.members[i];
        }
    }
    return NULL;
}

static void tell(const struct revoking *revoking, struct moment now, enum event_kind kind,
                 const char *identity, const char *group, enum status status) {
    struct event event = groups_event(revoking->groups, kind, identity, group);
    event.check = status == STATUS_OK ? NULL : status_name(status);
    desk_tell(revoking->desk, now, &event);
}

/* A key whose time is over is used by nobody, and the next one is not for who is lost. */
static bool is_in_use(const struct group *group, struct moment now) {
    enum status status = gmk_is_usable(&group->current, group, now);
    return status == STATUS_OK || status == STATUS_GMK_NOT_YET;
}

/* Returns whether that is done. */
static bool leave_out(struct revoking *revoking, struct moment now, const struct group *group,
                      const struct group_member *member, bool is_again) {
    char name[GROUP_IDENTITY_SIZE], identity[IDENTITY_SIZE];
    struct event problem = {.kind = EVENT_NONE};
    memcpy(name, group->parameters.identity, sizeof name); /* the group is replaced */
    memcpy(identity, member->identity, sizeof identity);
    if (desk_is_silent(revoking->desk)) {
        tell(revoking, now, EVENT_LOST_STAYS, identity, name, STATUS_OK);
        return false;
    }
    enum status status = distribution_leave_out(revoking->distribution, now, group, &problem);
    if (status != STATUS_OK && !is_again) {
        tell(revoking, now, EVENT_LOST_NOT_LEFT_OUT, identity, name, status);
    }
    return status == STATUS_OK;
}

/* `is_again`: the officer knows of those that failed. */
static void leave_out_all(struct revoking *revoking, struct moment now, bool is_again) {
    bool is_done = true;
    for (size_t i = 0; i < revoking->groups->count; i++) {
        const struct group *group = revoking->groups->list[i];
        const struct group_member *member = lost_member(revoking, group);
        if (member != NULL && group->created_here && is_in_use(group, now)) {
            is_done = leave_out(revoking, now, group, member, is_again) && is_done;
        }
    }
    revoking->leave_out_is_owed = !is_done;
    revoking->leave_out_is_again = !is_done && !desk_is_silent(revoking->desk);
    revoking->leave_out_ms = now.boot_ms + LOSING_AGAIN_MS;
}

void losing_leave_out(struct revoking *revoking, struct moment now) {
    leave_out_all(revoking, now, false);
}

/* --- Time ----------------------------------------------------------------------------------- */

void losing_start(struct revoking *revoking, struct moment now) {
    revoking->leave_out_is_owed = revoking->desk->lost.count > 0;
    revoking->leave_out_is_again = false;
    revoking->leave_out_ms = now.boot_ms;
}

void losing_tick(struct revoking *revoking, struct moment now) {
    if (losing_deadline(revoking) <= now.boot_ms) {
        leave_out_all(revoking, now, revoking->leave_out_is_again);
    }
}

int64_t losing_deadline(const struct revoking *revoking) {
    const struct desk *desk = revoking->desk;
    bool waits = !revoking->leave_out_is_owed || desk_is_silent(desk) || desk->cannot_save;
    return waits ? INT64_MAX : revoking->leave_out_ms;
}

/* --- Whom the officer is told of -------------------------------------------------------------- */

/* Of groups whose keys others give out, and of those with a roll here, whose officer excludes. */
static void tell_of_others(const struct revoking *revoking, struct moment now,
                           const char *identity) {
    for (size_t i = 0; i < revoking->groups->count; i++) {
        struct group *group = revoking->groups->list[i];
        if (!group->created_here && is_in_use(group, now) &&
            group_member(&group->parameters, identity) != NULL) {
            tell(revoking, now, EVENT_LOST_MEMBER, identity, group->parameters.identity, STATUS_OK);
        }
    }
    for (size_t i = 0; i < revoking->management->count; i++) {
        const struct managed_group *group = revoking->management->list[i]->group;
        for (size_t k = 0; k < group->roll.count; k++) {
            if (!group->roll.members[k].is_excluded &&
                strcmp(group->roll.members[k].identity, identity) == 0) {
                tell(revoking, now, EVENT_LOST_MEMBER, identity, group->identity, STATUS_OK);
            }
        }
    }
}

/* --- Commands ------------------------------------------------------------------------------- */

static enum status trust_no_more(struct revoking *revoking, const char *identity) {
    if (!roster_trusts(revoking->roster, identity)) {
        return STATUS_OK;
    }
    enum status status = desk_save(revoking->desk, RECORD_TRUST, identity, NULL);
    return status == STATUS_OK ? roster_mark(revoking->roster, identity, false) : status;
}

static enum status report_lost(struct revoking *revoking, const char *identity) {
    struct desk *desk = revoking->desk;
    const struct span nothing = {NULL, 0};
    enum status status = identity_check(identity);
    if (status == STATUS_OK && strcmp(identity, own_identity(desk)) == 0) {
        status = STATUS_NOT_ALLOWED;
    }
    /* A record that lost_add would refuse must not be there at the next start. */
    if (status == STATUS_OK && desk->lost.count == LOST_MAX) {
        status = STATUS_TOO_LONG;
    }
    if (status == STATUS_OK) {
        status = trust_no_more(revoking, identity);
    }
    if (status == STATUS_OK) {
        status = desk_save(desk, RECORD_LOST, identity, &nothing);
    }
    return status == STATUS_OK ? lost_add(&desk->lost, identity) : status;
}

static enum status report_found(struct revoking *revoking, const char *identity) {
    if (!is_lost(revoking, identity)) {
        return STATUS_NOT_FOUND;
    }
    enum status status = desk_save(revoking->desk, RECORD_LOST, identity, NULL);
    if (status == STATUS_OK) {
        lost_remove(&revoking->desk->lost, identity);
    }
    return status;
}

enum status losing_command(struct revoking *revoking, struct moment now,
                           const struct command *command, struct event *problem) {
    bool is_loss = command->kind == COMMAND_REPORT_LOST;
    const char *identity = command->identity;
    if (is_loss && is_lost(revoking, identity)) {
        return STATUS_OK;
    }
    enum status status =
        is_loss ? report_lost(revoking, identity) : report_found(revoking, identity);
    struct event event = groups_event(revoking->groups,
                                      status != STATUS_OK ? EVENT_IDENTITY_NOT_MARKED
                                      : is_loss           ? EVENT_REPORTED_LOST
                                                          : EVENT_REPORTED_FOUND,
                                      identity, "");
    if (status != STATUS_OK) {
        return desk_problem(problem, event, status);
    }
    desk_tell_when_durable(revoking->desk, now, &event, EVENT_REPORT_NOT_SAVED);
    revoking_look(revoking, now, true);
    if (is_loss) {
        losing_leave_out(revoking, now);
        tell_of_others(revoking, now, identity);
    }
    messages_report(revoking->messages, now, identity, is_loss);
    return STATUS_OK;
}
