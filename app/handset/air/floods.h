/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Floods: somebody sends more than handsets do. What a flood costs is bounded elsewhere; here the
 * officer is told that there is one and where it comes from, once, and that it is over. Addresses
 * can be made up, so that there is one flood at a time: from one address if most of it comes from
 * there, else from many.
 */
#ifndef MUSTER_APP_HANDSET_AIR_FLOODS_H
#define MUSTER_APP_HANDSET_AIR_FLOODS_H

#include "app/handset/desk/desk.h"

enum {
    /* In a second. Somebody who talks sends some 50, and a hub passes on what a few say; hardly
     * anything of it is refused. */
    FLOOD_REFUSED_OF_ONE = 200,
    FLOOD_HEARD_OF_ONE = 1000,
    FLOOD_REFUSED_OF_ALL = 400,
    FLOOD_HEARD_OF_ALL = 10000,
    FLOOD_BEGINS_S = 2,     /* so many seconds one after the other, and it is one; */
    FLOOD_ENDS_MS = 30000,  /* so long less than half of that, and it is over */
    FLOOD_SOURCES_MAX = 16, /* that are told apart */
};

struct flood_source {
    uint64_t peer;
    unsigned heard, refused;
};

struct floods {
    struct desk *desk;

    /* Since counted_ms, boot clock; for at most a second. Whoever is not among the sources takes
     * one from each: those that send a large part of all are left (Misra, Gries 1982). */
    int64_t counted_ms;
    unsigned heard, refused;
    struct flood_source sources[FLOOD_SOURCES_MAX];
    struct sources different;

    unsigned seconds; /* the last ones that were a flood */
    bool stands;      /* it was told */
    int64_t began_ms, latest_ms;
};

/* A frame came from `peer`, and was refused, or not. */
void floods_hear(struct floods *floods, struct moment now, uint64_t peer, bool is_refused);

/* Counts anew once a second is over. The boot_ms at which it wants to be called next. */
void floods_tick(struct floods *floods, struct moment now);
int64_t floods_deadline(const struct floods *floods);

#endif
