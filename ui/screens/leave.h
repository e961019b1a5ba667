/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The question before the program ends. */
#ifndef MUSTER_UI_SCREENS_LEAVE_H
#define MUSTER_UI_SCREENS_LEAVE_H

#include "ui/screens/turn.h"

void leave_key(struct turn *turn);
void leave_draw(const struct view *view, struct area area);
void leave_hints(struct hints *hints);

#endif
