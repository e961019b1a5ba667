/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Talking and listening: who talks now (verified), for how long, how loud; the members; the
 * sessions before.
 */
#ifndef MUSTER_UI_SCREENS_TALK_H
#define MUSTER_UI_SCREENS_TALK_H

#include "ui/screens/turn.h"

struct talk {
    char group[OFFICER_GROUP_SIZE]; /* which one the officer talks in; "" while there is none */
    char seen[OFFICER_GROUP_SIZE];  /* which one was drawn; "" in a call */
    int sessions_top;               /* the first session drawn */
};

/* Makes that group the one to talk in. */
void talk_open(struct talk *talk, const char *group);

void talk_key(struct talk *talk, struct turn *turn);
void talk_draw(struct talk *talk, const struct view *view, struct area area);
void talk_hints(const struct talk *talk, const struct view *view, struct hints *hints);

#endif
