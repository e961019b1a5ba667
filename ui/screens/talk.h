/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talking and listening: who talks now (verified), for how long, how loud; the members; the
 * sessions before.
 */
#ifndef MUSTER_UI_SCREENS_TALK_H
#define MUSTER_UI_SCREENS_TALK_H

#include "ui/screens/turn.h"

struct talk_screen {
    char group[OFFICER_GROUP_SIZE]; /* which one the officer talks in; "" while there is none */
    char seen[OFFICER_GROUP_SIZE];  /* which one was drawn; "" in a call */
    int sessions_top;               /* the first session drawn */
};

/* Makes that group the one to talk in. */
void talk_screen_open(struct talk_screen *talk, const char *group);

/* The group that talk goes to: the chosen one, or else the first with a usable key, or else the
 * first; NULL when there is none. */
const struct view_group *talk_screen_group(const struct talk_screen *talk, const struct view *view);

/* Begins to talk in that group, whatever screen the officer looks at; not when it is gone, and
 * another one took its place. */
void talk_screen_begin(struct talk_screen *talk, struct turn *turn);

/* Calls an emergency in the group that the officer has seen, whether they talk in it or not. */
void talk_screen_emergency(struct talk_screen *talk, struct turn *turn);

void talk_screen_key(struct talk_screen *talk, struct turn *turn);
void talk_screen_draw(struct talk_screen *talk, const struct view *view, struct area area);
void talk_screen_hints(const struct talk_screen *talk, const struct view *view,
                       struct hints *hints);

/* Those that come after all others, where there is room. */
void talk_screen_more_hints(const struct view *view, struct hints *hints);

#endif
