/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this handset holds: its own identity and credential, and its GMKs. Never a key itself. */
#ifndef MUSTER_UI_SCREENS_KEYS_H
#define MUSTER_UI_SCREENS_KEYS_H

#include "ui/screens/field.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct keys {
    struct scroll scroll;
    bool naming; /* the own display name is being typed */
    struct field name;
};

void keys_key(struct keys *keys, struct turn *turn);
void keys_draw(struct keys *keys, const struct view *view, struct area area);
void keys_hints(const struct keys *keys, const struct view *view, struct hints *hints);

#endif
