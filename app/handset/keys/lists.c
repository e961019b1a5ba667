/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/lists.h"

#include <stdlib.h>
#include <string.h>

#include "app/handset/d2d/opening.h"
#include "app/handset/d2d/saying.h"
#include "app/handset/keys/latecomers.h"
#include "app/handset/keys/pursuit.h"

/* --- The creator ---------------------------------------------------------------------------- */

/* What a connection that this handset opened is for. */
struct errand {
    char group[GROUP_IDENTITY_SIZE];
    uint32_t gmk_id;
    unsigned number; /* of the list that was said */
};

/* The group and member that a connection is for, as long as it is still the same key. */
static struct group_member *member_of(const struct lists *lists,
                                      const struct connection *connection, struct group **group) {
    const struct errand *errand = connection->errand;
    *group = errand == NULL ? NULL : groups_find(lists->groups, errand->group);
    if (*group == NULL || (*group)->current.id != errand->gmk_id) {
        return NULL;
    }
    return group_member(&(*group)->parameters, connection->d2d->remote);
}

static void established(void *owner, struct moment now, struct connection *connection) {
    const struct lists *lists = owner;
    struct errand *errand = connection->errand;
    struct group *group;
    if (member_of(lists, connection, &group) == NULL) {
        connection_close(lists->connections, now, connection);
        return;
    }
    errand->number = group->parameters.list_number;
    struct d2d_record record = {.type = RECORD_LIST,
                                .parameters = &group->parameters,
                                .group_ms = group_clock_read(&group->clock, now)};
    connection_request(lists->connections, now, connection, &record);
}

/* It has the list, or no use for it: it does not hold the key any more, or is of another mind. */
static bool is_settled(const struct d2d_record *record) {
    return record->type == RECORD_RECEIPT ||
           (record->type == RECORD_DECLINED && record->reason == DECLINED_NOT_VALID);
}

static void response(void *owner, struct moment now, struct connection *connection,
                     const struct d2d_record *record) {
    const struct lists *lists = owner;
    const struct errand *errand = connection->errand;
    struct group *group;
    struct group_member *member = member_of(lists, connection, &group);
    if (member != NULL && is_settled(record)) {
        member->told = errand->number;
        pursuit_end(member);
        group->is_unsaved = groups_save(lists->groups, group) != STATUS_OK || group->is_unsaved;
    } else if (member != NULL) {
        pursuit_fail(member, now);
    }
    connection_drop(lists->connections, connection);
}

static void lost(void *owner, struct moment now, struct connection *connection) {
    struct group *group;
    struct group_member *member = member_of(owner, connection, &group);
    if (member != NULL) {
        pursuit_fail(member, now);
    }
}

static void dropped(void *owner, struct connection *connection) {
    (void)owner;
    free(connection->errand);
}

static bool is_being_told(const struct lists *lists, const struct group *group,
                          const struct group_member *member) {
    const struct connection *connection;
    size_t at = 0;
    while ((connection = connections_next(lists->connections, &lists->use, &at)) != NULL) {
        const struct errand *errand = connection->errand;
        if (errand != NULL && errand->gmk_id == group->current.id &&
            strcmp(connection->d2d->remote, member->identity) == 0) {
            return true;
        }
    }
    return false;
}

/* Does the member hold the key, and an older list? */
static bool lacks_list(const struct group *group, const struct group_member *member) {
    return group->created_here && group->current.octets != NULL &&
           member->state == MEMBER_ACCEPTED && member->told < group->parameters.list_number;
}

static enum status open_to(struct lists *lists, struct moment now, const struct group *group,
                           const struct group_member *member) {
    struct errand *errand = calloc(1, sizeof *errand);
    struct connection *connection;
    if (errand == NULL) {
        return STATUS_NO_MEMORY;
    }
    errand->gmk_id = group->current.id;
    memcpy(errand->group, group->parameters.identity, sizeof errand->group);
    enum status status = connection_open(lists->connections, now, &lists->use, errand, false,
                                         member->identity, member->kms, &connection);
    if (status != STATUS_OK) {
        free(errand);
    }
    return status;
}

