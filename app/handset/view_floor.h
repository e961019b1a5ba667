/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an officer may see of the queue for the floor (view.h). */
#ifndef MUSTER_APP_HANDSET_VIEW_FLOOR_H
#define MUSTER_APP_HANDSET_VIEW_FLOOR_H

#include <stddef.h>

#include "app/handset/command.h"

enum {
    VIEW_TURNS_MAX = 4
};

/* How far this officer's request for the floor has come. */
enum asked_state {
    ASKED_NOTHING,
    ASKED_UNANSWERED, /* still */
    ASKED_QUEUED,
    ASKED_YOUR_TURN, /* the floor is kept for this officer's press */
};

/* Nobody talks in that group, and it is somebody else's turn. */
struct view_turn {
    char group[OFFICER_GROUP_SIZE];
    char identity[OFFICER_IDENTITY_SIZE]; /* empty: it is not known whose */
    char name[OFFICER_NAME_SIZE];
    enum name_kind name_kind;
};

struct view_floor {
    enum asked_state asked;
    char asked_group[OFFICER_GROUP_SIZE]; /* where */
    unsigned position;                    /* of ASKED_QUEUED, from 1 up; 0: not told yet */
    unsigned waiting;                     /* how many wait for the end of this officer's talk */
    size_t turn_count;
    struct view_turn turns[VIEW_TURNS_MAX];
};

#endif
