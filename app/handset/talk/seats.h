/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Seats: who of those that talk at once is heard and shown. There are SEATS_MAX, and nobody has
 * two, in whatever groups they talk. An announcement takes none: only a packet of now does, so that
 * recordings keep nobody out.
 */
#ifndef MUSTER_APP_HANDSET_TALK_SEATS_H
#define MUSTER_APP_HANDSET_TALK_SEATS_H

#include "app/handset/talk/session.h"
#include "app/handset/view.h"

enum {
    SEATS_MAX = VIEW_TALKERS_MAX - 1, /* the handset's own talk has a place in the view too */
    /* Those that are silent need a key only: a member may have announced itself in some groups. */
    SESSIONS_MAX = SEATS_MAX + 5,
};

/* That of `talker` in `group`, or NULL. */
struct session *seats_find(struct session sessions[SESSIONS_MAX], const char *talker,
                           const char *group);

/* Was one of them opened by that announcement? */
bool seats_know(const struct session sessions[SESSIONS_MAX], struct span announcement);

/* Room for one more session, which is silent: a free place, or that of another silent one, which is
 * still in it: one that a repeated announcement opened and of which nothing was proven since, or
 * else the one that has been silent for longest. So all recordings together take one place from
 * those who may come back. */
struct session *seats_room(struct session sessions[SESSIONS_MAX]);

/* May `session`, which is silent and of which a packet of now was proven, be heard? *leaves then
 * makes way for it, unless NULL: its own talker in another group, who has said there nothing later,
 * or who has ended, or who has the lowest rank, if that is lower. */
bool seats_take(struct session sessions[SESSIONS_MAX], const struct session *session,
                struct session **leaves);

/* Is it played? Who has the floor is, where nobody has it the first of those who still have words
 * to play, and of one who has ended the last words also when the next one talks, for
 * FLOOR_OVERLAP_MS. */
bool seats_has_floor(const struct session sessions[SESSIONS_MAX], const struct floor *floor,
                     struct moment now, const struct session *session);

#endif
