/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/distribution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/allowed.h"
#include "app/identity/display_name.h"

/* What a connection of this use is for. */
struct errand {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    bool granted; /* the GRANT was sent: the member may hold the key */
};

static struct errand *errand_of(const struct connection *connection) {
    return connection->errand;
}

static struct connection *next_connection(const struct distribution *distribution, size_t *at) {
    return connections_next(distribution->connections, &distribution->use, at);
}

/* --- What the officer asked for ------------------------------------------------------------- */

static struct event event_about(enum event_kind kind, const struct group_parameters *parameters) {
    return event_of_group(kind, parameters->identity, parameters->name);
}

static struct event event_about_member(enum event_kind kind,
                                       const struct group_parameters *parameters,
                                       const struct group_member *member) {
    return event_of_member(kind, member->identity, member->name, parameters->identity,
                           parameters->name);
}

static enum status out_of_memory(struct event *problem) {
    return desk_problem(problem, (struct event){.kind = EVENT_OUT_OF_MEMORY}, STATUS_NO_MEMORY);
}

static enum status check_period(const struct distribution *distribution, int64_t period_ms,
                                struct event *problem) {
    int64_t limit = distribution->desk->keyring.credential->max_key_period_ms;
    if (period_ms <= 0) {
        return desk_problem(problem, (struct event){.kind = EVENT_PERIOD_MISSING},
                            STATUS_NOT_ALLOWED);
    }
    if (period_ms > limit) {
        return desk_problem(problem,
                            (struct event){.kind = EVENT_PERIOD_TOO_LONG, .duration_ms = limit},
                            STATUS_PERIOD_TOO_LONG);
    }
    return STATUS_OK;
}

/* Adds one member; the domain is known from its presence, or from the group so far. */
static enum status add_member(const struct distribution *distribution, const char *identity,
                              struct group *before, struct group_parameters *parameters,
                              struct event *problem) {
    const struct neighbour *neighbour = roster_find(distribution->roster, identity);
    const struct group_member *member =
        before == NULL ? NULL : group_member(&before->parameters, identity);
    if (neighbour == NULL && member == NULL) {
        return desk_problem(problem, event_of_identity(EVENT_NOT_NEARBY, identity, ""),
                            STATUS_NOT_FOUND);
    }
    if (strcmp(identity, own_identity(distribution->desk)) == 0 ||
        group_member(parameters, identity) != NULL) {
        return desk_problem(problem,
                            event_of_identity(EVENT_MEMBER_NAMED_TWICE, identity,
                                              groups_name_of(distribution->groups, identity)),
                            STATUS_NOT_ALLOWED);
    }
    struct group_member *added = &parameters->members[parameters->member_count++];
    *added = (struct group_member){.state = MEMBER_WAITING};
    snprintf(added->identity, sizeof added->identity, "%s", identity);
    snprintf(added->kms, sizeof added->kms, "%s",
             neighbour != NULL ? neighbour->presence.kms : member->kms);
    snprintf(added->name, sizeof added->name, "%s",
             neighbour != NULL ? neighbour->presence.name : member->name);
    return STATUS_OK;
}

/* The members of the command, the creator first. */
static enum status choose_members(const struct distribution *distribution,
                                  const struct command *command, struct group *before,
                                  struct group_parameters *parameters, struct event *problem) {
    struct group_member *self = &parameters->members[0];
    *self = (struct group_member){.state = MEMBER_SELF};
    snprintf(self->identity, sizeof self->identity, "%s", own_identity(distribution->desk));
    snprintf(self->kms, sizeof self->kms, "%s", own_kms(distribution->desk));
    snprintf(self->name, sizeof self->name, "%s", distribution->desk->name);
    parameters->member_count = 1;
    if (command->member_count == 0) {
        return desk_problem(problem, (struct event){.kind = EVENT_MEMBERS_MISSING},
                            STATUS_NOT_ALLOWED);
    }
    if (command->member_count > ADHOC_MEMBERS_MAX - 1) {
        return desk_problem(
            problem, (struct event){.kind = EVENT_MEMBERS_TOO_MANY, .count = ADHOC_MEMBERS_MAX},
            STATUS_TOO_LONG);
    }
    for (size_t i = 0; i < command->member_count; i++) {
        enum status status =
            add_member(distribution, command->members[i], before, parameters, problem);
        if (status != STATUS_OK) {
            return status;
        }
        parameters->members[parameters->member_count - 1].may_be_two =
            allowed_in(command, command->members[i]);
    }
    return STATUS_OK;
}

