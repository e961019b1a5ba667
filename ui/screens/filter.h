/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter of a list of identities: `/` begins to type, and of the rows those stay that have what
 * was typed in their name or identity, whatever the case: so the last digits are enough. Enter ends
 * typing, and looks up what is a whole identity and is not in the list; esc shows all rows again.
 */
#ifndef MUSTER_UI_SCREENS_FILTER_H
#define MUSTER_UI_SCREENS_FILTER_H

#include "ui/screens/field.h"
#include "ui/screens/list.h"
#include "ui/screens/turn.h"

struct filter {
    bool is_typing;
    bool is_asked; /* what was typed is a whole identity, and was asked for */
    struct field field;
};

/* Handles the keys of the filter; `rows` are those that it leaves. Returns false for others. */
bool filter_key(struct filter *filter, const struct rows *rows, struct turn *turn);

/* The whole identity that was typed, once that is done, or NULL. */
const char *filter_whole(const struct filter *filter);

/* Is anything left out now? */
bool filter_is_on(const struct filter *filter);

bool filter_passes(const struct filter *filter, const char *identity, const char *name);

/* Draws the row of the filter, where there is one, and how many rows it leaves of how many are in
 * reach. Returns how many screen rows it took: 1 or 0. */
int filter_draw(const struct filter *filter, size_t left, const struct view *view,
                struct area area);

/* Says why the list is empty, where the filter leaves no row, and what to do about it. */
void filter_draw_nobody(const struct filter *filter, const struct view *view, struct area area);

/* Its keys while it is typed in or on; or else the one that begins it, where there are more rows
 * than a screen has. */
void filter_hint(const struct filter *filter, const struct view *view, struct hints *hints);

/* "and 136 more", where the view has fewer rows than are in reach; or "". */
void filter_more(const struct view *view, char *out, size_t size);

#endif
