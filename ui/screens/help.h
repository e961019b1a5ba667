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

void help_open(struct help *help, enum place about);
void help_key(struct help *help, struct turn *turn);
void help_draw(struct help *help, struct area area);

#endif
