/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/management.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/handset.h"
#include "app/handset/management_sending.h"
#include "app/handset/standard.h"

void management_begin(struct management *management, int64_t boot_ms) {
    limiter_start(&management->limiter, boot_ms);
}

static void managed_free(struct managed *managed) {
    managed_group_free(managed->group);
    batch_free(managed->receipts);
    free(managed->rows);
    free(managed);
}

void management_clear(struct management *management) {
    for (size_t i = 0; i < management->count; i++) {
        managed_free(management->groups[i]);
    }
    management->count = 0;
}

struct managed *management_group(const struct handset *handset, const char *identity) {
    const struct management *management = &handset->management;
    for (size_t i = 0; i < management->count; i++) {
        if (strcmp(management->groups[i]->group->identity, identity) == 0) {
            return management->groups[i];
        }
    }
    return NULL;
}

/* --- Starting ------------------------------------------------------------------------------- */

static enum status add_group(struct handset *handset, const char *identity, struct managed **out) {
    struct management *management = &handset->management;
    if (management->count == MANAGED_GROUPS_MAX) {
        return STATUS_TOO_LONG;
    }
    struct managed *managed = calloc(1, sizeof *managed);
    if (managed == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = managed_group_new(handset->keyring.provider, identity, &managed->group);
    if (status != STATUS_OK) {
        free(managed);
        return status;
    }
    management->groups[management->count++] = *out = managed;
    return STATUS_OK;
}

enum status management_restore(struct handset *handset, enum record_kind kind, struct span key,
                               struct span value) {
    char identity[IDENTITY_SIZE];
    enum status status = managed_group_of_record(kind, key, identity);
    if (status != STATUS_OK) {
        return status;
    }
    struct managed *managed = management_group(handset, identity);
    if (managed == NULL) {
        status = add_group(handset, identity, &managed);
    }
    return status == STATUS_OK ? managed_group_restore(managed->group, kind, key, value) : status;
}

void management_start(struct handset *handset, struct moment now) {
    for (size_t i = 0; i < handset->management.count; i++) {
        struct managed *managed = handset->management.groups[i];
        managed->look_due_ms = now.boot_ms;
        managed->round_due_ms = now.boot_ms + MANAGEMENT_ROUND_MS;
        management_changed(managed, now);
        managed->is_all_told = managed->tally.received == managed->tally.members;
        management_send_on(managed, now);
    }
}

/* --- Changes -------------------------------------------------------------------------------- */

void management_changed(struct managed *managed, struct moment now) {
    managed->tally = managed_group_tally(managed->group);
    managed->rows_are_old = true;
    management_watch(managed, now);
}

enum status management_keep(struct handset *handset, struct moment now, struct managed *managed,
                            struct batch *batch, enum status status) {
    if (status != STATUS_OK || batch->count == 0) {
        batch_free(batch);
    } else {
        status = outbox_store(&handset->outbox, batch);
    }
    if (status != STATUS_OK && !managed->is_broken) {
        managed->is_broken = true;
        handset_tell(handset, now, TELL_MEMBER, LOG_WARNING,
                     "A change of %s could not be saved (%s): start Muster again",
                     managed->group->identity, status_text(status));
    }
    management_changed(managed, now);
    return status;
}

/* --- Commands ------------------------------------------------------------------------------- */

/* A command on its way. */
struct order {
    struct handset *handset;
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
                                             &order->handset->entropy, order->batch);
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
    status = management_keep(order->handset, order->now, order->managed, batch, status);
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
    handset_tell(order->handset, order->now, TELL_MEMBER, LOG_NOTICE,
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
    handset_tell(order->handset, order->now, TELL_MEMBER, LOG_WARNING, "%.90s is excluded",
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
        handset_tell(order->handset, order->now, TELL_MEMBER, LOG_NOTICE, "%.90s is let in again",
                     member->identity);
    }
    return status;
}

static enum status add(struct order *order) {
    const struct command *command = order->command;
    struct roll_member member = {0};
    const char *name = command->name[0] != '\0'
                           ? command->name
                           : handset_name_of(order->handset, command->identity);
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
        handset_tell(order->handset, order->now, TELL_MEMBER, LOG_NOTICE, "%.90s is on the roll",
                     member.identity);
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

enum status management_command(struct handset *handset, struct moment now,
                               const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct order order = {.handset = handset,
                          .now = now,
                          .command = command,
                          .managed = management_group(handset, command->group),
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

/* --- The view ------------------------------------------------------------------------------- */

static enum managed_member_state state_of(const struct managed_group *group,
                                          const struct roll_member *member) {
    if (member->is_excluded) {
        return MANAGED_EXCLUDED;
    }
    if (group->rekey.gmk_id == 0 || managed_group_lacks(group, member)) {
        return MANAGED_LACKS;
    }
    return member->received_id == group->rekey.gmk_id ? MANAGED_HAS : MANAGED_SENT;
}

/* Out of memory the old rows, or none, are shown. */
static void make_rows(struct managed *managed) {
    const struct roll *roll = &managed->group->roll;
    if (roll->count > managed->row_room) {
        struct view_managed_member *rows =
            reallocarray(managed->rows, roll->room, sizeof *managed->rows);
        if (rows == NULL) {
            return;
        }
        managed->rows = rows;
        managed->row_room = roll->room;
    }
    for (size_t i = 0; i < roll->count; i++) {
        const struct roll_member *member = &roll->members[i];
        struct view_managed_member *row = &managed->rows[i];
        row->state = state_of(managed->group, member);
        snprintf(row->identity, sizeof row->identity, "%s", member->identity);
        snprintf(row->name, sizeof row->name, "%s", member->name);
    }
    managed->row_count = roll->count;
    managed->rows_are_old = false;
}

static bool has_keys(const struct managed_group *group, int64_t utc_ms) {
    for (size_t i = 0; i < group->keyring.count; i++) {
        if (utc_ms >= group->keyring.sets[i].begins_ms && utc_ms < group->keyring.sets[i].ends_ms) {
            return true;
        }
    }
    return false;
}

static void show_gmk(const struct managed_group *group, int64_t now_ms, struct view_managed *row) {
    const struct rekey *rekey = &group->rekey;
    enum status status = managed_group_check(group, now_ms);
    row->gmk_id = rekey->gmk_id;
    row->period_ms = rekey->not_after_ms - rekey->not_before_ms;
    row->state = status == STATUS_OK            ? MANAGED_USABLE
                 : status == STATUS_NOT_FOUND   ? MANAGED_NO_GMK
                 : status == STATUS_GMK_EXPIRED ? MANAGED_EXPIRED
                                                : MANAGED_SPOILED;
    if (row->state != MANAGED_USABLE) {
        return;
    }
    row->remaining_ms = rekey->not_after_ms - now_ms;
    row->begins_in_ms = rekey->not_before_ms > now_ms ? rekey->not_before_ms - now_ms : 0;
}

static void show_sending(const struct managed *managed, struct moment now,
                         struct view_managed *row) {
    int64_t elapsed_ms = now.boot_ms - managed->sending_since_ms;
    row->sending = managed->is_sending && managed->tally.sent < managed->tally.members;
    if (!row->sending || elapsed_ms <= 0 || managed->sent_since == 0) {
        return;
    }
    int64_t left = (int64_t)(managed->tally.members - managed->tally.sent);
    row->sent_a_second = (unsigned)((int64_t)managed->sent_since * 1000 / elapsed_ms);
    row->sending_left_ms = left * elapsed_ms / (int64_t)managed->sent_since;
}

void management_show(struct handset *handset, struct moment now, struct view *view) {
    view->managed_count = handset->management.count;
    for (size_t i = 0; i < handset->management.count; i++) {
        struct managed *managed = handset->management.groups[i];
        struct view_managed *row = &view->managed[i];
        if (managed->rows_are_old) {
            make_rows(managed);
        }
        *row = (struct view_managed){.has_keys = has_keys(managed->group, now.utc_ms),
                                     .members = managed->tally.members,
                                     .excluded = managed->tally.excluded,
                                     .sent = managed->tally.sent,
                                     .received = managed->tally.received,
                                     .row_count = managed->row_count,
                                     .rows = managed->rows};
        snprintf(row->identity, sizeof row->identity, "%s", managed->group->identity);
        standard_name(managed->group->identity, row->name);
        show_gmk(managed->group, now.utc_ms, row);
        show_sending(managed, now, row);
    }
}

void management_topic_key(const struct handset *handset, const struct managed *managed,
                          struct topic_key *key) {
    const struct credential *credential = managed->group->keyring.credential;
    *key = handset->topic_key;
    if (credential != NULL) {
        topic_key_of(credential, key);
    }
}

size_t management_topics(const struct handset *handset, struct handset_topic out[], size_t room) {
    size_t count = 0;
    for (size_t i = 0; i < handset->management.count && count < room; i++) {
        const struct managed *managed = handset->management.groups[i];
        struct handset_topic *topic = &out[count++];
        struct topic_key key;
        management_topic_key(handset, managed, &key);
        topic_receipt(&key, managed->group->identity, NULL, topic->name);
        topic->is_kept = true;
    }
    return count;
}
