/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * "Say again" on the Talk screen: what was said before, once more.
 */
#ifndef MUSTER_UI_SCREENS_AGAIN_H
#define MUSTER_UI_SCREENS_AGAIN_H

#include "ui/canvas.h"
#include "ui/screens/turn.h"

/* A key of the Talk screen that shows `group` (or NULL); returns whether it was meant. */
bool again_key(struct turn *turn, const struct view_group *group);

/* Whose words are heard again, and when they were said; returns the rows it took, 0 when nothing is
 * said again now. */
int again_draw(const struct view *view, struct area area, int row);

void again_hints(const struct view *view, const struct view_group *group, struct hints *hints);

#endif
