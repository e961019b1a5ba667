/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The question before an identity is reported lost, or found again: what follows from it, and `y`
 * once that has been seen to its end. Nearby, a group's page and the page of all who are lost open
 * it for who is under the cursor.
 */
#ifndef MUSTER_UI_SCREENS_LOST_H
#define MUSTER_UI_SCREENS_LOST_H

#include "ui/screens/list.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"
#include "ui/words/who.h"

#define LOST_KEY   "l"
#define LOST_PRESS ((uint32_t)'l')

/* On Keys, where `l` locks: leads to all who are lost. */
#define LOST_LIST_KEY   "f"
#define LOST_LIST_PRESS ((uint32_t)'f')

struct lost_question {
    char identity[OFFICER_IDENTITY_SIZE]; /* whom it is about; empty: nothing is asked */
    bool is_back;                         /* to take it back */
    bool drawn;                           /* its end has been in front of the officer */
    struct scroll scroll;
};

/* Asks: of one who is lost whether it is found. */
void lost_open(struct lost_question *lost, const struct view *view, const char *identity);
void lost_close(struct lost_question *lost);
bool lost_is_open(const struct lost_question *lost);

/* What that identity is called: nearby, in a group, or among the lost. */
const char *lost_who(const struct view *view, const char *identity, char room[WHO_SIZE]);

void lost_key(struct lost_question *lost, struct turn *turn);
void lost_draw(struct lost_question *lost, const struct view *view, struct area area);
void lost_hints(const struct lost_question *lost, struct hints *hints);

/* Writes what a new key of the group takes with it, where that is something. */
void lost_write_unread(struct page *page, const struct view_group *group);

/* All whom the officer has reported lost, in reach or not: `l` on one, and `y`, take it back. */
struct lost_screen {
    struct list list;
    struct lost_question question;
};

void lost_screen_key(struct lost_screen *screen, struct turn *turn);
void lost_screen_draw(struct lost_screen *screen, const struct view *view, struct area area);
void lost_screen_hints(const struct lost_screen *screen, const struct view *view,
                       struct hints *hints);

#endif
