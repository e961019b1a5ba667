/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The line that is always there: who this is, the group that talk goes to, how long its key lasts,
 * how many of its members are in reach with it, the microphone, the links, the alarms.
 */
#ifndef MUSTER_UI_SCREENS_STATUS_H
#define MUSTER_UI_SCREENS_STATUS_H

#include "app/handset/view.h"
#include "ui/canvas.h"

/* Draws it into the row `line`, with the group that talk goes to (NULL: there is none). In words
 * where there is room, in signs where there is less; names are shortened. Airplane mode and radio
 * silence fill the row. */
void status_draw(const struct view *view, const struct view_group *group, struct area line);

#endif
