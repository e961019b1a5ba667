/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The groups that this handset holds a GMK for: kind, members, GMK id, time left. */
#ifndef MUSTER_UI_SCREENS_GROUPS_H
#define MUSTER_UI_SCREENS_GROUPS_H

#include "ui/screens/list.h"
#include "ui/screens/turn.h"

/* A new key for the group, and more members for it. Not k and j: those move. */
#define REKEY_KEY    "w"
#define REKEY_PRESS  ((uint32_t)'w')
#define MANAGE_KEY   "g"
#define MANAGE_PRESS 'g'
#define ADD_KEY      "a"
#define ADD_PRESS    ((uint32_t)'a')

struct groups_screen {
    struct list list;
};

/* Puts the cursor on that group: the officer comes from it. */
void groups_screen_focus(struct groups_screen *groups, const struct view *view, const char *group);

void groups_screen_key(struct groups_screen *groups, struct turn *turn);
void groups_screen_draw(struct groups_screen *groups, const struct view *view, struct area area);
void groups_screen_hints(const struct groups_screen *groups, const struct view *view,
                         struct hints *hints);

/* What the officer is told who would rekey or delete a standard group all the same; for _(). */
extern const char groups_is_managed[];

/* The line for who would talk in a group whose key cannot be used now; for _(). */
extern const char groups_no_talk[];

/* Can this handset give the group a new key? Only its creator's can, and no ad-hoc delivery may
 * rekey a standard group (6.X.3.3.3.3). */
bool groups_can_rekey(const struct view_group *group);

/* Can this handset let others in with the present key? Its creator's can, while the key is good. */
bool groups_can_add(const struct view_group *group);

/* Can this handset delete the group? Not one whose keys a manager gives (6.X.3.3.2). */
bool groups_can_delete(const struct view_group *group);

/* "ad-hoc" or "standard". */
const char *groups_kind(enum group_kind kind);

#endif
