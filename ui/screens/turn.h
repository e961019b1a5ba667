/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One turn of the officer with a screen: a key goes in; a command, a change of place or a line for
 * the officer comes out. And the hints: which keys work on a screen now.
 */
#ifndef MUSTER_UI_SCREENS_TURN_H
#define MUSTER_UI_SCREENS_TURN_H

#include "app/handset/command.h"
#include "app/handset/view.h"
#include "ui/canvas.h"

/* Where the officer is. The first six are reached with 1 to 6 and with tab. */
enum place {
    PLACE_NEARBY = 0,
    PLACE_GROUPS,
    PLACE_TALK,
    PLACE_KEYS,
    PLACE_LOG,
    PLACE_LINKS,
    PLACE_TABS, /* how many the first six are */
    PLACE_GROUP = PLACE_TABS,
    PLACE_NEW_GROUP,
    PLACE_INVITATION,
    PLACE_IMPORT,
    PLACE_LOST,
    PLACE_MESSAGES,
    PLACE_MANAGER,
    PLACE_TWO,
    PLACE_SOUND,
    PLACE_EMERGENCY,
    PLACE_LOCK,
    PLACE_ZEROISE,
    PLACE_PALETTE,
    PLACE_LEAVE,
    PLACE_UNLOCK,
    PLACE_UNENROLLED,
    PLACE_HELP,
    PLACE_COUNT,
    PLACE_HERE, /* in a turn: stay */
    PLACE_BACK, /* in a turn: where the officer came from */
};

struct turn {
    const struct view *view;
    uint32_t press;
    bool is_pasted;                   /* the press belongs to a paste, */
    bool is_burst;                    /* or came faster than a hand types */
    struct command *command;          /* kind is COMMAND_NONE until a screen sets it */
    enum place go;                    /* PLACE_HERE until a screen sets it */
    char subject[OFFICER_GROUP_SIZE]; /* with PLACE_GROUP, PLACE_TALK, PLACE_NEW_GROUP,
                                         PLACE_MANAGER, PLACE_MESSAGES: the group */
    const char *notice;               /* a line for the officer, or NULL */
};

/* The key of the palette (ui/palette.h), wherever it is no text. */
#define PALETTE_KEY ":"

/* The key that marks whoever it is about as trusted, or takes the mark back. */
#define TRUST_KEY   "v"
#define TRUST_PRESS 'v'

/* The line for a key that would act on something that the officer has not seen yet; for _(). */
extern const char turn_look_again[];

/* Begins the turn's command, every field empty but the kind. */
void turn_command(struct turn *turn, enum command_kind kind);

/* The same with the group, or with the identity, that it is about. */
void turn_command_group(struct turn *turn, enum command_kind kind, const char *group);
void turn_command_identity(struct turn *turn, enum command_kind kind, const char *identity);

/* Leaves for `place`; `subject` is the group that it shows, or "". */
void turn_go(struct turn *turn, enum place place, const char *subject);

enum {
    HINTS_MAX = 16
};

struct hint {
    const char *key, *what;
};

/* The keys that work on a screen now, the most important first. */
struct hints {
    size_t count;
    struct hint hint[HINTS_MAX];
    const char
        *others;      /* keys that lead to other screens, where no title row names them; or NULL */
    bool has_palette; /* it opens here: its key is named where that costs no other one */
};

/* Adds one; both texts last as long as the program, as those of _() do. */
void hints_add(struct hints *hints, const char *key, const char *what);

/* Is that key among them? */
bool hints_have(const struct hints *hints, const char *key);

/* Draws the row of keys: as many as fit, and always the last one, and before it `others`; and the
 * key of the palette where it fits. */
void hints_draw(const struct hints *hints, struct area area);

#endif
