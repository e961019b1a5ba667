/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of a group: who wrote what and when, and of the own ones how many have them; a field
 * to write one, and the group's status words.
 */
#ifndef MUSTER_UI_SCREENS_MESSAGES_H
#define MUSTER_UI_SCREENS_MESSAGES_H

#include "ui/screens/field.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

enum messages_page {
    MESSAGES_LIST = 0,
    MESSAGES_WRITING,
    MESSAGES_WORDS
};

struct messages_screen {
    char group[OFFICER_GROUP_SIZE];
    enum messages_page page;
    struct scroll scroll;
    struct field field;           /* what was typed stays here until it is sent */
    char sent[MESSAGE_TEXT_SIZE]; /* what the command says, until the next key */
    unsigned word;                /* the one under the cursor, from 0 */
    size_t drawn_count;           /* once all that is unread was drawn, the ids of those */
    uint64_t drawn[VIEW_MESSAGES_MAX];
    uint64_t seen[VIEW_MESSAGES_MAX]; /* what the command says, until the next key */
};

/* The key on Talk that leads here. */
#define MESSAGES_KEY   "m"
#define MESSAGES_PRESS 'm'

/* The officer comes to the messages of that group. */
void messages_screen_open(struct messages_screen *messages, const char *group);

/* Does it take characters? */
bool messages_is_typing(const struct messages_screen *messages);

/* Is it on one of its pages, from which escape leads back to the list? */
bool messages_is_on_page(const struct messages_screen *messages);

/* A key; what was read is told by a COMMAND_READ_MESSAGES, and a text goes as a COMMAND_MESSAGE,
 * whose text stays here until the next key. */
void messages_screen_key(struct messages_screen *messages, struct turn *turn);
void messages_screen_draw(struct messages_screen *messages, const struct view *view,
                          struct area area);
void messages_screen_hints(const struct messages_screen *messages, const struct view *view,
                           struct hints *hints);

/* A row for Talk: how many of that group are unread. Returns how many rows it took. */
int messages_draw_unread(const struct view_group *group, struct area area, int row);

#endif
