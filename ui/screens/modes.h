/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Airplane mode and radio silence: one key each, the same wherever keys are not typed text, and a
 * mark on every screen while one of them is on.
 */
#ifndef MUSTER_UI_SCREENS_MODES_H
#define MUSTER_UI_SCREENS_MODES_H

#include "ui/screens/turn.h"

#define MODES_AIRPLANE_KEY "0"
#define MODES_SILENCE_KEY  "9"

/* What each of them does, in a line; for _(), as all of these. */
extern const char modes_airplane[], modes_silence[];

/* The line for whoever would end a talk or a call with airplane mode; for a talk key in airplane
 * mode. */
extern const char modes_question[], modes_no_talk[];

/* The keys of both modes. Airplane mode acts at once, but not while the officer talks or is in a
 * call: a slip must not end that, so the key is pressed twice. `is_asked` tells that the question
 * stands on the screen. Returns whether it was one of the two keys. */
bool modes_key(struct turn *turn, bool is_asked);

/* " AIRPLANE " or " SILENT ", for the title row; "" when the handset is on the air. */
const char *modes_mark(const struct view *view);

/* The keys that end the modes that are on; and those that begin the others. */
void modes_end_hints(const struct view *view, struct hints *hints);
void modes_begin_hints(const struct view *view, struct hints *hints);

#endif
