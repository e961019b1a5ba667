/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The wall clocks of neighbours, against this handset's. A presence says the wall clock of its
 * handset; how long ago that was said is known where the neighbour was measured two-way (life.h),
 * so a recording, or a frame that was held back, moves nothing. What a neighbour says of its wall
 * clock is still its own word.
 */
#ifndef MUSTER_APP_HANDSET_AIR_WALL_CLOCKS_H
#define MUSTER_APP_HANDSET_AIR_WALL_CLOCKS_H

#include "app/handset/air/roster.h"

enum {
    WALL_CLOCKS_MAX = 256, /* of more neighbours some are asked */
};

/* How far they are ahead of ours, the least first. */
struct wall_clocks {
    size_t count;
    int64_t ahead_ms[WALL_CLOCKS_MAX];
};

/* Those of the neighbours that were measured, were heard in the last `lately_ms` and are not
 * revoked. */
struct wall_clocks wall_clocks_of(const struct roster *roster, struct moment now,
                                  int64_t lately_ms);

/* The one in the middle, of two the nearer one to ours; 0 where there is none. */
int64_t wall_clocks_median(const struct wall_clocks *clocks);

#endif