/* A GMK id of the ad-hoc space that this handset does not hold yet (6.X.3.3.3.3 step 3). */
static enum status draw_gmk_id(const struct distribution *distribution, uint32_t *gmk_id) {
    for (;;) {
        const struct gmk *held;
        enum status status = desk_draw_u32(distribution->desk, gmk_id);
        if (status != STATUS_OK) {
            return status;
        }
        *gmk_id = key_id_in_space(KEY_ID_SPACE_ADHOC, *gmk_id);
        if (groups_gmk(distribution->groups, *gmk_id, &held) == NULL) {
            return STATUS_OK;
        }
    }
}

/* Gives `group` a new GMK under `parameters`, and makes it durable. */
static enum status set_new_gmk(struct distribution *distribution, struct moment now,
                               struct group *group, struct group_parameters *parameters) {
    uint8_t gmk[GMK_SIZE];
    enum status status = draw_gmk_id(distribution, &parameters->gmk_id);
    if (status == STATUS_OK) {
        status = entropy_draw(&distribution->desk->entropy, gmk, sizeof gmk);
    }
    if (status == STATUS_OK) {
        status = group_set_gmk(group, parameters, gmk, now);
    }
    secret_wipe(gmk, sizeof gmk);
    return status == STATUS_OK ? groups_save(distribution->groups, group) : status;
}

static enum status create(struct distribution *distribution, struct moment now,
                          struct group_parameters *parameters) {
    uint64_t number;
    enum status status = desk_draw_u64(distribution->desk, &number);
    if (status == STATUS_OK) {
        status =
            group_identity_adhoc(own_identity(distribution->desk), number, parameters->identity);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct group *group = group_new(parameters, group_clock_start(parameters->created_ms, now));
    if (group == NULL) {
        return STATUS_NO_MEMORY;
    }
    group->created_here = true;
    status = set_new_gmk(distribution, now, group, parameters);
    if (status == STATUS_OK) {
        status = groups_add(distribution->groups, group);
    }
    if (status != STATUS_OK) {
        group_free(group);
    }
    return status;
}

enum status distribution_create(struct distribution *distribution, struct moment now,
                                const struct command *command, struct event *problem) {
    char name[DISPLAY_NAME_SIZE];
    bool is_allowed = display_name_make(command->name, name) == STATUS_OK;
    if (!is_allowed || name[0] == '\0') {
        enum event_kind kind = is_allowed ? EVENT_GROUP_NAME_MISSING : EVENT_NAME_NOT_ALLOWED;
        return desk_problem(problem, (struct event){.kind = kind}, STATUS_NOT_ALLOWED);
    }
    if (distribution->groups->count == GROUPS_MAX) {
        return desk_problem(problem,
                            (struct event){.kind = EVENT_GROUPS_TOO_MANY, .count = GROUPS_MAX},
                            STATUS_TOO_LONG);
    }
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) {
        return out_of_memory(problem);
    }
    enum status status = check_period(distribution, command->period_ms, problem);
    if (status == STATUS_OK) {
        status = choose_members(distribution, command, NULL, parameters, problem);
    }
    if (status == STATUS_OK) {
        memcpy(parameters->name, name, sizeof name);
        snprintf(parameters->creator, sizeof parameters->creator, "%s",
                 own_identity(distribution->desk));
        parameters->created_ms = now.utc_ms;
        parameters->period_ms = command->period_ms;
        status = create(distribution, now, parameters);
        if (status != STATUS_OK) {
            desk_problem(problem, (struct event){.kind = EVENT_GROUP_NOT_CREATED}, status);
        }
    }
    if (status == STATUS_OK) {
        struct event event = event_about(EVENT_GROUP_ASKING, parameters);
        event.count = (unsigned)parameters->member_count - 1;
        desk_tell(distribution->desk, now, &event);
    }
    free(parameters);
    return status;
}

