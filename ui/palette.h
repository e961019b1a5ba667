/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The palette, which `:` opens: every action by name, and beside it the key that does it. What is
 * typed leaves those whose words have it, in the officer's language or in English; enter presses
 * the key of the one under the cursor, on the screen where it is one. So an action asks whatever it
 * asks otherwise, and what is not possible there says why. The actions are those of the help
 * (screens/help.h): there is no other list of them.
 */
#ifndef MUSTER_UI_PALETTE_H
#define MUSTER_UI_PALETTE_H

#include "ui/screens/places.h"

struct palette {
    enum place about; /* where it was opened */
    struct field typed;
    struct list list;
};

/* What the officer chose: this key, pressed there. PLACE_HERE: where the palette was opened. */
struct palette_choice {
    enum place place;
    uint32_t press;
};

/* Opens it, with nothing typed, over the screen at `about`. */
void palette_open(struct palette *palette, enum place about);

/* Returns true when an action was chosen, and which in *choice. */
bool palette_key(struct palette *palette, const struct places *places, const struct turn *turn,
                 struct palette_choice *choice);

void palette_draw(struct palette *palette, const struct places *places, const struct view *view,
                  struct area area);
void palette_hints(const struct palette *palette, const struct places *places,
                   const struct view *view, struct hints *hints);

#endif
