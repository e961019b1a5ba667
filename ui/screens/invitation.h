/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Somebody asks for a decision: who (verified), into which group with whom, for how long. The
 * answer is bound to what the officer saw: it goes to that invitation and to no other.
 */
#ifndef MUSTER_UI_SCREENS_INVITATION_H
#define MUSTER_UI_SCREENS_INVITATION_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct invitation_screen {
    uint64_t id;
    bool drawn; /* `seen` is what the officer has in front of them */
    struct view_invitation seen;
    struct scroll scroll;
};

/* Opens the one with that id; no answer counts before it is drawn. */
void invitation_screen_open(struct invitation_screen *invitation, uint64_t id);

/* The one with that id, or NULL when it has ended. */
const struct view_invitation *invitation_shown(const struct view *view, uint64_t id);

/* Who wants what: "Ben asks you to join a group", "Ben brings a new key for a group", "Ben calls
 * you". */
void invitation_headline(const struct view_invitation *now, char *out, size_t size);

/* Is it a key that answers, or marks who asks? */
bool invitation_is_answer(uint32_t press);

void invitation_screen_key(struct invitation_screen *invitation, struct turn *turn);
void invitation_screen_draw(struct invitation_screen *invitation, const struct view *view,
                            struct area area);
void invitation_screen_hints(const struct invitation_screen *invitation, const struct view *view,
                             struct hints *hints);

#endif