/* The group named by the command, if this handset created it. */
static enum status own_group(struct distribution *distribution, const struct command *command,
                             struct group **group, struct event *problem) {
    *group = groups_find(distribution->groups, command->group);
    if (*group == NULL) {
        return desk_problem(problem, (struct event){.kind = EVENT_GROUP_GONE}, STATUS_NOT_FOUND);
    }
    const struct group_parameters *parameters = &(*group)->parameters;
    if (group_is_standard(*group)) {
        return desk_problem(problem, event_about(EVENT_GROUP_IS_ITS_MANAGERS, parameters),
                            STATUS_NOT_ALLOWED);
    }
    if (!(*group)->created_here) {
        return desk_problem(
            problem,
            event_of_member(EVENT_GROUP_IS_ITS_CREATORS, parameters->creator,
                            groups_name_of(distribution->groups, parameters->creator),
                            parameters->identity, parameters->name),
            STATUS_NOT_ALLOWED);
    }
    return STATUS_OK;
}

/* Applies a rekey to a copy of `group` and puts it in the group's place once it is queued to become
 * durable: the old state or the new one. */
static enum status rekey(struct distribution *distribution, struct moment now, struct group *group,
                         struct group_parameters *parameters) {
    struct group *copy;
    enum status status = group_copy(group, &copy);
    if (status != STATUS_OK) {
        return status;
    }
    status = set_new_gmk(distribution, now, copy, parameters);
    if (status != STATUS_OK) {
        group_free(copy);
        return status;
    }
    groups_replace(distribution->groups, group, copy);
    return STATUS_OK;
}

enum status distribution_rekey(struct distribution *distribution, struct moment now,
                               const struct command *command, struct event *problem) {
    struct group *group;
    enum status status = own_group(distribution, command, &group, problem);
    if (status == STATUS_OK) {
        status = check_period(distribution, command->period_ms, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) {
        return out_of_memory(problem);
    }
    *parameters = group->parameters;
    status = choose_members(distribution, command, group, parameters, problem);
    if (status == STATUS_OK) {
        int64_t group_now = group_clock_read(&group->clock, now);
        parameters->created_ms =
            group_now > group->parameters.created_ms ? group_now : group->parameters.created_ms + 1;
        parameters->period_ms = command->period_ms;
        status = rekey(distribution, now, group, parameters);
        if (status != STATUS_OK) {
            desk_problem(problem, event_about(EVENT_GROUP_NOT_REKEYED, parameters), status);
        }
    }
    if (status == STATUS_OK) {
        distribution_stop(distribution, now, parameters->identity);
        struct event event = event_about(EVENT_GROUP_REKEYING, parameters);
        event.gmk_id = parameters->gmk_id;
        event.count = (unsigned)parameters->member_count - 1;
        desk_tell(distribution->desk, now, &event);
    }
    free(parameters);
    return status;
}

enum status distribution_retry(struct distribution *distribution, struct moment now,
                               const struct command *command, struct event *problem) {
    struct group *group;
    enum status status = own_group(distribution, command, &group, problem);
    if (status != STATUS_OK) {
        return status;
    }
    const struct group_parameters *parameters = &group->parameters;
    struct group_member *member = group_member(&group->parameters, command->identity);
    if (member == NULL) {
        return desk_problem(problem,
                            event_of_member(EVENT_NOT_A_MEMBER, command->identity,
                                            groups_name_of(distribution->groups, command->identity),
                                            parameters->identity, parameters->name),
                            STATUS_NOT_FOUND);
    }
    if (member->state != MEMBER_UNREACHABLE && member->state != MEMBER_DECLINED &&
        member->state != MEMBER_CANCELLED) {
        return desk_problem(problem, event_about_member(EVENT_RETRY_NOT_NEEDED, parameters, member),
                            STATUS_ALREADY_DONE);
    }
    if (gmk_is_usable(&group->current, group, now) != STATUS_OK) {
        return desk_problem(problem, event_about(EVENT_RETRY_EXPIRED, parameters),
                            STATUS_GMK_EXPIRED);
    }
    member->state = MEMBER_WAITING;
    member->may_be_two = allowed_in(command, command->identity);
    group_member_excuse(member, REASON_NONE);
    return STATUS_OK;
}

void distribution_stop(struct distribution *distribution, struct moment now, const char *group) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(distribution, &at)) != NULL) {
        if (!connection->closing && strcmp(errand_of(connection)->group, group) == 0) {
            connection_close(distribution->connections, now, connection);
        }
    }
}

