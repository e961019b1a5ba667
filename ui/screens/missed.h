/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls and requests that nobody decided in time, or that were taken back: a row on every screen
 * until the officer has looked at the Log. And a row for messages that are unread.
 */
#ifndef MUSTER_UI_SCREENS_MISSED_H
#define MUSTER_UI_SCREENS_MISSED_H

#include "app/handset/view.h"
#include "ui/canvas.h"

/* Draws the latest of those after `looked_utc_ms`, when the officer last looked at the Log, and how
 * many more there are, into the one row of `line`; with the key that leads there, where keys do.
 * Returns whether there was one. */
bool missed_banner(const struct view *view, int64_t looked_utc_ms, bool has_key, struct area line);

/* Draws how many messages are unread in the first group that has any and is not the one that is
 * `shown` (an identity, or ""), and the keys that lead there: from Talk others than from elsewhere.
 * Returns whether there was one. */
bool unread_banner(const struct view *view, const char *shown, bool is_talk, bool has_key,
                   struct area line);

#endif