/* Tells the first one that can be told now; returns whether there was one. */
static bool tell_next(struct lists *lists, struct moment now, struct group *group) {
    if (gmk_is_usable(&group->current, group, now) != STATUS_OK) {
        return false;
    }
    for (size_t i = 0; i < group->parameters.member_count; i++) {
        struct group_member *member = &group->parameters.members[i];
        if (!lacks_list(group, member) || is_being_told(lists, group, member)) {
            continue;
        }
        if (!roster_is_near(lists->roster, member->identity, now)) {
            pursuit_end(member); /* it is told at once when it comes back */
        } else if (now.boot_ms >= member->again_ms) {
            if (open_to(lists, now, group, member) != STATUS_OK) {
                pursuit_fail(member, now);
            }
            return true;
        }
    }
    return false;
}

void lists_tick(struct lists *lists, struct moment now) {
    if (now.boot_ms < lists->due_ms || desk_is_silent(lists->desk)) {
        return;
    }
    bool is_told = false;
    for (size_t i = 0; i < lists->groups->count && !is_told; i++) {
        is_told = tell_next(lists, now, lists->groups->list[i]);
    }
    lists->due_ms = now.boot_ms + (is_told ? LISTS_SPACING_MS : LISTS_LOOK_MS);
}

int64_t lists_deadline(const struct lists *lists) {
    for (size_t i = 0; i < lists->groups->count && !desk_is_silent(lists->desk); i++) {
        const struct group *group = lists->groups->list[i];
        for (size_t k = 0; k < group->parameters.member_count; k++) {
            if (lacks_list(group, &group->parameters.members[k])) {
                return lists->due_ms;
            }
        }
    }
    return INT64_MAX;
}

void lists_silence(struct lists *lists) {
    struct connection *connection;
    size_t at = 0;
    while ((connection = connections_next(lists->connections, &lists->use, &at)) != NULL) {
        connection_drop(lists->connections, connection);
    }
}

/* --- The member ----------------------------------------------------------------------------- */

/* Whose list may it be: that of the creator, for the GMK that is held? */
static bool is_of_creator(const struct group *group, const struct connection *connection,
                          const struct group_parameters *list) {
    const char *creator = connection->d2d->remote;
    return group != NULL && !group_is_standard(group) &&
           strcmp(group->parameters.creator, creator) == 0 && strcmp(list->creator, creator) == 0 &&
           group_lists(&group->parameters, creator, connection->d2d->remote_kms) &&
           latecomers_is_same_gmk(group, list);
}

static void take_list(struct lists *lists, struct moment now, const struct connection *connection,
                      const struct d2d_record *record, struct d2d_record *answer) {
    const struct group_parameters *list = record->parameters;
    struct group *group = groups_find(lists->groups, list->identity);
    *answer = (struct d2d_record){.type = RECORD_DECLINED, .reason = DECLINED_NOT_VALID};
    if (!is_of_creator(group, connection, list)) {
        return;
    }
    if (lists->desk->cannot_save) {
        answer->reason = DECLINED_CANNOT_SAVE;
    } else if (latecomers_merge(lists->groups, group, list, now) != STATUS_OK ||
               group->is_unsaved) {
        answer->reason = DECLINED_BUSY;
    } else {
        *answer = (struct d2d_record){.type = RECORD_RECEIPT, .gmk_id = group->current.id};
    }
}

static void request(void *owner, struct moment now, struct connection *connection,
                    const struct d2d_record *record) {
    struct lists *lists = owner;
    struct d2d_record answer = {.type = RECORD_CLOSED};
    if (record->type == RECORD_LIST && !connection->over) {
        take_list(lists, now, connection, record, &answer);
    }
    connection->over = true;
    connection_respond(lists->connections, now, connection, &answer);
}

void lists_serve(struct lists *lists) {
    lists->use = (struct connection_use){.owner = lists,
                                         .opening = RECORD_LIST,
                                         .established = established,
                                         .request = request,
                                         .response = response,
                                         .lost = lost,
                                         .dropped = dropped};
    connections_serve(lists->connections, &lists->use);
}
