/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Airplane mode and radio silence: one key each and then `y`, the same wherever keys are not typed
 * text, and a mark on every screen while one of them is on.
 */
#ifndef MUSTER_UI_SCREENS_MODES_H
#define MUSTER_UI_SCREENS_MODES_H

#include "ui/screens/turn.h"

#define MODES_AIRPLANE_KEY "0"
#define MODES_SILENCE_KEY  "9"

/* What each of them does, in a line; for _(), as all of these. */
extern const char modes_airplane[], modes_silence[];

/* The line for a talk key in airplane mode. */
extern const char modes_no_talk[];

/* What the last key asked, and `y` now confirms. */
enum modes_asked {
    MODES_ASKED_NOTHING = 0,
    MODES_ASKED_AIRPLANE,
    MODES_ASKED_SILENCE,
};

/* The keys of both modes: a glove that slips begins and ends none, since each asks and takes `y` as
 * the very next key. `before` is what the last key asked; *asked becomes what this one does.
 * Returns whether it was a key of the modes. */
bool modes_key(struct turn *turn, enum modes_asked before, enum modes_asked *asked);

/* " AIRPLANE " or " SILENT ", for the title row; "" when the handset is on the air. */
const char *modes_mark(const struct view *view);

/* The keys that end the modes that are on; and those that begin the others. */
void modes_end_hints(const struct view *view, struct hints *hints);
void modes_begin_hints(const struct view *view, struct hints *hints);

#endif
