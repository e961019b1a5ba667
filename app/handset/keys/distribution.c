/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/distribution.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/air/allowed.h"
#include "app/handset/keys/pursuit.h"
#include "app/identity/display_name.h"

/* --- What the officer asked for ------------------------------------------------------------- */

static struct event event_about(enum event_kind kind, const struct group_parameters *parameters) {
    return event_of_group(kind, parameters->identity, parameters->name);
}

static struct event event_about_member(const struct distribution *distribution,
                                       enum event_kind kind,
                                       const struct group_parameters *parameters,
                                       const struct group_member *member) {
    return groups_event(distribution->groups, kind, member->identity, parameters->identity);
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

static bool takes_right(const struct command *command, const char *identity) {
    for (size_t i = 0; i < command->no_emergency_count && i < ADHOC_MEMBERS_MAX; i++) {
        if (strcmp(command->no_emergency[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds one member; the domain is known from its presence, or from the group: it is a member, or was
 * one before. */
static enum status add_member(const struct distribution *distribution,
                              const struct command *command, const char *identity,
                              struct group *before, struct group_parameters *parameters,
                              struct event *problem) {
    const struct neighbour *neighbour = roster_find(distribution->roster, identity);
    const struct group_member *member =
        before == NULL ? NULL : group_member(&before->parameters, identity);
    const struct former_member *former = before == NULL ? NULL : group_former(before, identity);
    if (neighbour == NULL && member == NULL && former == NULL) {
        return desk_problem(problem, event_of_identity(EVENT_NOT_NEARBY, identity, ""),
                            STATUS_NOT_FOUND);
    }
    if (strcmp(identity, own_identity(distribution->desk)) == 0 ||
        group_member(parameters, identity) != NULL) {
        return desk_problem(
            problem, groups_event(distribution->groups, EVENT_MEMBER_NAMED_TWICE, identity, ""),
            STATUS_NOT_ALLOWED);
    }
    struct group_member *added = &parameters->members[parameters->member_count++];
    *added = (struct group_member){.state = MEMBER_WAITING,
                                   .no_emergency = takes_right(command, identity)};
    snprintf(added->identity, sizeof added->identity, "%s", identity);
    snprintf(added->kms, sizeof added->kms, "%s",
             neighbour != NULL ? neighbour->presence.kms
             : member != NULL  ? member->kms
                               : former->kms);
    /* What only this officer calls it goes to nobody who has a better word. */
    const struct name known = names_public(&distribution->desk->names, identity);
    const struct name own = groups_name_of(distribution->groups, identity);
    const char *name = known.kind == NAME_ATTESTED ? known.text
                       : member != NULL            ? member->name
                       : former != NULL            ? former->name
                       : known.text[0] != '\0'     ? known.text
                                                   : own.text;
    snprintf(added->name, sizeof added->name, "%s", name);
    return STATUS_OK;
}

static enum status check_members(const struct command *command, struct event *problem) {
    return command->member_count > 0
               ? STATUS_OK
               : desk_problem(problem, (struct event){.kind = EVENT_MEMBERS_MISSING},
                              STATUS_NOT_ALLOWED);
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
    if (command->member_count > ADHOC_MEMBERS_MAX - 1) {
        return desk_problem(
            problem, (struct event){.kind = EVENT_MEMBERS_TOO_MANY, .count = ADHOC_MEMBERS_MAX},
            STATUS_TOO_LONG);
    }
    for (size_t i = 0; i < command->member_count; i++) {
        enum status status =
            add_member(distribution, command, command->members[i], before, parameters, problem);
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
        if (groups_any_gmk(distribution->groups, *gmk_id, &held) == NULL) {
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
        status = check_members(command, problem);
    }
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
        return desk_problem(problem,
                            groups_event(distribution->groups, EVENT_GROUP_IS_ITS_CREATORS,
                                         parameters->creator, parameters->identity),
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

/* Whom the officer cancelled is not asked again. That it may hold the key before says nothing of
 * the next one. */
static void keep_cancelled(struct group *before, struct group_parameters *parameters) {
    for (size_t i = 0; i < parameters->member_count; i++) {
        struct group_member *member = &parameters->members[i];
        const struct group_member *earlier = group_member(&before->parameters, member->identity);
        if (earlier != NULL && earlier->state == MEMBER_CANCELLED) {
            member->state = MEMBER_CANCELLED;
            group_member_excuse(member, earlier->reason == REASON_NO_RECEIPT ? REASON_NONE
                                                                             : earlier->reason);
        }
    }
}

static unsigned count_waiting(const struct group_parameters *parameters) {
    unsigned count = 0;
    for (size_t i = 0; i < parameters->member_count; i++) {
        count += parameters->members[i].state == MEMBER_WAITING;
    }
    return count;
}

/* A new GMK for those in the command, who may be nobody but this handset. `is_automatic`: no
 * officer has named them, so each stays as cancelled as it is. */
static enum status rekey_for(struct distribution *distribution, struct moment now,
                             const struct command *command, bool is_automatic,
                             struct event *problem) {
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
    parameters->list_number = 0;
    status = choose_members(distribution, command, group, parameters, problem);
    if (status == STATUS_OK && is_automatic) {
        keep_cancelled(group, parameters);
    }
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
        offers_stop(distribution->offers, now, parameters->identity, NULL);
        struct event event = event_about(EVENT_GROUP_REKEYING, parameters);
        event.gmk_id = parameters->gmk_id;
        event.count = count_waiting(parameters);
        desk_tell(distribution->desk, now, &event);
    }
    free(parameters);
    return status;
}

enum status distribution_rekey(struct distribution *distribution, struct moment now,
                               const struct command *command, struct event *problem) {
    enum status status = check_members(command, problem);
    return status == STATUS_OK ? rekey_for(distribution, now, command, false, problem) : status;
}

/* Who stays keeps what it may, and is asked again though two devices answered to it, if this
 * officer allowed that before. */
static void keep_member(const struct group_member *member, struct command *command) {
    snprintf(command->members[command->member_count++], OFFICER_IDENTITY_SIZE, "%s",
             member->identity);
    if (member->may_be_two) {
        snprintf(command->allowed[command->allowed_count++], OFFICER_IDENTITY_SIZE, "%s",
                 member->identity);
    }
    if (member->no_emergency) {
        snprintf(command->no_emergency[command->no_emergency_count++], OFFICER_IDENTITY_SIZE, "%s",
                 member->identity);
    }
}

enum status distribution_leave_out(struct distribution *distribution, struct moment now,
                                   const struct group *group, struct event *problem) {
    const struct group_parameters *parameters = &group->parameters;
    const struct keyring *keyring = &distribution->desk->keyring;
    int64_t limit = keyring->credential->max_key_period_ms;
    struct command *command = calloc(1, sizeof *command);
    if (command == NULL) {
        return out_of_memory(problem);
    }
    command->kind = COMMAND_REKEY_GROUP;
    command->period_ms = parameters->period_ms < limit ? parameters->period_ms : limit;
    snprintf(command->group, sizeof command->group, "%s", parameters->identity);
    for (size_t i = 0; i < parameters->member_count; i++) {
        const struct group_member *member = &parameters->members[i];
        if (member->state != MEMBER_SELF && !keyring_refuses(keyring, member->identity)) {
            keep_member(member, command);
        }
    }
    enum status status = rekey_for(distribution, now, command, true, problem);
    free(command);
    return status;
}

/* Is there a key to hand out? */
static enum status check_key(const struct group *group, struct moment now, struct event *problem) {
    if (gmk_is_usable(&group->current, group, now) == STATUS_OK) {
        return STATUS_OK;
    }
    return desk_problem(problem, event_about(EVENT_RETRY_EXPIRED, &group->parameters),
                        STATUS_GMK_EXPIRED);
}

/* Each of those in the command becomes a member of `parameters`, which are those of `group`. */
static enum status let_in(const struct distribution *distribution, const struct command *command,
                          struct group *group, struct group_parameters *parameters,
                          struct event *problem) {
    if (command->member_count == 0) {
        return desk_problem(problem, (struct event){.kind = EVENT_MEMBERS_MISSING},
                            STATUS_NOT_ALLOWED);
    }
    if (command->member_count > ADHOC_MEMBERS_MAX - parameters->member_count) {
        return desk_problem(
            problem, (struct event){.kind = EVENT_MEMBERS_TOO_MANY, .count = ADHOC_MEMBERS_MAX},
            STATUS_TOO_LONG);
    }
    for (size_t i = 0; i < command->member_count; i++) {
        enum status status =
            add_member(distribution, command, command->members[i], group, parameters, problem);
        if (status != STATUS_OK) {
            return status;
        }
        struct group_member *member = &parameters->members[parameters->member_count - 1];
        member->may_be_two = allowed_in(command, command->members[i]);
        member->listed_in = ++parameters->list_number;
    }
    return STATUS_OK;
}

/* The new ones into a copy of `group`, which takes its place once it is queued to become durable.
 */
static enum status keep_list(struct distribution *distribution, struct group *group,
                             const struct group_parameters *parameters) {
    struct group *copy;
    enum status status = group_copy(group, &copy);
    for (size_t i = group->parameters.member_count;
         status == STATUS_OK && i < parameters->member_count; i++) {
        status = group_admit(copy, &parameters->members[i]);
    }
    if (status == STATUS_OK) {
        status = groups_save(distribution->groups, copy);
    }
    if (status != STATUS_OK) {
        group_free(copy);
        return status;
    }
    groups_replace(distribution->groups, group, copy);
    return STATUS_OK;
}

enum status distribution_add(struct distribution *distribution, struct moment now,
                             const struct command *command, struct event *problem) {
    struct group *group;
    enum status status = own_group(distribution, command, &group, problem);
    if (status == STATUS_OK) {
        status = check_key(group, now, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct group_parameters *parameters = calloc(1, sizeof *parameters);
    if (parameters == NULL) {
        return out_of_memory(problem);
    }
    *parameters = group->parameters;
    status = let_in(distribution, command, group, parameters, problem);
    if (status == STATUS_OK) {
        status = keep_list(distribution, group, parameters);
        if (status != STATUS_OK) {
            desk_problem(problem, event_about(EVENT_MEMBERS_NOT_ADDED, parameters), status);
        }
    }
    if (status == STATUS_OK) {
        struct event event = event_about(EVENT_GROUP_ADDING, parameters);
        event.count = (unsigned)command->member_count;
        desk_tell(distribution->desk, now, &event);
    }
    free(parameters);
    return status;
}

/* The member of `group` that the command names. */
static enum status named_member(const struct distribution *distribution, struct group *group,
                                const struct command *command, struct group_member **member,
                                struct event *problem) {
    const struct group_parameters *parameters = &group->parameters;
    *member = group_member(&group->parameters, command->identity);
    if (*member == NULL) {
        return desk_problem(problem,
                            groups_event(distribution->groups, EVENT_NOT_A_MEMBER,
                                         command->identity, parameters->identity),
                            STATUS_NOT_FOUND);
    }
    return STATUS_OK;
}

enum status distribution_retry(struct distribution *distribution, struct moment now,
                               const struct command *command, struct event *problem) {
    struct group *group;
    struct group_member *member = NULL;
    enum status status = own_group(distribution, command, &group, problem);
    if (status == STATUS_OK) {
        status = named_member(distribution, group, command, &member, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    const struct group_parameters *parameters = &group->parameters;
    if (member->state != MEMBER_UNREACHABLE && member->state != MEMBER_DECLINED &&
        member->state != MEMBER_CANCELLED && member->state != MEMBER_UNANSWERED) {
        return desk_problem(
            problem, event_about_member(distribution, EVENT_RETRY_NOT_NEEDED, parameters, member),
            STATUS_ALREADY_DONE);
    }
    status = check_key(group, now, problem);
    if (status != STATUS_OK) {
        return status;
    }
    struct group_member before = *member;
    pursuit_begin(member);
    member->may_be_two = allowed_in(command, command->identity);
    status = groups_save(distribution->groups, group);
    if (status != STATUS_OK) {
        *member = before;
        return desk_problem(problem, (struct event){.kind = EVENT_COMMAND_FAILED}, status);
    }
    return STATUS_OK;
}

enum status distribution_cancel(struct distribution *distribution, struct moment now,
                                const struct command *command, struct event *problem) {
    struct group *group, *copy;
    struct group_member *only = NULL;
    enum status status = own_group(distribution, command, &group, problem);
    if (status == STATUS_OK && command->identity[0] != '\0') {
        status = named_member(distribution, group, command, &only, problem);
    }
    if (status != STATUS_OK) {
        return status;
    }
    status = group_copy(group, &copy);
    for (size_t i = 0; status == STATUS_OK && i < copy->parameters.member_count; i++) {
        struct group_member *member = &copy->parameters.members[i];
        if ((only == NULL || strcmp(only->identity, member->identity) == 0) &&
            pursuit_goes_on(member)) {
            member->state = MEMBER_CANCELLED;
            group_member_excuse(member, REASON_NONE);
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
    offers_stop(distribution->offers, now, command->group,
                command->identity[0] != '\0' ? command->identity : NULL);
    return STATUS_OK;
}
