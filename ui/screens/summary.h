/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer must know of all whom a decision is about, in one place that is always on the
 * screen, however long the list is that it scrolls: how many, whom they do not trust, whose clock
 * differs.
 */
#ifndef MUSTER_UI_SCREENS_SUMMARY_H
#define MUSTER_UI_SCREENS_SUMMARY_H

#include "app/handset/view.h"
#include "ui/canvas.h"

struct summary {
    size_t count, untrusted, clocks, away;
    size_t out; /* revoked, or reported lost: whoever counts sets it */
};

/* Counts one. `trusted`: of who is not nearby; who is nearby is known better. */
void summary_add(struct summary *summary, const struct view *view, const char *identity,
                 bool trusted);

/* Draws it at the bottom of `area`; returns how many rows that takes. */
int summary_draw(const struct summary *summary, struct area area);

#endif
