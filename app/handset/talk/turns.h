/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Turns: when a talk has ended and others were queued for the floor, they have it one after the
 * other. The signed end of the talk names them, so that every handset that heard it knows whose
 * turn it is without a further word: the first one's at once; TURN_EVERY_MS later, if nobody talks
 * yet, the next one's; after TURNS_MAX the floor is free for all. Whoever else presses meanwhile
 * waits, but an emergency does not. A turn opens no microphone: it keeps others from pressing.
 */
#ifndef MUSTER_APP_HANDSET_TALK_TURNS_H
#define MUSTER_APP_HANDSET_TALK_TURNS_H

#include "app/handset/keys/groups.h"
#include "app/handset/talk/queue_info.h"
#include "app/moment.h"

enum {
    TURN_MS = 4000,       /* so long may one press whose turn it is; T233 of TS 24.380 has 3 s */
    TURN_EVERY_MS = 4500, /* the others wait for so long: the press takes time to be heard */
    TURNS_MAX = 3,        /* who is named behind them has a place in the next queue, and no turn */
    TURNS_GROUPS_MAX = 4,
};

/* After one talk. */
struct turn_list {
    bool is_used;
    char group[GROUP_IDENTITY_SIZE];
    int64_t began_ms; /* boot clock: when the end of the talk was heard */
    struct queue_info order;
    char identities[TURNS_MAX][IDENTITY_SIZE]; /* empty: this handset does not know who that is */
};

struct turns {
    struct desk *desk;
    struct groups *groups;
    struct turn_list lists[TURNS_GROUPS_MAX];
};

/* A talk in that group has ended, of which this is the queue; with nobody in it the floor is free.
 */
void turns_begin(struct turns *turns, struct moment now, const char *group,
                 const struct queue_info *order);

/* Somebody talks there: the turns are over. */
void turns_end(struct turns *turns, const char *group);

/* The list of that group while it is somebody's turn, or NULL; *nth is whose, from 0 up. */
const struct turn_list *turns_current(const struct turns *turns, struct moment now,
                                      const char *group, size_t *nth);

/* Has somebody else its turn there, so that this handset waits? Then who, or "" when that is not
 * known; NULL: it may talk. */
const char *turns_check(const struct turns *turns, struct moment now, const char *group);

void turns_show(const struct turns *turns, struct moment now, struct view *view);

#endif
