/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Before the handset is open: the passphrase of its store (asked for, or chosen twice), and the
 * wait while it is worked on.
 */
#ifndef MUSTER_UI_SCREENS_UNLOCK_H
#define MUSTER_UI_SCREENS_UNLOCK_H

#include "ui/screens/field.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

/* of a new one */

struct unlock {
    struct field passphrase, again;
    bool repeating; /* a new passphrase: the second time */
    struct scroll scroll;
};

/* Wipes what was typed. */
void unlock_wipe(struct unlock *unlock);

/* Does the screen take characters now? */
bool unlock_is_typing(const struct view *view);

void unlock_key(struct unlock *unlock, struct turn *turn);
void unlock_draw(struct unlock *unlock, const struct view *view, struct area area);
void unlock_hints(const struct unlock *unlock, const struct view *view, struct hints *hints);

#endif
