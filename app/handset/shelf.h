/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where an event stands in the log (desk/journal.h), and which of those there are alike.
 */
#ifndef MUSTER_APP_HANDSET_SHELF_H
#define MUSTER_APP_HANDSET_SHELF_H

#include "app/handset/view.h"

enum shelf {
    SHELF_OWN,         /* the officer's own acts, the own groups and keys, the own machine */
    SHELF_ASKED,       /* what others ask the officer: invitations, calls */
    SHELF_EMERGENCIES, /* of others */
    SHELF_TALK,        /* who talked, who has the floor */
    SHELF_AROUND,      /* what is odd around: two devices, another version, a link, a flood */
    SHELF_NEARBY,      /* who came into reach */
    SHELVES
};

enum {
    SHELVES_LINES = 176, /* that there is room for on all together */
};

/* The shelf for that kind. */
enum shelf shelf_of(enum event_kind kind);

/* How many lines it has room for. */
size_t shelf_size(enum shelf shelf);

/* How many lines it has at most that are alike. */
size_t shelf_alike_max(enum shelf shelf);

/* Are the two, which stand on one shelf, of one kind and of the same cause: somebody, or where that
 * is nobody a group or a link? What happened to one's own groups is alike for the same member and
 * group alone. */
bool shelf_is_alike(const struct event *one, const struct event *other);

#endif
