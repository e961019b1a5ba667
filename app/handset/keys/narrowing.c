/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/narrowing.h"

#include <string.h>

/* Is that member in the list that was accepted, with all that the list says of it? */
static bool was_accepted(const struct group_parameters *held, const struct group_member *member) {
    const struct group_member *before = group_listed(held, member->identity);
    return before != NULL && strcmp(before->kms, member->kms) == 0 &&
           strcmp(before->name, member->name) == 0 && before->no_emergency == member->no_emergency;
}

size_t narrowing_leaves_out(const struct group *held, const struct group_parameters *proposed) {
    const struct group_parameters *before = &held->parameters;
    if (held->created_here || group_is_standard(held) ||
        strcmp(before->creator, proposed->creator) != 0 ||
        strcmp(before->identity, proposed->identity) != 0 ||
        strcmp(before->name, proposed->name) != 0 || proposed->list_number != 0 ||
        proposed->period_ms > before->period_ms || proposed->member_count >= before->member_count) {
        return 0;
    }
    for (size_t i = 0; i < proposed->member_count; i++) {
        if (!was_accepted(before, &proposed->members[i])) {
            return 0;
        }
    }
    return before->member_count - proposed->member_count; /* no list has anybody twice */
}

bool narrowing_is_plain(const struct groups *groups, const struct group *held,
                        const struct group_parameters *proposed, struct moment now) {
    const struct desk *desk = groups->desk;
    const unsigned own = group_listed_in(&held->parameters, own_identity(desk));
    if (held->is_questioned || gmk_is_usable(&held->current, held, now) != STATUS_OK ||
        roster_has_other(groups->roster, now)) {
        return false;
    }
    for (size_t i = 0; i < proposed->member_count; i++) {
        const char *identity = proposed->members[i].identity;
        if (group_listed_in(&held->parameters, identity) > own ||
            keyring_admits(&desk->keyring, identity) != STATUS_OK ||
            roster_is_two(groups->roster, identity, now)) {
            return false;
        }
    }
    return true;
}

void narrowing_question(const struct groups *groups, const char *identity) {
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = groups->list[i];
        group->is_questioned =
            group->is_questioned || group_listed(&group->parameters, identity) != NULL;
    }
}
