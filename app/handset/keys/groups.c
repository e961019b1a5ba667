/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/groups.h"

#include <string.h>

void groups_clear(struct groups *groups) {
    for (size_t i = 0; i < groups->count; i++) {
        group_free(groups->list[i]);
    }
    groups->count = 0;
}

enum status groups_restore(struct groups *groups, struct span value) {
    struct group *group;
    enum status status = group_read(value, &group);
    if (status != STATUS_OK) {
        return status;
    }
    status = groups_add(groups, group);
    if (status != STATUS_OK) {
        group_free(group);
    }
    return status;
}

struct group *groups_find(const struct groups *groups, const char *identity) {
    for (size_t i = 0; i < groups->count; i++) {
        if (strcmp(groups->list[i]->parameters.identity, identity) == 0) {
            return groups->list[i];
        }
    }
    return NULL;
}

struct group *groups_gmk(const struct groups *groups, uint32_t gmk_id, const struct gmk **gmk) {
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->list[i];
        const struct gmk *const gmks[] = {&group->current, &group->previous, &group->waiting};
        for (size_t k = 0; gmk_id != 0 && k < sizeof gmks / sizeof gmks[0]; k++) {
            *gmk = gmks[k];
            if (gmks[k]->id == gmk_id) {
                return group;
            }
        }
    }
    *gmk = NULL;
    return NULL;
}

enum status groups_add(struct groups *groups, struct group *group) {
    if (groups->count == GROUPS_MAX) {
        return STATUS_TOO_LONG;
    }
    groups->list[groups->count++] = group;
    groups->version++;
    return STATUS_OK;
}

static size_t place_of(const struct groups *groups, const struct group *group) {
    size_t at = 0;
    while (at < groups->count && groups->list[at] != group) {
        at++;
    }
    return at;
}

void groups_replace(struct groups *groups, struct group *group, struct group *replacement) {
    groups->list[place_of(groups, group)] = replacement;
    groups->version++;
    group_free(group);
}

void groups_remove(struct groups *groups, struct group *group) {
    size_t at = place_of(groups, group);
    groups->count--;
    memmove(&groups->list[at], &groups->list[at + 1],
            (groups->count - at) * sizeof groups->list[0]);
    groups->version++;
    group_free(group);
}

/* A group's record in secret memory. */
static enum status group_record(const struct group *group, struct secret **record,
                                struct span *value) {
    *record = secret_new(GROUP_RECORD_MAX);
    if (*record == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct writer w = writer_into((*record)->octets, (*record)->length);
    group_write(&w, group);
    *value = writer_span(&w);
    return writer_finish(&w);
}

enum status group_copy(const struct group *group, struct group **copy) {
    struct secret *record;
    struct span value;
    *copy = NULL;
    enum status status = group_record(group, &record, &value);
    if (status == STATUS_OK) {
        status = group_read(value, copy);
    }
    if (status == STATUS_OK) {
        /* What no record has. */
        (*copy)->heard = group->heard;
        (*copy)->reserved = group->reserved;
        (*copy)->is_unproven = group->is_unproven;
        (*copy)->hours.is_doubted = group->hours.is_doubted;
        (*copy)->hours.is_anothers = group->hours.is_anothers;
        (*copy)->hours.off_ms = group->hours.off_ms;
        (*copy)->is_unsaved = group->is_unsaved;
        (*copy)->parameters = group->parameters;
    }
    secret_free(record);
    return status;
}

enum status groups_save(struct groups *groups, const struct group *group) {
    struct secret *record;
    struct span value;
    enum status status = group_record(group, &record, &value);
    if (status == STATUS_OK) {
        status = desk_save(groups->desk, RECORD_GROUP, group->parameters.identity, &value);
    }
    secret_free(record);
    return status;
}

enum status groups_keep(struct groups *groups, struct group *held, struct group *group) {
    enum status status = groups_save(groups, group);
    if (status == STATUS_OK && held != NULL) {
        const struct outbox *outbox = &groups->desk->outbox;
        struct moment now = group->clock.at;
        int64_t moved_ms = group->clock.group_ms - group_clock_read(&held->clock, now);
        if (moved_ms > 0) {
            heard_time_moved(&group->heard, moved_ms, outbox->queued, outbox->durable, now);
        }
        groups_replace(groups, held, group);
    } else if (status == STATUS_OK) {
        status = groups_add(groups, group);
    }
    return status;
}

bool groups_share(const struct groups *groups, const char *identity) {
    bool is_shared = false;
    for (size_t i = 0; i < groups->count && !is_shared; i++) {
        is_shared = group_member(&groups->list[i]->parameters, identity) != NULL;
    }
    return is_shared;
}

enum status groups_admit(struct groups *groups, struct group *group,
                         const struct group_member *member) {
    enum status status = group_admit(group, member);
    if (status == STATUS_OK) {
        groups->version++;
        group->is_unsaved = groups_save(groups, group) != STATUS_OK || group->is_unsaved;
    }
    return status;
}

const char *groups_name_of(const struct groups *groups, const char *identity) {
    const struct neighbour *neighbour = roster_find(groups->roster, identity);
    if (strcmp(identity, own_identity(groups->desk)) == 0) {
        return groups->desk->name;
    }
    if (neighbour != NULL) {
        return neighbour->presence.name;
    }
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->list[i];
        const struct group_member *member = group_member(&group->parameters, identity);
        if (group->created_here && member != NULL) {
            return member->name;
        }
        const struct former_member *former = group_former(group, identity);
        if (former != NULL) {
            return former->name;
        }
    }
    return "";
}

const char *groups_name_in(const struct groups *groups, const char *identity, const char *group) {
    const char *name = groups_name_of(groups, identity);
    struct group *known = groups_find(groups, group);
    const struct group_member *member =
        known == NULL ? NULL : group_member(&known->parameters, identity);
    return name[0] != '\0' || member == NULL ? name : member->name;
}