enum status distribution_cancel(struct distribution *distribution, struct moment now,
                                const struct command *command, struct event *problem) {
    struct group *group, *copy;
    enum status status = own_group(distribution, command, &group, problem);
    if (status != STATUS_OK) {
        return status;
    }
    status = group_copy(group, &copy);
    for (size_t i = 0; status == STATUS_OK && i < copy->parameters.member_count; i++) {
        struct group_member *member = &copy->parameters.members[i];
        if (member->state == MEMBER_WAITING || member->state == MEMBER_ASKED) {
            member->state = MEMBER_CANCELLED;
        }
    }
    if (status == STATUS_OK) {
        status = groups_save(distribution->groups, copy);
    }
    if (status != STATUS_OK) {
        group_free(copy);
        return desk_problem(problem, event_about(EVENT_NOTHING_CANCELLED, &group->parameters),
                            status);
    }
    groups_replace(distribution->groups, group, copy);
    distribution_stop(distribution, now, command->group);
    return STATUS_OK;
}

/* Members who were being asked are not any more. */
static void interrupt(struct distribution *distribution, enum event_reason reason) {
    for (size_t i = 0; i < distribution->groups->count; i++) {
        struct group_parameters *parameters = &distribution->groups->list[i]->parameters;
        for (size_t k = 0; k < parameters->member_count; k++) {
            struct group_member *member = &parameters->members[k];
            if (member->state != MEMBER_WAITING && member->state != MEMBER_ASKED) {
                continue;
            }
            member->state = MEMBER_UNREACHABLE;
            group_member_excuse(member, reason);
        }
    }
}

void distribution_resume(struct distribution *distribution) {
    interrupt(distribution, REASON_RESTART);
}

/* --- One member's connection ---------------------------------------------------------------- */

/* The group and member that a connection is for, as long as it is still the same key. */
static struct group_member *member_of(const struct distribution *distribution,
                                      const struct connection *connection, struct group **group) {
    const struct errand *errand = errand_of(connection);
    *group = groups_find(distribution->groups, errand->group);
    if (*group == NULL || (*group)->current.id != errand->gmk_id) {
        return NULL;
    }
    return group_member(&(*group)->parameters, connection->d2d->remote);
}

/* A member's state is settled: the record is saved, the officer told. The state is an account for
 * the officer alone, so that failing to save it loses nothing that others rely on. Why it is so
 * stands in the member already. */
static void settle(struct distribution *distribution, struct moment now, struct group *group,
                   struct group_member *member, enum member_state state) {
    static const enum event_kind kinds[] = {
        [MEMBER_ACCEPTED] = EVENT_MEMBER_JOINED,
        [MEMBER_DECLINED] = EVENT_MEMBER_DECLINED,
        [MEMBER_UNREACHABLE] = EVENT_MEMBER_UNREACHABLE,
    };
    member->state = state;
    enum status status = groups_save(distribution->groups, group);
    if (status != STATUS_OK) {
        struct event event = event_about_member(EVENT_MEMBER_NOT_SAVED, &group->parameters, member);
        event.check = status_name(status);
        desk_tell(distribution->desk, now, &event);
    }
    struct event event = event_about_member(kinds[state], &group->parameters, member);
    event.gmk_id = group->current.id;
    event.reason = member->reason;
    event.duration_ms = member->reason_limit_ms;
    event.check = member->reason_check;
    desk_tell(distribution->desk, now, &event);
}

