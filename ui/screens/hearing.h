/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who hears this handset's talk: what listeners report, and of the others of the group, by reason,
 * why they may not hear.
 */
#ifndef MUSTER_UI_SCREENS_HEARING_H
#define MUSTER_UI_SCREENS_HEARING_H

#include "app/handset/view.h"
#include "ui/canvas.h"

/* Draws it from `row` on, names and advice as far as there is room. Returns how many rows it took:
 * none when there is no talk to tell of. */
int hearing_draw(const struct view_hearing *hearing, struct area area, int row);

/* What says that the microphone does not work while it is open: nothing of the own talk is sent.
 * NULL when it works, or rests. */
const struct event *hearing_dead_microphone(const struct view *view);

#endif
