/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands around every screen: who and when, what wants attention, what the last key led to. */
#ifndef MUSTER_UI_SCREENS_FRAME_H
#define MUSTER_UI_SCREENS_FRAME_H

#include "ui/screens/turn.h"

enum {
    TALL_ROWS = 16
}; /* from here up there are rows to spare */

/* The name of one of the first six screens; the same in English, for _(). */
const char *frame_tab(enum place place);
const char *frame_tab_name(enum place place);

/* The title row: the six screens with the one that is open in brackets, or `title`; and at the
 * right "TALKING" or "IN CALL" while this handset sends voice, "AIRPLANE" or "SILENT" while it is
 * quiet, and, where there is room besides, who and when. */
void frame_title(const struct view *view, enum place place, const char *title, struct area line);

/* At the top of `area`: what stands (view->alarms), who asks for a decision, who talks, unless the
 * screen at `place` shows it. Where letters are text, `has_keys` is false and none is named.
 * Returns the rows used. */
int frame_banners(const struct view *view, enum place place, bool has_keys, struct area area);

/* At the bottom of `area`: a line for the officer, if it is not empty; at most a third of the rows.
 * Returns the rows used. */
int frame_notice(const char *line, bool problem, struct area area);

#endif
