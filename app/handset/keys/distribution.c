/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/distribution.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

__attribute__((format(printf, 3, 4))) static enum status
problem_is(char problem[VIEW_LOG_TEXT_SIZE], enum status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem, VIEW_LOG_TEXT_SIZE, format, arguments);
    va_end(arguments);
    return status;
}

static enum status check_period(const struct distribution *distribution, int64_t period_ms,
                                char problem[VIEW_LOG_TEXT_SIZE]) {
    int64_t limit = distribution->desk->keyring.credential->max_key_period_ms;
    if (period_ms <= 0) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "Choose a period of use for the key");
    }
    if (period_ms > limit) {
        return problem_is(problem, STATUS_PERIOD_TOO_LONG,
                          "This handset's keys last at most %lld minutes; choose a shorter period",
                          (long long)(limit / 60000));
    }
    return STATUS_OK;
}

/* Adds one member; the domain is known from its presence, or from the group so far. */
static enum status add_member(const struct distribution *distribution, const char *identity,
                              struct group *before, struct group_parameters *parameters,
                              char problem[VIEW_LOG_TEXT_SIZE]) {
    const struct neighbour *neighbour = roster_find(distribution->roster, identity);
    const struct group_member *member =
        before == NULL ? NULL : group_member(&before->parameters, identity);
    if (neighbour == NULL && member == NULL) {
        return problem_is(problem, STATUS_NOT_FOUND, "%s has not been heard nearby", identity);
    }
    if (strcmp(identity, own_identity(distribution->desk)) == 0 ||
        group_member(parameters, identity) != NULL) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "%s is in the list already", identity);
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
                                  struct group_parameters *parameters,
                                  char problem[VIEW_LOG_TEXT_SIZE]) {
    struct group_member *self = &parameters->members[0];
    *self = (struct group_member){.state = MEMBER_SELF};
    snprintf(self->identity, sizeof self->identity, "%s", own_identity(distribution->desk));
    snprintf(self->kms, sizeof self->kms, "%s", own_kms(distribution->desk));
    snprintf(self->name, sizeof self->name, "%s", distribution->desk->name);
    parameters->member_count = 1;
    if (command->member_count == 0) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "Pick at least one identity");
    }
    if (command->member_count > ADHOC_MEMBERS_MAX - 1) {
        return problem_is(problem, STATUS_TOO_LONG, "An ad-hoc group has at most %d members",
                          ADHOC_MEMBERS_MAX);
    }
    for (size_t i = 0; i < command->member_count; i++) {
        enum status status =
            add_member(distribution, command->members[i], before, parameters, problem);
        if (status != STATUS_OK) {
            return status;
        }
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
                                const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    if (command->name[0] == '\0' || !display_name_is_valid(command->name)) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "Give the group a name");
    }
    if (distribution->groups->count == GROUPS_MAX) {
        return problem_is(problem, STATUS_TOO_LONG,
                          "This handset holds %d groups; delete one first", GROUPS_MAX);
    }
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) {
        return problem_is(problem, STATUS_NO_MEMORY, "Out of memory");
    }
    enum status status = check_period(distribution, command->period_ms, problem);
    if (status == STATUS_OK) {
        status = choose_members(distribution, command, NULL, parameters, problem);
    }
    if (status == STATUS_OK) {
        snprintf(parameters->name, sizeof parameters->name, "%s", command->name);
        snprintf(parameters->creator, sizeof parameters->creator, "%s",
                 own_identity(distribution->desk));
        parameters->created_ms = now.utc_ms;
        parameters->period_ms = command->period_ms;
        status = create(distribution, now, parameters);
        if (status != STATUS_OK) {
            problem_is(problem, status, "The group was not made: %s", status_text(status));
        }
    }
    if (status == STATUS_OK) {
        desk_tell(distribution->desk, now, TELL_MEMBER, LOG_NOTICE,
                  "Asking %zu handset%s to join %s", parameters->member_count - 1,
                  parameters->member_count == 2 ? "" : "s", parameters->name);
    }
    free(parameters);
    return status;
}

/* The group named by the command, if this handset created it. */
static enum status own_group(struct distribution *distribution, const struct command *command,
                             struct group **group, char problem[VIEW_LOG_TEXT_SIZE]) {
    *group = groups_find(distribution->groups, command->group);
    if (*group == NULL) {
        return problem_is(problem, STATUS_NOT_FOUND, "There is no such group any more");
    }
    if (group_is_standard(*group)) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "Only the manager of %s can do that",
                          (*group)->parameters.name);
    }
    if (!(*group)->created_here) {
        return problem_is(problem, STATUS_NOT_ALLOWED, "Only %s, who made this group, can do that",
                          (*group)->parameters.creator);
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
                               const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
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
        return problem_is(problem, STATUS_NO_MEMORY, "Out of memory");
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
            problem_is(problem, status, "The group was not rekeyed: %s", status_text(status));
        }
    }
    if (status == STATUS_OK) {
        distribution_stop(distribution, now, parameters->identity);
        desk_tell(distribution->desk, now, TELL_MEMBER, LOG_NOTICE, "Rekeying %s for %zu handset%s",
                  parameters->name, parameters->member_count - 1,
                  parameters->member_count == 2 ? "" : "s");
    }
    free(parameters);
    return status;
}

