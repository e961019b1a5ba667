/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who of a group can hear what is said in it: in reach, and with the key that is held here. What is
 * not known is not claimed: only the handset that gives the key out knows who holds it.
 */
#ifndef MUSTER_UI_SCREENS_REACH_H
#define MUSTER_UI_SCREENS_REACH_H

#include "app/handset/view.h"

struct reach {
    bool has_list; /* of a group without one nothing is known */
    size_t others; /* members but this one; who declined is none */
    size_t here;   /* of those who are in reach and may hold the key */
    bool is_most;  /* not all of them are known to hold it: at most so many hear */
    size_t newer;  /* who talk under a newer key */
    const struct view_member *newer_first; /* one of them, or NULL */
};

struct reach reach_of(const struct view_group *group);

/* Does that member belong to the group? Who said no does not. */
bool reach_is_member(const struct view_group *group, const struct view_member *member);

/* May that member, of another handset, hold the key? Who talks under a newer one may have kept it:
 * whoever gave the newer one out does, for those who have not taken it yet. */
bool reach_may_hold(const struct view_group *group, const struct view_member *member);

/* "2 of 3 can hear", or "nobody else" where nobody else is in the group. */
void reach_can_hear(const struct reach *reach, char *out, size_t size);

/* "2 of 3", "up to 2 of 3": in a sentence; short: "2/3", "2?/3". */
void reach_words(const struct reach *reach, char *out, size_t size);
void reach_short(const struct reach *reach, char *out, size_t size);

#endif
