/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/groups.h"

#include <stdio.h>
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

static const struct gmk *gmk_with_id(const struct group *group, uint32_t gmk_id) {
    const struct gmk *const gmks[] = {&group->current, &group->previous, &group->waiting};
    for (size_t i = 0; gmk_id != 0 && i < sizeof gmks / sizeof gmks[0]; i++) {
        if (gmks[i]->id == gmk_id) {
            return gmks[i];
        }
    }
    return NULL;
}

struct group *groups_gmk(const struct groups *groups, const char *identity, uint32_t gmk_id,
                         const struct gmk **gmk) {
    struct group *group = groups_find(groups, identity);
    *gmk = group == NULL ? NULL : gmk_with_id(group, gmk_id);
    return *gmk == NULL ? NULL : group;
}

struct group *groups_any_gmk(const struct groups *groups, uint32_t gmk_id, const struct gmk **gmk) {
    for (size_t i = 0; i < groups->count; i++) {
        *gmk = gmk_with_id(groups->list[i], gmk_id);
        if (*gmk != NULL) {
            return groups->list[i];
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
        (*copy)->end_told = group->end_told;
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

/* The name in the list of a group that this officer made or accepted. */
static struct name accepted_name(struct group *group, const char *identity) {
    const struct group_member *member = group_member(&group->parameters, identity);
    const struct former_member *former = group_former(group, identity);
    return (struct name){.text = member != NULL   ? member->name
                                 : former != NULL ? former->name
                                                  : "",
                         .kind = NAME_ACCEPTED};
}

struct name groups_name_of(const struct groups *groups, const char *identity) {
    struct name best = desk_name_of(groups->desk, identity);
    for (size_t i = 0; i < groups->count && best.kind < NAME_ACCEPTED; i++) {
        const struct name accepted = accepted_name(groups->list[i], identity);
        if (groups->list[i]->created_here && accepted.text[0] != '\0') {
            best = accepted;
        }
    }
    return best;
}

struct name groups_name_in(const struct groups *groups, const char *identity, const char *group) {
    const struct name best = desk_name_of(groups->desk, identity);
    struct group *known = groups_find(groups, group);
    if (known == NULL) {
        return groups_name_of(groups, identity);
    }
    const struct name accepted = accepted_name(known, identity);
    return best.kind < NAME_ACCEPTED && accepted.text[0] != '\0' ? accepted : best;
}

void groups_show_name(const struct groups *groups, const char *identity, const char *group,
                      char out[OFFICER_NAME_SIZE], enum name_kind *kind) {
    const struct name name = groups_name_in(groups, identity, group);
    snprintf(out, OFFICER_NAME_SIZE, "%s", name.text);
    *kind = name.kind;
}

struct event groups_event(const struct groups *groups, enum event_kind kind, const char *identity,
                          const char *group) {
    const struct group *known = groups_find(groups, group);
    const struct name name = groups_name_in(groups, identity, group);
    struct event event = event_of_member(kind, identity, name.text, group,
                                         known == NULL ? "" : known->parameters.name);
    event.name_kind = name.kind;
    return event;
}
