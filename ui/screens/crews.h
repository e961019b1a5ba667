/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Picking many at once for a group: the crews that the officer keeps, all who are trusted, or the
 * other way round. And keeping those picked as a crew.
 */
#ifndef MUSTER_UI_SCREENS_CREWS_H
#define MUSTER_UI_SCREENS_CREWS_H

#include "ui/screens/field.h"
#include "ui/screens/list.h"
#include "ui/screens/turn.h"

struct new_group;

struct crews_page {
    struct list list;
    bool naming; /* a name is typed for a crew of those who are picked */
    struct field name;
    char forgetting[VIEW_CREW_KEY_SIZE]; /* the crew that the last key asked to forget; "": none */
    bool replacing; /* the last key asked whether the crew of that name is to be replaced */
    char line[96 + OFFICER_NAME_SIZE]; /* what it asked, or who could not be picked */
};

/* Opens the page with nothing typed and nothing asked. */
void crews_open(struct crews_page *page);

/* The keys of the page of `new_group`, whose picks it changes. Returns false when the page is left:
 * somebody was picked, or nobody is to be. */
bool crews_key(struct new_group *new_group, struct turn *turn);

/* Draws the page, and which keys work there. */
void crews_draw(struct new_group *new_group, const struct view *view, struct area area);
void crews_hints(const struct new_group *new_group, const struct view *view, struct hints *hints);

#endif
