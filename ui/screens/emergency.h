/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Emergencies: the line that stands on every screen while one is not acknowledged here, or the own
 * one is not over; and the screen where the officer does that, one after the other.
 */
#ifndef MUSTER_UI_SCREENS_EMERGENCY_H
#define MUSTER_UI_SCREENS_EMERGENCY_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

#define EMERGENCY_KEY      "!" /* leads to the screen, from every other */
#define EMERGENCY_CALL_KEY "E" /* held for a second, calls one */

/* What the officer is told for that key when it is not held, with that group in view. */
const char *emergency_hold_it(const struct view *view, const char *group);

struct emergency_screen {
    struct view_emergency drawn; /* what the officer decides about; of no identity: none yet */
    struct scroll scroll;
};

void emergency_screen_key(struct emergency_screen *screen, struct turn *turn);
void emergency_screen_draw(struct emergency_screen *screen, const struct view *view,
                           struct area area);
void emergency_screen_hints(const struct view *view, struct hints *hints);

/* The line, in the row `line`. False: there is none. */
bool emergency_banner(const struct view *view, struct area line);

#endif
