/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/reach.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/words/words.h"

bool reach_is_member(const struct view_group *group, const struct view_member *member) {
    return !group->created_here || member->state != MEMBER_DECLINED;
}

/* Who sent no receipt may hold it all the same. */
static bool is_without_receipt(const struct view_member *member) {
    return member->state == MEMBER_UNREACHABLE && member->reason == REASON_NO_RECEIPT;
}

bool reach_may_hold(const struct view_group *group, const struct view_member *member) {
    return member->state != MEMBER_SELF && !member->is_revoked && member->key != MEMBER_KEY_OLDER &&
           (!group->created_here || member->state == MEMBER_ACCEPTED || is_without_receipt(member));
}

struct reach reach_of(const struct view_group *group) {
    struct reach reach = {.has_list = group->kind == GROUP_ADHOC};
    for (size_t i = 0; reach.has_list && i < group->member_count; i++) {
        const struct view_member *member = &group->members[i];
        if (member->state == MEMBER_SELF) {
            continue;
        }
        reach.others += reach_is_member(group, member);
        if (member->key == MEMBER_KEY_NEWER) {
            reach.newer++;
            reach.newer_first = member;
        }
        if (member->is_near && reach_may_hold(group, member)) {
            reach.here++;
            reach.is_most = reach.is_most || member->state != MEMBER_ACCEPTED ||
                            member->key == MEMBER_KEY_NEWER;
        }
    }
    return reach;
}

void reach_words(const struct reach *reach, char *out, size_t size) {
    snprintf(out, size, reach->is_most ? _("up to %zu of %zu") : _("%zu of %zu"), reach->here,
             reach->others);
}

void reach_can_hear(const struct reach *reach, char *out, size_t size) {
    char count[TEXT_SIZE];
    if (reach->others == 0) {
        text_copy(out, size, _("nobody else"));
    } else {
        reach_words(reach, count, sizeof count);
        snprintf(out, size, _("%.24s can hear"), count);
    }
}

void reach_short(const struct reach *reach, char *out, size_t size) {
    snprintf(out, size, reach->is_most ? "%zu?/%zu" : "%zu/%zu", reach->here, reach->others);
}
