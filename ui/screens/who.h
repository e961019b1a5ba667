/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How a name is drawn in a row, on all screens: with the end of its identity, which the name gives
 * way to, and in quotes where it is only claimed.
 */
#ifndef MUSTER_UI_SCREENS_WHO_H
#define MUSTER_UI_SCREENS_WHO_H

#include "ui/canvas.h"
#include "ui/words/who.h"

/* Draws the name and, behind it, the end of the identity, or as much as there is room for of the
 * identity where it has no name. Returns the columns used, at most `width`. */
int who_draw(struct area line, int row, int column, int width, enum style style, const char *name,
             enum name_kind kind, const char *identity);

/* Draws the end of the identity so that it ends before column `end`. Returns where it begins. */
int who_draw_digits(struct area line, int row, int end, enum style style, const char *identity);

#endif
