/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls and requests that nobody decided in time, or that were taken back: a row on every screen
 * until the officer has looked at the Log.
 */
#ifndef MUSTER_UI_SCREENS_MISSED_H
#define MUSTER_UI_SCREENS_MISSED_H

#include "app/handset/view.h"
#include "ui/canvas.h"

/* Draws the latest of those after `looked_utc_ms`, when the officer last looked at the Log, and how
 * many more there are, into the one row of `line`. Returns whether there was one. */
bool missed_banner(const struct view *view, int64_t looked_utc_ms, struct area line);

#endif
