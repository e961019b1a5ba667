/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How well something is heard, and over which link: as bars where there is little room, in words
 * where there is more. What is not known is not shown.
 */
#ifndef MUSTER_UI_SCREENS_SIGNAL_H
#define MUSTER_UI_SCREENS_SIGNAL_H

#include "app/handset/view.h"
#include "ui/canvas.h"

enum {
    SIGNAL_COLUMNS = 15, /* of signal_column: bars, a blank, "wifi-direct" */
    SIGNAL_ROOM = 36,    /* columns of a line from which on all the bars fit beside a name */
    SIGNAL_SIZE = 256,
};

/* A quality from 0 to 100 as "▂▄▆", "▂▄ " or "▂  ". Blanks when it is unknown: always 3 columns. */
const char *signal_bars(int quality);

/* The same in words: "strong", "fair", "weak", or "". */
const char *signal_word(int quality);

/* How many bars that one has, from 0 for one that is not known to 3. */
int signal_level(const struct view_nearby *nearby);

/* How well, and over which link: "▂▄▆ bluetooth". "    relayed" where another handset passes on
 * what it sends. */
void signal_column(const struct view_nearby *nearby, char out[SIGNAL_SIZE]);

/* Draws the bars in the short layout, so that they end before column `end`; where there is little
 * room, the highest of them alone. Returns the column before which a name has to end. */
int signal_draw_short(struct area line, int end, enum style style,
                      const struct view_nearby *nearby);

/* The same in words: "bluetooth, strong". "" when no link is known. */
void signal_short(const struct view_nearby *nearby, char out[SIGNAL_SIZE]);

/* When it was heard (`ago` in words), over which links and how well: "heard 4 s ago over bluetooth,
 * strong; also on 2 other links". */
void signal_heard(const struct view_nearby *nearby, const char *ago, char out[SIGNAL_SIZE]);

#endif
