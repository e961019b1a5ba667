/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The radios and other links: how each stands, whom it reaches, what to do where it is not on. And
 * the two modes that quiet them all.
 */
#ifndef MUSTER_UI_SCREENS_LINKS_H
#define MUSTER_UI_SCREENS_LINKS_H

#include "ui/screens/page.h"
#include "ui/screens/turn.h"

struct links {
    struct scroll scroll;
};

void links_key(struct links *links, struct turn *turn);
void links_draw(struct links *links, const struct view *view, struct area area);
void links_hints(const struct view *view, struct hints *hints);

/* Is there a radio, and none of them on or about to be? */
bool links_all_off(const struct view *view);

/* What to do about the radios that cannot be used, one after the other. */
void links_write_advice(struct page *page, const struct view *view);

#endif
