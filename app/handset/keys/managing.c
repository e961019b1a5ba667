/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/managing.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A command on its way. */
struct order {
    struct management *management;
    struct moment now;
    const struct command *command;
    struct managed *managed;
    struct batch *batch;
    char *problem; /* [VIEW_LOG_TEXT_SIZE] */
};

static enum status refuse(const struct order *order, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum status refuse(const struct order *order, enum status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(order->problem, VIEW_LOG_TEXT_SIZE, format, arguments);
    va_end(arguments);
    return status;
}

static enum status find_member(const struct order *order, struct roll_member **member) {
    *member = roll_find(&order->managed->group->roll, order->command->identity);
    if (*member == NULL) {
        return refuse(order, STATUS_NOT_FOUND, "%.90s is not on the roll",
                      order->command->identity);
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

/* Nothing has changed when this fails. */
static enum status draw_gmk(const struct order *order) {
    struct managed_group *group = order->managed->group;
    int64_t period_ms = order->command->period_ms;
    if (period_ms > MANAGEMENT_PERIOD_MAX_MS) {
        return refuse(order, STATUS_TIME_OUT_OF_RANGE, "A period of use is 366 days at most");
    }
    enum status status = managed_group_begin(group, order->now.utc_ms, begin_of(order), period_ms,
                                             &order->management->desk->entropy, order->batch);
    if (status == STATUS_NOT_FOUND) {
        return refuse(order, status,
                      "There are no keys of %.70s for this month: get them from its KMS",
                      group->identity);
    }
    if (status == STATUS_TIME_OUT_OF_RANGE) {
        return refuse(order, status, "This is no period of use");
    }
    if (status != STATUS_OK) {
        return refuse(order, status, "No new key was made: %s", status_text(status));
    }
    return STATUS_OK;
}

/* What was done is made durable, and what it calls for is sent. */
static enum status complete(struct order *order, enum status status) {
    struct batch *batch = order->batch;
    order->batch = NULL;
    status = management_keep(order->management, order->now, order->managed, batch, status);
    if (status != STATUS_OK) {
        return refuse(order, status, "This was not saved: %s", status_text(status));
    }
    management_send_on(order->managed, order->now);
    return STATUS_OK;
}

static void tell_rekey(const struct order *order) {
    const struct managed_group *group = order->managed->group;
    char name[DISPLAY_NAME_SIZE];
    standard_name(group->identity, name);
    order->managed->round_due_ms = order->now.boot_ms + MANAGEMENT_ROUND_MS;
    memset(order->managed->lately, 0, sizeof order->managed->lately);
    desk_tell(order->management->desk, order->now, TELL_MEMBER, LOG_NOTICE,
              "%s: GMK %08" PRIX32 " goes to %zu members", name, group->rekey.gmk_id,
              order->managed->tally.members);
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
        return refuse(order, STATUS_ALREADY_DONE, "%.90s is excluded already", member->identity);
    }
    if (status == STATUS_OK) {
        status = draw_gmk(order);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status =
        complete(order, managed_group_exclude(order->managed->group, member, true, order->batch));
    if (status != STATUS_OK) {
        return status;
    }
    desk_tell(order->management->desk, order->now, TELL_MEMBER, LOG_WARNING, "%.90s is excluded",
              member->identity);
    tell_rekey(order);
    return STATUS_OK;
}

static enum status include(struct order *order) {
    struct roll_member *member;
    enum status status = find_member(order, &member);
    if (status == STATUS_OK && !member->is_excluded) {
        return refuse(order, STATUS_ALREADY_DONE, "%.90s is not excluded", member->identity);
    }
    if (status == STATUS_OK) {
        status = complete(
            order, managed_group_exclude(order->managed->group, member, false, order->batch));
    }
    if (status == STATUS_OK) {
        desk_tell(order->management->desk, order->now, TELL_MEMBER, LOG_NOTICE,
                  "%.90s is let in again", member->identity);
    }
    return status;
}

static enum status add(struct order *order) {
    const struct command *command = order->command;
    struct roll_member member = {0};
    const char *name = command->name[0] != '\0'
                           ? command->name
                           : groups_name_of(order->management->groups, command->identity);
    if (identity_check(command->identity) != STATUS_OK) {
        return refuse(order, STATUS_IDENTITY_INVALID,
                      "This is no identity: it looks like tel:+447700900123");
    }
    if (!display_name_is_valid(name)) {
        return refuse(order, STATUS_MALFORMED, "This name cannot be shown to others");
    }
    if (roll_find(&order->managed->group->roll, command->identity) != NULL) {
        return refuse(order, STATUS_ALREADY_DONE, "%.90s is on the roll already",
                      command->identity);
    }
    if (order->managed->group->roll.count == ROLL_MEMBERS_MAX) {
        return refuse(order, STATUS_TOO_LONG, "The roll is full: it has %d members",
                      ROLL_MEMBERS_MAX);
    }
    snprintf(member.identity, sizeof member.identity, "%s", command->identity);
    snprintf(member.name, sizeof member.name, "%s", name);
    enum status status =
        complete(order, managed_group_enlist(order->managed->group, &member, order->batch));
    if (status == STATUS_OK) {
        desk_tell(order->management->desk, order->now, TELL_MEMBER, LOG_NOTICE,
                  "%.90s is on the roll", member.identity);
    }
    return status;
}

static enum status send_again(struct order *order) {
    struct roll_member *member;
    const struct managed_group *group = order->managed->group;
    enum status status = find_member(order, &member);
    if (status == STATUS_OK && member->is_excluded) {
        return refuse(order, STATUS_NOT_ALLOWED, "%.90s is excluded: it gets no keys",
                      member->identity);
    }
    if (status == STATUS_OK && managed_group_check(group, order->now.utc_ms) != STATUS_OK) {
        return refuse(order, STATUS_NOT_ALLOWED, "There is no key to send: rekey the group");
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
                             const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct order order = {.management = management,
                          .now = now,
                          .command = command,
                          .managed = management_group(management, command->group),
                          .problem = problem};
    if (order.managed == NULL) {
        return refuse(&order, STATUS_NOT_FOUND, "This handset does not manage that group");
    }
    if (order.managed->is_broken) {
        return refuse(&order, STATUS_NOT_ALLOWED,
                      "A change could not be saved before: start Muster again");
    }
    order.batch = batch_new();
    if (order.batch == NULL) {
        return refuse(&order, STATUS_NO_MEMORY, "Out of memory: nothing was changed");
    }
    enum status status = carry_out(&order);
    batch_free(order.batch);
    return status;
}
