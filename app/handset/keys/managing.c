/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/managing.h"

#include <stdio.h>
#include <string.h>

#include "app/handset/air/allowed.h"
#include "app/handset/air/wall_clocks.h"

/* A command on its way. */
struct order {
    struct management *management;
    struct moment now;
    const struct command *command;
    struct managed *managed;
    struct batch *batch;
    struct event *problem;
};

/* About the group of the command. */
static struct event event_about(const struct order *order, enum event_kind kind) {
    return management_event(order->managed, kind);
}

/* About somebody on its roll, or not on it. The roll is this officer's own list. */
static struct event event_about_member(const struct order *order, enum event_kind kind,
                                       const char *identity, const char *name) {
    const struct event group = event_about(order, kind);
    const struct name known = groups_name_of(order->management->groups, identity);
    struct event event = event_of_member(kind, identity, name[0] != '\0' ? name : known.text,
                                         group.group, group.group_name);
    event.name_kind = name[0] != '\0' ? NAME_GIVEN : known.kind;
    return event;
}

static enum status refuse(const struct order *order, enum event_kind kind, enum status status) {
    return desk_problem(order->problem, event_about(order, kind), status);
}

static enum status refuse_member(const struct order *order, enum event_kind kind,
                                 const struct roll_member *member, enum status status) {
    return desk_problem(order->problem,
                        event_about_member(order, kind, member->identity, member->name), status);
}

static void tell_member(const struct order *order, enum event_kind kind,
                        const struct roll_member *member) {
    const struct event event = event_about_member(order, kind, member->identity, member->name);
    desk_tell(order->management->desk, order->now, &event);
}

static enum status find_member(const struct order *order, struct roll_member **member) {
    *member = roll_find(&order->managed->group->roll, order->command->identity);
    if (*member == NULL) {
        const char *identity = order->command->identity;
        return desk_problem(order->problem,
                            event_about_member(order, EVENT_ROLL_LACKS, identity, ""),
                            STATUS_NOT_FOUND);
    }
    return STATUS_OK;
}

/* When a GMK that is drawn now begins. */
static int64_t begin_of(const struct order *order) {
    const struct managed_group *group = order->managed->group;
    int64_t now_ms = order->now.utc_ms, lead_ms = now_ms + MANAGEMENT_LEAD_MS;
    bool is_urgent = order->command->kind == COMMAND_MANAGE_EXCLUDE;
    if (is_urgent || managed_group_check(group, now_ms) != STATUS_OK ||
        group->rekey.not_before_ms > now_ms) {
        return now_ms;
    }
    return lead_ms < group->rekey.not_after_ms ? lead_ms : group->rekey.not_after_ms;
}

/* Keys are dated by this handset's clock: the officer who draws one must know that it differs. */
static enum status check_clock(const struct order *order) {
    const struct wall_clocks clocks =
        wall_clocks_of(order->management->roster, order->now, PRESENCE_LASTS_MS);
    int64_t ahead_ms = wall_clocks_median(&clocks);
    if (order->command->on != 0 || !clock_differs(ahead_ms)) {
        return STATUS_OK;
    }
    struct event event = event_about(order, EVENT_MANAGER_CLOCK_DIFFERS);
    event.duration_ms = ahead_ms;
    return desk_problem(order->problem, event, STATUS_NOT_ALLOWED);
}

/* A new GMK goes to everybody on the roll but whom it excludes. */
static enum status check_devices(const struct order *order) {
    const struct roster *roster = order->management->roster;
    const struct command *command = order->command;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < roster->neighbours.count && status == STATUS_OK; i++) {
        const char *identity = roster->neighbours.list[i]->presence.identity;
        const struct roll_member *member = roll_find(&order->managed->group->roll, identity);
        if (member != NULL && !member->is_excluded && strcmp(identity, command->identity) != 0) {
            status = allowed_check(command, roster, order->now, identity, order->problem);
        }
    }
    return status;
}

/* Nothing has changed when this fails. */
static enum status draw_gmk(const struct order *order) {
    struct managed_group *group = order->managed->group;
    int64_t period_ms = order->command->period_ms,
            longest_ms = keyring_limits(&group->keyring).longest_period_ms;
    if (check_devices(order) != STATUS_OK) {
        return STATUS_NOT_ALLOWED;
    }
    if (period_ms > longest_ms) {
        return desk_problem(
            order->problem,
            (struct event){.kind = EVENT_PERIOD_TOO_LONG, .duration_ms = longest_ms},
            STATUS_TIME_OUT_OF_RANGE);
    }
    enum status status = check_clock(order);
    if (status != STATUS_OK) {
        return status;
    }
    status = managed_group_begin(group, order->now.utc_ms, begin_of(order), period_ms,
                                 &order->management->desk->entropy, order->batch);
    if (status == STATUS_NOT_FOUND) {
        return refuse(order, EVENT_MANAGER_KEYS_MISSING, status);
    }
    if (status == STATUS_TIME_OUT_OF_RANGE) {
        return refuse(order, EVENT_PERIOD_NOT_POSSIBLE, status);
    }
    if (status != STATUS_OK) {
        return refuse(order, EVENT_MANAGED_NO_NEW_KEY, status);
    }
    return STATUS_OK;
}

/* What was done is made durable, and what it calls for is sent. */
static enum status complete(struct order *order, enum status status) {
    struct batch *batch = order->batch;
    order->batch = NULL;
    status = management_keep(order->management, order->now, order->managed, batch, status);
    if (status != STATUS_OK) {
        return refuse(order, EVENT_MANAGED_NOT_CHANGED, status);
    }
    management_send_on(order->managed, order->now);
    return STATUS_OK;
}

