/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the steps of a new group look like (new_group.h says what they do). */
#ifndef MUSTER_UI_SCREENS_NEW_GROUP_PAGES_H
#define MUSTER_UI_SCREENS_NEW_GROUP_PAGES_H

#include "ui/screens/nearby.h"
#include "ui/screens/new_group.h"

/* What is picked of that identity; NULL: it is not. */
const struct pick *new_group_pick(const struct new_group *new_group, const char *identity);

/* Is that identity picked? */
bool new_group_has(const struct new_group *new_group, const char *identity);

/* Picks that identity, under that name, unless it is picked or in the group already. Returns NULL,
 * or why it cannot be picked, in words. */
const char *new_group_add(struct new_group *new_group, const struct view *view,
                          const char *identity, const char *name, enum name_kind kind);

/* Is that identity in the group already that others are added to? */
bool new_group_is_in(const struct new_group *new_group, const struct view *view,
                     const char *identity);

/* Whom the officer can pick: the identities in reach and those picked that have gone out of reach;
 * for a new key the group's members. And who is in already. Borrowed from both arguments. */
struct rows new_group_rows(const struct new_group *new_group, const struct view *view);

/* A name, what it is worth, and whether another in reach or in a group has one like it. */
struct named {
    const char *text;
    enum name_kind kind;
    bool alike;
};

/* What an identity on the list is called; "" when nobody said. */
struct named new_group_name_of(const struct new_group *new_group, const struct view *view,
                               const char *identity);

void new_group_draw_pick(struct new_group *new_group, const struct view *view, struct area area);
void new_group_draw_name(const struct new_group *new_group, struct area area);
void new_group_draw_period(const struct new_group *new_group, const struct view *view,
                           struct area area);
void new_group_draw_confirm(struct new_group *new_group, const struct view *view, struct area area);
void new_group_draw_making(struct area area);

#endif
