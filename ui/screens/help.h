/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help: what a screen shows, and every key that works on it. */
#ifndef MUSTER_UI_SCREENS_HELP_H
#define MUSTER_UI_SCREENS_HELP_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct help {
    enum place about;
    struct scroll scroll;
};

enum {
    HELP_KEYS_MAX = 24
};

/* Keys, and what each does: in English, for _(). */
struct help_keys {
    size_t count;
    struct hint key[HELP_KEYS_MAX];
};

/* Adds those of that place alone; those that mean the same everywhere. These are all actions that
 * there are: the help and the palette (ui/palette.h) show them. */
void help_keys_of(enum place place, struct help_keys *keys);
void help_keys_of_all(struct help_keys *keys);

/* The press of a key with that name in English; PRESS_NONE where it stands for several, is held, or
 * is handled by the terminal. */
uint32_t help_press(const char *key);

void help_open(struct help *help, enum place about);
void help_key(struct help *help, struct turn *turn);
void help_draw(struct help *help, struct area area);

#endif
