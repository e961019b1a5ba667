/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/latecomers.h"

#include <string.h>

/* Has the list everybody of the first list of `other`, and all with the same domain? */
static bool has_first(const struct group_parameters *list, const struct group_parameters *other) {
    for (size_t i = 0; i < other->member_count; i++) {
        const struct group_member *member = &other->members[i];
        const struct group_member *same = group_listed(list, member->identity);
        if (same == NULL ? member->listed_in == 0
                         : (member->listed_in == 0) != (same->listed_in == 0) ||
                               strcmp(same->kms, member->kms) != 0) {
            return false;
        }
    }
    return true;
}

bool latecomers_is_same_gmk(const struct group *group, const struct group_parameters *parameters) {
    const struct group_parameters *held = &group->parameters;
    return held->gmk_id == parameters->gmk_id && held->created_ms == parameters->created_ms &&
           held->period_ms == parameters->period_ms && strcmp(held->name, parameters->name) == 0 &&
           group->current.octets != NULL && has_first(held, parameters) &&
           has_first(parameters, held);
}

static enum status admit(struct groups *groups, struct group *group,
                         const struct group_member *named, struct moment now) {
    struct group_member member = {.listed_in = named->listed_in,
                                  .no_emergency = named->no_emergency};
    memcpy(member.identity, named->identity, sizeof member.identity);
    memcpy(member.kms, named->kms, sizeof member.kms);
    memcpy(member.name, named->name, sizeof member.name);
    enum status status = groups_admit(groups, group, &member);
    if (status == STATUS_OK) {
        const struct event event =
            event_of_member(EVENT_MEMBER_ADDED, member.identity, member.name,
                            group->parameters.identity, group->parameters.name);
        desk_tell(groups->desk, now, &event);
    }
    return status;
}

enum status latecomers_merge(struct groups *groups, struct group *group,
                             const struct group_parameters *list, struct moment now) {
    size_t count = group->parameters.member_count;
    for (size_t i = 0; i < list->member_count; i++) {
        count += group_listed(&group->parameters, list->members[i].identity) == NULL;
    }
    enum status status = count > ADHOC_MEMBERS_MAX ? STATUS_TOO_LONG : STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < list->member_count; i++) {
        if (group_listed(&group->parameters, list->members[i].identity) == NULL) {
            status = admit(groups, group, &list->members[i], now);
        }
    }
    return status;
}

bool latecomers_shows_ticket(const struct group *group, const struct gmk *gmk,
                             const struct announcement_fields *fields, struct ticket *ticket) {
    return gmk == &group->current && !group_is_standard(group) && fields->ticket.length > 0 &&
           group->parameters.member_count < ADHOC_MEMBERS_MAX &&
           ticket_read(fields->ticket, fields->talker, ticket) == STATUS_OK;
}

enum status latecomers_admit(struct groups *groups, struct group *group,
                             const struct ticket *ticket, struct moment now) {
    return admit(groups, group, &ticket->member, now);
}
