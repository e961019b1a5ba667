/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A member of a group as a line of a list: a mark, who it is, and how it stands, in words that the
 * screen has for that.
 */
#ifndef MUSTER_UI_SCREENS_MEMBER_LINE_H
#define MUSTER_UI_SCREENS_MEMBER_LINE_H

#include "app/handset/event.h"
#include "ui/canvas.h"

/* How a member stands. */
struct member_words {
    const char *mark, *word, *short_word; /* the short one where there is little room */
    enum style style;
};

/* The columns behind the identity: of the full layout, and of the words in the short one. */
struct member_columns {
    int name, words, short_words;
};

/* Draws the member behind the list's own mark. `style` is the list's for the line; the words have
 * their own unless the line is `selected`. A name may be empty. */
void member_line(struct area line, enum style style, bool selected,
                 const struct member_columns *columns, const struct member_words *words,
                 const char *name, enum name_kind kind, const char *identity);

#endif