static void tell_rekey(const struct order *order) {
    order->managed->round_due_ms = order->now.boot_ms + MANAGEMENT_ROUND_MS;
    memset(order->managed->lately, 0, sizeof order->managed->lately);
    struct event event = event_about(order, EVENT_MANAGED_REKEY);
    event.count = (unsigned)order->managed->tally.members;
    desk_tell(order->management->desk, order->now, &event);
}

static enum status rekey(struct order *order) {
    enum status status = draw_gmk(order);
    if (status == STATUS_OK) {
        status = complete(order, status);
    }
    if (status == STATUS_OK) {
        tell_rekey(order);
    }
    return status;
}

/* The new GMK is drawn first: its failure changes nothing, and what it draws is nobody's yet. */
static enum status exclude(struct order *order) {
    struct roll_member *member;
    enum status status = find_member(order, &member);
    if (status == STATUS_OK && member->is_excluded) {
        return refuse_member(order, EVENT_ROLL_EXCLUDED_ALREADY, member, STATUS_ALREADY_DONE);
    }
    if (status == STATUS_OK) {
        status = draw_gmk(order);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = managed_group_exclude(order->managed->group, member, true, order->batch);
    if (status == STATUS_OK) { /* with the GMK that was drawn a moment before it */
        status = managed_group_tell(order->managed->group, order->batch);
    }
    status = complete(order, status);
    if (status != STATUS_OK) {
        return status;
    }
    tell_member(order, EVENT_ROLL_EXCLUDED, member);
    tell_rekey(order);
    return STATUS_OK;
}

static enum status include(struct order *order) {
    struct roll_member *member;
    enum status status = find_member(order, &member);
    if (status == STATUS_OK && !member->is_excluded) {
        return refuse_member(order, EVENT_ROLL_NOT_EXCLUDED, member, STATUS_ALREADY_DONE);
    }
    if (status == STATUS_OK) {
        status = complete(
            order, managed_group_exclude(order->managed->group, member, false, order->batch));
    }
    if (status == STATUS_OK) {
        tell_member(order, EVENT_ROLL_INCLUDED, member);
    }
    return status;
}

static enum status add(struct order *order) {
    const struct command *command = order->command;
    struct roll_member member = {0};
    const struct name known = groups_name_of(order->management->groups, command->identity);
    const char *name = command->name[0] != '\0' ? command->name : known.text;
    if (identity_check(command->identity) != STATUS_OK) {
        return refuse(order, EVENT_IDENTITY_NOT_VALID, STATUS_IDENTITY_INVALID);
    }
    if (display_name_make(name, member.name) != STATUS_OK) {
        return refuse(order, EVENT_NAME_NOT_ALLOWED, STATUS_MALFORMED);
    }
    const struct roll_member *there = roll_find(&order->managed->group->roll, command->identity);
    if (there != NULL) {
        return refuse_member(order, EVENT_ROLL_HAS_ALREADY, there, STATUS_ALREADY_DONE);
    }
    if (order->managed->group->roll.count == ROLL_MEMBERS_MAX) {
        struct event event = event_about(order, EVENT_ROLL_FULL);
        event.count = ROLL_MEMBERS_MAX;
        return desk_problem(order->problem, event, STATUS_TOO_LONG);
    }
    snprintf(member.identity, sizeof member.identity, "%s", command->identity);
    enum status status =
        complete(order, managed_group_enlist(order->managed->group, &member, order->batch));
    if (status == STATUS_OK) {
        tell_member(order, EVENT_ROLL_ADDED, &member);
    }
    return status;
}

static enum status send_again(struct order *order) {
    struct roll_member *member;
    const struct managed_group *group = order->managed->group;
    enum status status = find_member(order, &member);
    if (status == STATUS_OK && member->is_excluded) {
        return refuse_member(order, EVENT_ROLL_GETS_NO_KEYS, member, STATUS_NOT_ALLOWED);
    }
    if (status == STATUS_OK && managed_group_check(group, order->now.utc_ms) != STATUS_OK) {
        return refuse(order, EVENT_MANAGED_NO_KEY, STATUS_NOT_ALLOWED);
    }
    if (status == STATUS_OK) {
        status = complete(order, managed_group_again(order->managed->group, member, order->batch));
    }
    return status;
}

static enum status carry_out(struct order *order) {
    switch (order->command->kind) {
    case COMMAND_MANAGE_REKEY:
        return rekey(order);
    case COMMAND_MANAGE_EXCLUDE:
        return exclude(order);
    case COMMAND_MANAGE_INCLUDE:
        return include(order);
    case COMMAND_MANAGE_ADD:
        return add(order);
    default:
        return send_again(order);
    }
}

enum status managing_command(struct management *management, struct moment now,
                             const struct command *command, struct event *problem) {
    struct order order = {.management = management,
                          .now = now,
                          .command = command,
                          .managed = management_group(management, command->group),
                          .problem = problem};
    if (order.managed == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_NOT_MANAGED_HERE},
                            STATUS_NOT_FOUND);
    }
    if (order.managed->is_broken) {
        return refuse(&order, EVENT_MANAGED_RESTS, STATUS_NOT_ALLOWED);
    }
    order.batch = batch_new();
    if (order.batch == NULL) {
        return refuse(&order, EVENT_OUT_OF_MEMORY, STATUS_NO_MEMORY);
    }
    enum status status = carry_out(&order);
    batch_free(order.batch);
    return status;
}