static void established(void *owner, struct moment now, struct connection *connection) {
    struct distribution *distribution = owner;
    struct group *group;
    if (member_of(distribution, connection, &group) == NULL) {
        connection_close(distribution->connections, now, connection);
        return;
    }
    struct d2d_record record = {.type = RECORD_PROPOSE_GROUP,
                                .parameters = &group->parameters,
                                .group_ms = group_clock_read(&group->clock, now)};
    connection_request(distribution->connections, now, connection, &record);
}

/* Two devices answer to a member that was one when its officer was asked: this officer decides
 * whether it is given the key, by trying it again. */
static bool withheld(struct distribution *distribution, struct moment now, struct group *group,
                     struct group_member *member) {
    if (member->may_be_two || !roster_is_two(distribution->roster, member->identity, now)) {
        return false;
    }
    const struct event event = event_about_member(EVENT_MEMBER_IS_TWO, &group->parameters, member);
    member->state = MEMBER_CANCELLED;
    group_member_excuse(member, REASON_TWO_DEVICES);
    desk_tell(distribution->desk, now, &event);
    return true;
}

static void grant(struct distribution *distribution, struct moment now,
                  struct connection *connection, struct group *group) {
    if (gmk_is_usable(&group->current, group, now) != STATUS_OK) {
        connection_close(distribution->connections, now, connection);
        return;
    }
    struct d2d_record record = {.type = RECORD_GRANT,
                                .group_ms = group_clock_read(&group->clock, now),
                                .gmk_id = group->current.id};
    memcpy(record.gmk, group->current.octets->octets, sizeof record.gmk);
    errand_of(connection)->granted = true;
    connection_request(distribution->connections, now, connection, &record);
    secret_wipe(&record, sizeof record);
}

static enum event_reason reason_of_decline(enum decline_reason reason) {
    switch (reason) {
    case DECLINED_BY_OFFICER:
        return REASON_OFFICER_DECLINED;
    case DECLINED_NO_DECISION:
        return REASON_NO_DECISION;
    case DECLINED_PERIOD_TOO_LONG:
        return REASON_PERIOD_TOO_LONG;
    case DECLINED_BUSY:
        return REASON_BUSY;
    case DECLINED_CANNOT_SAVE:
        return REASON_CANNOT_SAVE;
    case DECLINED_NOT_VALID:
        break;
    }
    return REASON_PROPOSAL_REFUSED;
}

/* The member's answer, which is its last. */
static void take_answer(struct group_member *member, const struct d2d_record *record,
                        bool is_receipt) {
    if (record->type == RECORD_DECLINED) {
        group_member_excuse(member, reason_of_decline(record->reason));
        member->reason_limit_ms = member->reason == REASON_PERIOD_TOO_LONG ? record->limit_ms : 0;
    } else {
        group_member_excuse(member, is_receipt ? REASON_NONE : REASON_BROKE_OFF);
    }
}

static void response(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record) {
    struct distribution *distribution = owner;
    const struct errand *errand = errand_of(connection);
    struct group *group;
    struct group_member *member = member_of(distribution, connection, &group);
    bool is_receipt =
        record->type == RECORD_RECEIPT && errand->granted && record->gmk_id == errand->gmk_id;
    if (member == NULL || (connection->closing && !errand->granted)) {
        connection_close(distribution->connections, now, connection);
    } else if (record->type == RECORD_PENDING && !errand->granted) {
        member->state = MEMBER_ASKED;
    } else if (record->type == RECORD_ACCEPTED && !errand->granted &&
               withheld(distribution, now, group, member)) {
        connection_close(distribution->connections, now, connection);
    } else if (record->type == RECORD_ACCEPTED && !errand->granted) {
        grant(distribution, now, connection, group);
    } else {
        take_answer(member, record, is_receipt);
        settle(distribution, now, group, member,
               is_receipt                        ? MEMBER_ACCEPTED
               : record->type == RECORD_DECLINED ? MEMBER_DECLINED
                                                 : MEMBER_UNREACHABLE);
        connection_drop(distribution->connections, connection);
    }
}

