/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One group: its key, and a row for each member that says whether it has it. This is also where
 * the officer watches a key being handed out.
 */
#ifndef MUSTER_UI_SCREENS_GROUP_H
#define MUSTER_UI_SCREENS_GROUP_H

#include "ui/screens/list.h"
#include "ui/screens/lost.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct group_screen {
    char identity[OFFICER_GROUP_SIZE];
    struct list list;
    bool moved; /* the officer has used the cursor: it no longer goes to who can be retried */
    struct scroll scroll;
    bool deleting; /* the question whether to delete it is open */
    bool drawn;    /* and the officer has seen it */
    struct lost_question lost;
};

/* Opens the group with that identity; `deleting` opens the question as well. */
void group_screen_open(struct group_screen *group, const char *identity, bool deleting);

void group_screen_key(struct group_screen *group, struct turn *turn);
void group_screen_draw(struct group_screen *group, const struct view *view, struct area area);
void group_screen_hints(const struct group_screen *group, const struct view *view,
                        struct hints *hints);

#endif
