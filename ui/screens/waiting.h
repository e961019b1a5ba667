/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The queue for the floor on the Talk screen: how far this officer's request has come, how many
 * wait for the end of the own talk, and whose turn it is when nobody talks.
 */
#ifndef MUSTER_UI_SCREENS_WAITING_H
#define MUSTER_UI_SCREENS_WAITING_H

#include "app/handset/view.h"
#include "ui/canvas.h"
#include "ui/screens/turn.h"

/* Draws what there is to say in that group, from `row` on; returns how many rows it took. */
int waiting_draw(const struct view *view, const char *group, struct area area, int row);

/* What is said in that group while nobody talks, if it is somebody's turn; NULL: it is nobody's. It
 * is in `room`, or lives as long as the program. */
const char *waiting_turn(const struct view *view, const char *group, char *room, size_t size);

/* Has this officer asked for the floor of that group, and could still take that back? */
bool waiting_is_asked(const struct view *view, const char *group);

/* What notice->kind says of the floor is no longer so: nobody talks whom it names, it is not the
 * turn of whom it names. `talker`: who talks in its group, or NULL. */
bool waiting_is_past(const struct view *view, const struct event *notice,
                     const struct view_talker *talker);

/* Is it a notice that lasts no longer than what it says of the floor? */
bool waiting_is_notice(enum event_kind kind);

/* The key that asks for the floor, or takes that back, where `is_taken`. */
void waiting_hints(const struct view *view, const char *group, bool is_taken, struct hints *hints);

#endif
