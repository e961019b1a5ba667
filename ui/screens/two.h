/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The question before an identity to which two devices answer is given a key. The handset refused
 * the command for that; yes gives it again, with that identity allowed.
 */
#ifndef MUSTER_UI_SCREENS_TWO_H
#define MUSTER_UI_SCREENS_TWO_H

#include "app/handset/event.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct two {
    struct command command; /* the latest that may be refused for that */
    char identity[OFFICER_IDENTITY_SIZE];
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
    struct scroll scroll;
    bool drawn; /* the question has been in front of the officer */
};

/* A command is given to the handset: it may have to be given again. */
void two_remember(struct two *two, const struct command *command);

/* Asks about the identity of `refusal`, an EVENT_ANSWERS_TWICE. False when nothing can be asked. */
bool two_open(struct two *two, const struct event *refusal);

void two_key(struct two *two, struct turn *turn);
void two_draw(struct two *two, struct area area);
void two_hints(struct hints *hints);

#endif