/* A poll says how late it is by the group's clock. */
static void poll(void *owner, struct moment now, const struct connection *connection,
                 struct d2d_record *record) {
    struct distribution *distribution = owner;
    const struct group *group = groups_find(distribution->groups, errand_of(connection)->group);
    if (group != NULL) {
        record->group_ms = group_clock_read(&group->clock, now);
    }
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    struct distribution *distribution = owner;
    const struct errand *errand = errand_of(connection);
    struct group *group;
    struct group_member *member = member_of(distribution, connection, &group);
    if (member == NULL || (connection->closing && !errand->granted)) {
        return;
    }
    group_member_excuse(member, errand->granted                         ? REASON_NO_RECEIPT
                                : connection->d2d->stage == D2D_OPENING ? REASON_NO_ANSWER
                                                                        : REASON_CONTACT_LOST);
    settle(distribution, now, group, member, MEMBER_UNREACHABLE);
}

static void dropped(void *owner, struct connection *connection) {
    (void)owner;
    free(connection->errand);
}

void distribution_serve(struct distribution *distribution) {
    distribution->use = (struct connection_use){.owner = distribution,
                                                .established = established,
                                                .response = response,
                                                .poll = poll,
                                                .lost = lost,
                                                .dropped = dropped};
    connections_serve(distribution->connections, &distribution->use);
}

void distribution_silence(struct distribution *distribution, struct moment now) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(distribution, &at)) != NULL) {
        if (errand_of(connection)->granted) {
            lost(distribution, now, connection);
        }
        connection_drop(distribution->connections, connection);
    }
    interrupt(distribution, distribution->desk->airplane ? REASON_AIRPLANE : REASON_SILENCE);
}

/* --- Time ----------------------------------------------------------------------------------- */

static bool is_being_asked(const struct distribution *distribution, const struct group *group,
                           const struct group_member *member) {
    const struct connection *connection;
    size_t at = 0;
    while ((connection = next_connection(distribution, &at)) != NULL) {
        if (errand_of(connection)->gmk_id == group->current.id &&
            strcmp(connection->d2d->remote, member->identity) == 0) {
            return true;
        }
    }
    return false;
}

/* The next member for whom a connection has to be opened. */
static struct group_member *next_waiting(const struct distribution *distribution,
                                         struct group **group) {
    for (size_t i = 0; i < distribution->groups->count; i++) {
        *group = distribution->groups->list[i];
        for (size_t k = 0; k < (*group)->parameters.member_count; k++) {
            struct group_member *member = &(*group)->parameters.members[k];
            if (member->state == MEMBER_WAITING && !is_being_asked(distribution, *group, member)) {
                return member;
            }
        }
    }
    return NULL;
}

enum status distribution_offer(struct distribution *distribution, struct moment now,
                               const struct group *group, const struct group_member *member) {
    struct errand *errand = calloc(1, sizeof *errand);
    struct connection *connection;
    if (errand == NULL) {
        return STATUS_NO_MEMORY;
    }
    errand->gmk_id = group->current.id;
    memcpy(errand->group, group->parameters.identity, sizeof errand->group);
    enum status status = connection_open(distribution->connections, now, &distribution->use, errand,
                                         false, member->identity, member->kms, &connection);
    if (status != STATUS_OK) {
        free(errand);
    }
    return status;
}

void distribution_tick(struct distribution *distribution, struct moment now) {
    if (distribution_deadline(distribution) > now.boot_ms) {
        return;
    }
    struct group *group;
    struct group_member *member = next_waiting(distribution, &group);
    enum status status = gmk_is_usable(&group->current, group, now);
    distribution->opening_due_ms = now.boot_ms + DISTRIBUTION_SPACING_MS;
    if (status == STATUS_GMK_NOT_YET) {
        return; /* rekeyed in the millisecond in which it was made: the key begins with the next */
    }
    if (status == STATUS_OK) {
        status = distribution_offer(distribution, now, group, member);
    }
    if (status != STATUS_OK) {
        group_member_excuse(member, REASON_CHECK_FAILED);
        member->reason_check = status_name(status);
        settle(distribution, now, group, member, MEMBER_UNREACHABLE);
    }
}

int64_t distribution_deadline(const struct distribution *distribution) {
    struct group *group;
    return next_waiting(distribution, &group) == NULL ? INT64_MAX : distribution->opening_due_ms;
}
