/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/resemblance.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/text/digits.h"

/* A name that is shown, and for whom. */
struct shown {
    const char *identity, *name;
    struct look look;
    bool *alike; /* of its row; NULL: the own one's */
    bool has_number;
};

enum {
    GROUPS_SHOWN_MAX = VIEW_GROUPS_MAX + VIEW_MANAGED_MAX + VIEW_INVITATIONS_MAX
};

struct crowd {
    size_t count;
    struct shown list[];
};

/* How many names may be shown in the view. */
static size_t most_shown(const struct view *view) {
    size_t most = 1 + view->nearby_count;
    for (size_t i = 0; i < view->group_count; i++) {
        most += view->groups[i].member_count;
    }
    for (size_t i = 0; i < view->invitation_count; i++) {
        most += 1 + view->invitations[i].member_count;
    }
    return most;
}

static void add(struct crowd *crowd, struct names *names, const char *identity, const char *name,
                bool *alike) {
    if (alike != NULL) {
        *alike = false;
    }
    if (name[0] != '\0') {
        crowd->list[crowd->count++] = (struct shown){
            .identity = identity,
            .name = name,
            .look = names_look(names, name),
            .alike = alike,
            .has_number = alike_has_number(name),
        };
    }
}

static void add_members(struct crowd *crowd, struct names *names, struct view_member members[],
                        size_t count) {
    for (size_t i = 0; i < count; i++) {
        add(crowd, names, members[i].identity, members[i].name, &members[i].alike);
    }
}

static void gather(struct crowd *crowd, struct names *names, struct view *view) {
    add(crowd, names, view->identity, view->name, NULL);
    for (size_t i = 0; i < view->nearby_count; i++) {
        struct view_nearby *row = &view->nearby[i];
        add(crowd, names, row->identity, row->name, &row->alike);
    }
    for (size_t i = 0; i < view->group_count; i++) {
        add_members(crowd, names, view->groups[i].members, view->groups[i].member_count);
    }
    for (size_t i = 0; i < view->invitation_count; i++) {
        struct view_invitation *row = &view->invitations[i];
        add(crowd, names, row->inviter, row->inviter_name, &row->inviter_alike);
        add_members(crowd, names, row->members, row->member_count);
    }
}

static bool is_alike(const struct shown *one, const struct shown *other) {
    return (looks_alike(one->look, other->look) ||
            (one->has_number && alike_name_says(one->name, other->identity))) &&
           strcmp(one->identity, other->identity) != 0;
}

void resemblance_show(struct names *names, struct view *view) {
    struct crowd *crowd = calloc(1, sizeof *crowd + most_shown(view) * sizeof crowd->list[0]);
    if (crowd == NULL) {
        return;
    }
    gather(crowd, names, view);
    for (size_t i = 0; i < crowd->count; i++) {
        const struct shown *one = &crowd->list[i];
        for (size_t k = 0; one->alike != NULL && !*one->alike && k < crowd->count; k++) {
            *one->alike = is_alike(one, &crowd->list[k]);
        }
    }
    free(crowd);
}

/* --- Groups ----------------------------------------------------------------------------------- */

struct shown_group {
    const char *identity;
    struct look look;
    char mark[VIEW_MARK_SIZE];
};

struct shown_groups {
    size_t count;
    struct shown_group list[GROUPS_SHOWN_MAX];
};

_Static_assert((int)VIEW_MARK_SIZE == (int)IDENTITY_DIGITS_SIZE,
               "a mark is the end of an identity");

/* The end of the identity of who made an ad-hoc group, which its own begins with, or else of the
 * group's. */
static void mark_of(const char *group, char mark[VIEW_MARK_SIZE]) {
    static const char adhoc[] = "adhoc:";
    char maker[OFFICER_GROUP_SIZE];
    size_t prefix = strncmp(group, adhoc, sizeof adhoc - 1) == 0 ? sizeof adhoc - 1 : 0;
    snprintf(maker, sizeof maker, "%s", group + prefix);
    char *end = prefix > 0 ? strrchr(maker, ';') : NULL;
    if (end != NULL) {
        *end = '\0';
    }
    identity_digits(maker, mark);
}

static void add_group(struct shown_groups *groups, struct names *names, const char *identity,
                      const char *name) {
    struct shown_group *group = &groups->list[groups->count++];
    group->identity = identity;
    group->look = names_look(names, name);
    mark_of(identity, group->mark);
}

static bool groups_alike(const struct shown_group *one, const struct shown_group *other) {
    return looks_alike(one->look, other->look) && strcmp(one->identity, other->identity) != 0;
}

static void show_mark(const struct shown_groups *groups, size_t at, struct view_group *row) {
    const struct shown_group *own = &groups->list[at];
    bool is_alike = false, is_same_mark = false;
    for (size_t i = 0; i < groups->count; i++) {
        if (groups_alike(own, &groups->list[i])) {
            is_alike = true;
            is_same_mark = is_same_mark || strcmp(own->mark, groups->list[i].mark) == 0;
        }
    }
    row->mark[0] = '\0';
    if (is_same_mark) {
        snprintf(row->mark, sizeof row->mark, "%08" PRIX32, row->gmk_id);
    } else if (is_alike) {
        memcpy(row->mark, own->mark, sizeof row->mark);
    }
}

void resemblance_show_groups(struct names *names, struct view *view) {
    struct shown_groups groups = {0};
    for (size_t i = 0; i < view->group_count; i++) {
        add_group(&groups, names, view->groups[i].identity, view->groups[i].name);
    }
    for (size_t i = 0; i < view->managed_count; i++) {
        add_group(&groups, names, view->managed[i].identity, view->managed[i].name);
    }
    for (size_t i = 0; i < view->invitation_count; i++) {
        struct view_invitation *row = &view->invitations[i];
        add_group(&groups, names, row->group, row->group_name);
    }
    for (size_t i = 0; i < view->group_count; i++) {
        show_mark(&groups, i, &view->groups[i]);
    }
    for (size_t i = 0; i < view->invitation_count; i++) {
        struct view_invitation *row = &view->invitations[i];
        const struct shown_group *own = &groups.list[view->group_count + view->managed_count + i];
        row->group_alike = false;
        for (size_t k = 0; !row->group_alike && k < groups.count; k++) {
            row->group_alike = groups_alike(own, &groups.list[k]);
        }
    }
}
