/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The question before an identity is reported lost, or found again: what follows from it, and `y`
 * once that has been seen. Nearby and a group's page open it for who is under the cursor.
 */
#ifndef MUSTER_UI_SCREENS_LOST_H
#define MUSTER_UI_SCREENS_LOST_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

#define LOST_KEY   "l"
#define LOST_PRESS ((uint32_t)'l')

struct lost_question {
    char identity[OFFICER_IDENTITY_SIZE]; /* whom it is about; empty: nothing is asked */
    bool is_back;                         /* to take it back */
    bool drawn;                           /* it has been in front of the officer */
    struct scroll scroll;
};

/* Asks: of one who is lost whether it is found. */
void lost_open(struct lost_question *lost, const struct view *view, const char *identity);
void lost_close(struct lost_question *lost);
bool lost_is_open(const struct lost_question *lost);

void lost_key(struct lost_question *lost, struct turn *turn);
void lost_draw(struct lost_question *lost, const struct view *view, struct area area);
void lost_hints(const struct lost_question *lost, struct hints *hints);

#endif
