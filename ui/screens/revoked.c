/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/revoked.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/groups.h"
#include "ui/screens/nearby.h"
#include "ui/screens/text.h"
#include "ui/words/words.h"

#define LIST_OLD_MS (31 * INT64_C(24) * 60 * 60 * 1000)

static bool is_in(const struct view_group *group, const char *identity) {
    for (size_t i = 0; group->revoked_count > 0 && i < group->member_count; i++) {
        const struct view_member *member = &group->members[i];
        if (member->is_revoked && strcmp(member->identity, identity) == 0) {
            return true;
        }
    }
    for (size_t i = 0; i < group->former_count; i++) {
        const struct view_former *former = &group->former[i];
        if (former->is_revoked && strcmp(former->identity, identity) == 0) {
            return true;
        }
    }
    return false;
}

bool revoked_is(const struct view *view, const char *identity) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    bool found = nearby != NULL && nearby->is_revoked;
    for (size_t i = 0; i < view->group_count && !found; i++) {
        found = is_in(&view->groups[i], identity);
    }
    return found;
}

bool revoked_is_near(const struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (view->nearby[i].is_revoked) {
            return true;
        }
    }
    return false;
}

bool revoked_is_lost(const struct view *view, const char *identity) {
    const struct view_nearby *nearby = nearby_find(view, identity);
    bool found = nearby != NULL && nearby->is_lost;
    for (size_t i = 0; i < view->group_count && !found; i++) {
        const struct view_group *group = &view->groups[i];
        for (size_t k = 0; k < group->member_count && !found; k++) {
            found = group->members[k].is_lost && strcmp(group->members[k].identity, identity) == 0;
        }
        for (size_t k = 0; k < group->former_count && !found; k++) {
            found = group->former[k].is_lost && strcmp(group->former[k].identity, identity) == 0;
        }
    }
    return found;
}

const char *revoked_words(bool is_lost) {
    return is_lost ? _("you reported it lost: it gets no keys and is not heard")
                   : _("revoked by the KMS: it gets no keys and is not heard");
}

const char *revoked_mark(bool is_lost) {
    return is_lost ? _("lost") : _("revoked");
}

static void lost_group_text(const struct view_group *group, bool full, char *out, size_t size) {
    size_t count = group->lost_count;
    if (!full) {
        snprintf(out, size, words_many("%zu member lost", "%zu members lost", count), count);
    } else if (groups_can_rekey(group)) {
        snprintf(out, size,
                 words_many("%zu member is lost: w makes a new key without it",
                            "%zu members are lost: w makes a new key without them", count),
                 count);
    } else {
        snprintf(out, size,
                 words_many("%zu member is lost, and may hold this key",
                            "%zu members are lost, and may hold this key", count),
                 count);
    }
}

void revoked_group_text(const struct view_group *group, bool full, char *out, size_t size) {
    size_t count = group->revoked_count;
    if (count == group->lost_count) {
        lost_group_text(group, full, out, size);
    } else if (!full) {
        snprintf(out, size, words_many("%zu member revoked", "%zu members revoked", count), count);
    } else if (groups_can_rekey(group)) {
        snprintf(out, size,
                 words_many("%zu member is revoked: w makes a new key without it",
                            "%zu members are revoked: w makes a new key without them", count),
                 count);
    } else {
        snprintf(out, size,
                 words_many("%zu member is revoked, and may hold this key",
                            "%zu members are revoked, and may hold this key", count),
                 count);
    }
}

void revoked_list_text(const struct view_revoked *revoked, char *out, size_t size) {
    char age[TEXT_SIZE];
    if (!revoked->has_list) {
        text_copy(out, size, _("no list held"));
        return;
    }
    if (revoked->is_self) {
        text_copy(out, size, _("this identity is on the list"));
        return;
    }
    const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;
    unsigned long days = (unsigned long)(revoked->age_ms / day_ms);
    if (days == 0) {
        text_duration(revoked->age_ms, age);
    } else {
        snprintf(age, sizeof age, words_many("%lu day", "%lu days", days), days);
    }
    snprintf(out, size, _("a list of %zu, %s old"), revoked->count, age);
}

enum style revoked_list_style(const struct view_revoked *revoked) {
    return revoked->is_self                ? STYLE_BAD
           : revoked->age_ms > LIST_OLD_MS ? STYLE_CAUTION
                                           : STYLE_PLAIN;
}
