/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/resemblance.h"

#include <stdlib.h>
#include <string.h>

/* A name that is shown, and for whom. */
struct shown {
    const char *identity, *name;
    struct look look;
    bool *alike; /* of its row; NULL: the own one's */
    bool has_number;
};

enum {
    SHOWN_MAX = 1 + VIEW_NEARBY_MAX + VIEW_GROUPS_MAX * ADHOC_MEMBERS_MAX +
                VIEW_INVITATIONS_MAX * (1 + ADHOC_MEMBERS_MAX)
};

struct crowd {
    size_t count;
    struct shown list[SHOWN_MAX];
};

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
    struct crowd *crowd = calloc(1, sizeof *crowd);
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
