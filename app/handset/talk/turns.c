/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/turns.h"

#include <stdio.h>
#include <string.h>

static bool is_of(const char *identity, const uint8_t who[QUEUE_WHO_SIZE]) {
    uint8_t hashed[QUEUE_WHO_SIZE];
    return voice_report_who(identity, hashed) == STATUS_OK &&
           memcmp(hashed, who, sizeof hashed) == 0;
}

/* Who that is: a member on the list, or, in a standard group, which has none, a neighbour. */
static const char *identity_of(const struct turns *turns, const char *group,
                               const uint8_t who[QUEUE_WHO_SIZE]) {
    const struct group *known = groups_find(turns->groups, group);
    const struct roster *roster = turns->groups->roster;
    const char *own = own_identity(turns->desk);
    if (is_of(own, who)) {
        return own;
    }
    for (size_t i = 0; known != NULL && i < known->parameters.member_count; i++) {
        if (is_of(known->parameters.members[i].identity, who)) {
            return known->parameters.members[i].identity;
        }
    }
    for (size_t i = 0; known != NULL && group_is_standard(known) && i < roster->neighbours.count;
         i++) {
        if (is_of(roster->neighbours.list[i]->presence.identity, who)) {
            return roster->neighbours.list[i]->presence.identity;
        }
    }
    return "";
}

static struct turn_list *find(struct turns *turns, const char *group) {
    for (size_t i = 0; i < TURNS_GROUPS_MAX; i++) {
        if (turns->lists[i].is_used && strcmp(turns->lists[i].group, group) == 0) {
            return &turns->lists[i];
        }
    }
    return NULL;
}

/* That of the group, a free place, or the oldest one. */
static struct turn_list *place(struct turns *turns, const char *group) {
    struct turn_list *found = find(turns, group);
    for (size_t i = 0; i < TURNS_GROUPS_MAX && found == NULL; i++) {
        found = turns->lists[i].is_used ? NULL : &turns->lists[i];
    }
    for (size_t i = 0; i < TURNS_GROUPS_MAX && (found == NULL || found->is_used); i++) {
        if (found == NULL || turns->lists[i].began_ms < found->began_ms) {
            found = &turns->lists[i];
        }
    }
    return found;
}

void turns_begin(struct turns *turns, struct moment now, const char *group,
                 const struct queue_info *order) {
    turns_end(turns, group);
    if (order->count == 0) {
        return;
    }
    struct turn_list *list = place(turns, group);
    *list = (struct turn_list){.is_used = true, .began_ms = now.boot_ms, .order = *order};
    snprintf(list->group, sizeof list->group, "%s", group);
    for (size_t i = 0; i < order->count && i < TURNS_MAX; i++) {
        snprintf(list->identities[i], sizeof list->identities[i], "%s",
                 identity_of(turns, group, order->who[i]));
    }
}

void turns_end(struct turns *turns, const char *group) {
    struct turn_list *list = find(turns, group);
    if (list != NULL) {
        list->is_used = false;
    }
}

const struct turn_list *turns_current(const struct turns *turns, struct moment now,
                                      const char *group, size_t *nth) {
    for (size_t i = 0; i < TURNS_GROUPS_MAX; i++) {
        const struct turn_list *list = &turns->lists[i];
        int64_t passed_ms = now.boot_ms - list->began_ms;
        size_t turn = (size_t)(passed_ms / TURN_EVERY_MS);
        if (list->is_used && strcmp(list->group, group) == 0 && turn < list->order.count &&
            turn < TURNS_MAX) {
            *nth = turn;
            return list;
        }
    }
    return NULL;
}

const char *turns_check(const struct turns *turns, struct moment now, const char *group) {
    size_t nth;
    const struct turn_list *list = turns_current(turns, now, group, &nth);
    bool is_other = list != NULL && !is_of(own_identity(turns->desk), list->order.who[nth]);
    return is_other ? list->identities[nth] : NULL;
}

void turns_show(const struct turns *turns, struct moment now, struct view *view) {
    struct view_floor *out = &view->floor;
    out->turn_count = 0;
    for (size_t i = 0; i < TURNS_GROUPS_MAX; i++) {
        const char *group = turns->lists[i].group;
        const char *who = turns->lists[i].is_used ? turns_check(turns, now, group) : NULL;
        if (who != NULL) {
            struct view_turn *row = &out->turns[out->turn_count++];
            snprintf(row->group, sizeof row->group, "%s", group);
            snprintf(row->identity, sizeof row->identity, "%s", who);
            groups_show_name(turns->groups, who, group, row->name, &row->name_kind);
        }
    }
}

_Static_assert((int)TURNS_GROUPS_MAX == (int)VIEW_TURNS_MAX, "all are shown");
