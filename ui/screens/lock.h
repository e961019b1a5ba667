/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Locking and zeroising: one key each, the same on every screen, also while text is typed and
 * before the passphrase is given; the page that zeroising asks on; and how the handset locks.
 */
#ifndef MUSTER_UI_SCREENS_LOCK_H
#define MUSTER_UI_SCREENS_LOCK_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

enum {
    LOCK_PRESS = 'K' & 0x1F,
    ZEROISE_PRESS = 'X' & 0x1F, /* leads to the page; what is pressed there is another key */
    ZEROISE_CONFIRM_PRESS = 'Z'
};

#define ZEROISE_CONFIRM_KEY "Z"

/* Leads to how it locks, from Keys, and there to the next step. */
#define LOCK_SETTINGS_KEY   "u"
#define LOCK_SETTINGS_PRESS 'u'

struct lock_screen {
    struct scroll scroll;
};

/* Is it one of the two keys? Then the turn has what comes of it. */
bool lock_global_key(struct turn *turn, enum place place);

void lock_screen_key(struct lock_screen *lock, struct turn *turn);
void lock_screen_draw(struct lock_screen *lock, const struct view *view, struct area area);
void lock_screen_hints(struct hints *hints);

void zeroise_key(struct turn *turn);
void zeroise_draw(struct area area);
void zeroise_hints(struct hints *hints);

#endif
