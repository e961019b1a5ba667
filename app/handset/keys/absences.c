/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keys/absences.h"

#include <stdio.h>
#include <string.h>

static struct absence *find(struct absences *absences, const char *identity) {
    for (size_t i = 0; i < ABSENCES_MAX; i++) {
        if (strcmp(absences->list[i].identity, identity) == 0) {
            return &absences->list[i];
        }
    }
    return NULL;
}

static void look_at(struct absences *absences, struct moment now, const struct group *group,
                    const char *identity) {
    struct absence *found = find(absences, identity);
    bool is_near = roster_is_near(absences->roster, identity, now);
    if (found == NULL && is_near) {
        found = find(absences, "");
        if (found != NULL) {
            snprintf(found->identity, sizeof found->identity, "%s", identity);
        }
    }
    if (found != NULL && !found->is_listed) {
        found->is_listed = true;
        found->is_here = found->is_here || is_near;
        snprintf(found->group, sizeof found->group, "%s", group->parameters.identity);
    }
}

static void look(struct absences *absences, struct moment now) {
    const char *self = own_identity(absences->desk);
    for (size_t i = 0; i < ABSENCES_MAX; i++) {
        absences->list[i].is_listed = false;
    }
    for (size_t i = 0; i < absences->groups->count; i++) {
        const struct group *group = absences->groups->list[i];
        for (size_t k = 0; group_holds_key(group) && k < group->parameters.member_count; k++) {
            const char *identity = group->parameters.members[k].identity;
            if (strcmp(identity, self) != 0) {
                look_at(absences, now, group, identity);
            }
        }
    }
    for (size_t i = 0; i < ABSENCES_MAX; i++) {
        if (!absences->list[i].is_listed) {
            absences->list[i] = (struct absence){.identity = ""};
        }
    }
}

static void tell(struct absences *absences, struct moment now, struct absence *absence) {
    const struct event event =
        groups_event(absences->groups, EVENT_FELL_SILENT, absence->identity, absence->group);
    absence->is_here = false;
    if (!absence->was_told || now.boot_ms - absence->told_ms >= ABSENCES_AGAIN_MS) {
        absence->was_told = true;
        absence->told_ms = now.boot_ms;
        desk_tell(absences->desk, now, &event);
    }
}

void absences_tick(struct absences *absences, struct moment now) {
    unsigned told = 0;
    if (now.boot_ms < absences->due_ms) {
        return;
    }
    absences->due_ms = now.boot_ms + ABSENCES_LOOK_MS;
    if (absences->desk->airplane) {
        absences_forget(absences);
        return;
    }
    look(absences, now);
    for (size_t i = 0; i < ABSENCES_MAX && told < ABSENCES_AT_ONCE; i++) {
        struct absence *absence = &absences->list[i];
        if (absence->is_here && !roster_is_near(absences->roster, absence->identity, now)) {
            tell(absences, now, absence);
            told++;
        }
    }
}

void absences_forget(struct absences *absences) {
    for (size_t i = 0; i < ABSENCES_MAX; i++) {
        absences->list[i].is_here = false;
    }
}

int64_t absences_deadline(const struct absences *absences) {
    return absences->groups->count == 0 ? INT64_MAX : absences->due_ms;
}
