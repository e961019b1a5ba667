/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The messages of a group: who wrote what and when, and of the own ones how many have them; a field
 * to write one, and the status words.
 */
#ifndef MUSTER_UI_SCREENS_MESSAGES_H
#define MUSTER_UI_SCREENS_MESSAGES_H

#include "ui/screens/field.h"
#include "ui/screens/list.h"
#include "ui/screens/lost.h"
#include "ui/screens/page.h"
#include "ui/screens/turn.h"

enum messages_page {
    MESSAGES_LIST = 0,
    MESSAGES_WRITING,
    MESSAGES_WORDS
};

/* What was typed stays here until it is taken. */
struct message_draft {
    char group[OFFICER_GROUP_SIZE];
    struct field field;
};

struct messages_screen {
    char group[OFFICER_GROUP_SIZE];
    enum messages_page page;
    struct scroll scroll;
    struct message_draft drafts[VIEW_GROUPS_MAX]; /* at most one for each group */
    char sent[MESSAGE_TEXT_SIZE];                 /* what the command says, until the next key */
    enum messages_page sent_from; /* where that was written or chosen; MESSAGES_LIST: nothing is */
    struct list words;            /* their row is the word, from 0 */
    uint64_t begun;               /* stands for what was unread when its beginning was drawn last */
    size_t drawn_count;           /* the unread ones that were drawn last, by their ids */
    uint64_t drawn[VIEW_MESSAGES_MAX];
    uint64_t seen[VIEW_MESSAGES_MAX]; /* what the command says, until the next key */
    struct lost_question lost;        /* of who was reported lost here */
    bool is_seen; /* all that is unread was drawn, from its beginning to its end */
};

/* The key on Talk that leads here. */
#define MESSAGES_KEY   "m"
#define MESSAGES_PRESS 'm'

/* The officer comes to the messages of that group. What is half written for a group that is gone is
 * wiped. */
void messages_screen_open(struct messages_screen *messages, const struct view *view,
                          const char *group);

/* What was sent last was refused: it is back where it was written or chosen. */
void messages_screen_failed(struct messages_screen *messages);

/* A key comes: what was sent before it was not refused, and its text is wiped. */
void messages_screen_settle(struct messages_screen *messages);

/* Does it take characters? */
bool messages_is_typing(const struct messages_screen *messages);

/* Is something written or chosen? */
bool messages_is_on_page(const struct messages_screen *messages);

/* All that is unread was drawn: a COMMAND_READ_MESSAGES for the next key, wherever it leads; where
 * that gives a command of its own, this one goes with it. Otherwise *command stays as it is. */
void messages_screen_read(struct messages_screen *messages, const struct view *view,
                          struct command *command);

/* A key; a text goes as a COMMAND_MESSAGE, whose text stays here until the next key. */
void messages_screen_key(struct messages_screen *messages, struct turn *turn);
void messages_screen_draw(struct messages_screen *messages, const struct view *view,
                          struct area area);
void messages_screen_hints(const struct messages_screen *messages, const struct view *view,
                           struct hints *hints);

/* A row for Talk: how many of that group are unread. Returns how many rows it took. */
int messages_draw_unread(const struct view_group *group, struct area area, int row);

#endif
