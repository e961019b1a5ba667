/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The microphone and the loudspeaker: which there are, which are used, how loud, and a test.
 */
#ifndef MUSTER_UI_SCREENS_SOUND_H
#define MUSTER_UI_SCREENS_SOUND_H

#include "ui/screens/list.h"
#include "ui/screens/turn.h"
#include "ui/ui.h"

enum {
    SOUND_KEY_SIZE = VIEW_DEVICE_SIZE + 4
};

struct sound_screen {
    struct list list;
    char keys[2 * VIEW_DEVICES_MAX][SOUND_KEY_SIZE]; /* of the rows: a device may be both */
};

void sound_screen_key(struct sound_screen *sound, struct turn *turn);
void sound_screen_draw(struct sound_screen *sound, const struct view *view, struct area area);
void sound_screen_hints(const struct view *view, struct hints *hints);

#endif