enum status distribution_retry(struct distribution *distribution, struct moment now,
                               const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
    struct group *group;
    enum status status = own_group(distribution, command, &group, problem);
    if (status != STATUS_OK) {
        return status;
    }
    struct group_member *member = group_member(&group->parameters, command->identity);
    if (member == NULL) {
        return problem_is(problem, STATUS_NOT_FOUND, "%s is not in this group", command->identity);
    }
    if (member->state != MEMBER_UNREACHABLE && member->state != MEMBER_DECLINED &&
        member->state != MEMBER_CANCELLED) {
        return problem_is(problem, STATUS_ALREADY_DONE, "%s needs no retry", command->identity);
    }
    if (gmk_is_usable(&group->current, group, now) != STATUS_OK) {
        return problem_is(problem, STATUS_GMK_EXPIRED, "The key has expired: rekey the group");
    }
    member->state = MEMBER_WAITING;
    member->reason[0] = '\0';
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
                                const struct command *command, char problem[VIEW_LOG_TEXT_SIZE]) {
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
        return problem_is(problem, status, "Nothing was cancelled: %s", status_text(status));
    }
    groups_replace(distribution->groups, group, copy);
    distribution_stop(distribution, now, command->group);
    return STATUS_OK;
}

/* Members who were being asked are not any more. */
static void interrupt(struct distribution *distribution, const char *reason) {
    for (size_t i = 0; i < distribution->groups->count; i++) {
        struct group_parameters *parameters = &distribution->groups->list[i]->parameters;
        for (size_t k = 0; k < parameters->member_count; k++) {
            struct group_member *member = &parameters->members[k];
            if (member->state != MEMBER_WAITING && member->state != MEMBER_ASKED) {
                continue;
            }
            member->state = MEMBER_UNREACHABLE;
            snprintf(member->reason, sizeof member->reason, "%s", reason);
        }
    }
}

void distribution_resume(struct distribution *distribution) {
    interrupt(distribution, "interrupted by a restart");
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
 * the officer alone, so that failing to save it loses nothing that others rely on. */
static void settle(struct distribution *distribution, struct moment now, struct group *group,
                   struct group_member *member, enum member_state state, const char *reason) {
    static const char *const words[] = {
        [MEMBER_ACCEPTED] = "has joined",
        [MEMBER_DECLINED] = "declined to join",
        [MEMBER_UNREACHABLE] = "could not be asked to join",
    };
    member->state = state;
    snprintf(member->reason, sizeof member->reason, "%s", reason);
    if (groups_save(distribution->groups, group) != STATUS_OK) {
        desk_tell(distribution->desk, now, TELL_MEMBER, LOG_WARNING,
                  "Out of memory: a member's state will be forgotten on restart");
    }
    desk_tell(distribution->desk, now, TELL_MEMBER,
              state == MEMBER_ACCEPTED ? LOG_NOTICE : LOG_WARNING, "%s %s %s%s%s", member->identity,
              words[state], group->parameters.name, reason[0] == '\0' ? "" : ": ", reason);
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

static void describe_decline(const struct d2d_record *record, char reason[VIEW_REASON_SIZE]) {
    switch (record->reason) {
    case DECLINED_BY_OFFICER:
        snprintf(reason, VIEW_REASON_SIZE, "its officer said no");
        return;
    case DECLINED_NO_DECISION:
        snprintf(reason, VIEW_REASON_SIZE, "its officer did not decide in time");
        return;
    case DECLINED_PERIOD_TOO_LONG:
        snprintf(reason, VIEW_REASON_SIZE, "its keys last at most %lld minutes",
                 (long long)(record->limit_ms / 60000));
        return;
    case DECLINED_BUSY:
        snprintf(reason, VIEW_REASON_SIZE, "it is busy or holds too many groups");
        return;
    case DECLINED_NOT_VALID:
        break;
    }
    snprintf(reason, VIEW_REASON_SIZE, "it refused the group's parameters");
}

static void response(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record) {
    struct distribution *distribution = owner;
    const struct errand *errand = errand_of(connection);
    struct group *group;
    struct group_member *member = member_of(distribution, connection, &group);
    char reason[VIEW_REASON_SIZE] = "";
    bool is_receipt =
        record->type == RECORD_RECEIPT && errand->granted && record->gmk_id == errand->gmk_id;
    if (member == NULL || (connection->closing && !errand->granted)) {
        connection_close(distribution->connections, now, connection);
    } else if (record->type == RECORD_PENDING && !errand->granted) {
        member->state = MEMBER_ASKED;
    } else if (record->type == RECORD_ACCEPTED && !errand->granted) {
        grant(distribution, now, connection, group);
    } else {
        if (record->type == RECORD_DECLINED) {
            describe_decline(record, reason);
        } else if (!is_receipt) {
            snprintf(reason, sizeof reason, "it broke off");
        }
        settle(distribution, now, group, member,
               is_receipt                        ? MEMBER_ACCEPTED
               : record->type == RECORD_DECLINED ? MEMBER_DECLINED
                                                 : MEMBER_UNREACHABLE,
               reason);
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
    const char *reason = errand->granted ? "no receipt: it may or may not hold the key"
                         : connection->d2d->stage == D2D_OPENING ? "no answer"
                                                                 : "contact was lost";
    settle(distribution, now, group, member, MEMBER_UNREACHABLE, reason);
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
    interrupt(distribution, distribution->desk->airplane ? "interrupted by airplane mode"
                                                         : "interrupted by radio silence");
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
        settle(distribution, now, group, member, MEMBER_UNREACHABLE, status_text(status));
    }
}

int64_t distribution_deadline(const struct distribution *distribution) {
    struct group *group;
    return next_waiting(distribution, &group) == NULL ? INT64_MAX : distribution->opening_due_ms;
}
