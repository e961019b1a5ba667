/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is the time here right? A handset's clock may have stood still without power, and with it the
 * time of its groups, whose keys would then live too long. Neighbours whose clocks were measured
 * two-way (air/wall_clocks.h) show it. What they say moves group time forward only, so nobody can
 * make a key live longer; and it is believed only so far that one identity alone can end none:
 *
 *   - A standard group's time moves to the wall clock in the middle of those of all neighbours,
 *     when at least two agree on it, and they are most of all, this handset's own counted. Who lies
 *     alone moves nothing; two who lie together, beside no neighbour who does not, end a key early,
 *     and the next delivery to a group without a key takes back what was moved (standard.c).
 *   - An ad-hoc group's time is its creator's, which only its members have. The first announcement
 *     of a measured member after a start moves it, by TIME_MEMBER_MOVES_MS at most in all the life
 *     of a key. So a member could end such a key early, by half a day; members hold the key, and
 *     the announcement is signed.
 *
 * After a start, a key from the manager, or a step backwards of the wall clock, a group's time is
 * not proven, until a measured neighbour agrees with it.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_TIME_PROOF_H
#define MUSTER_APP_HANDSET_KEYS_TIME_PROOF_H

#include "app/handset/keys/groups.h"

enum {
    TIME_PROOF_MS = 1000, /* it is looked at no oftener */
    TIME_STEP_MS = 1000,  /* a wall clock that goes back by more has been set */
    TIME_MEMBER_MOVES_MS = 12 * 60 * 60 * 1000 /* half of LEAD_MAX_MS: who was moved is heard */
};

struct time_proof {
    struct desk *desk;
    const struct roster *roster;
    struct groups *groups;
    int64_t due_ms;     /* boot clock */
    int64_t offset_ms;  /* the wall clock minus the boot clock, when it was looked at last */
    int64_t stepped_ms; /* so far the wall clock was set forward since the start */
    bool is_told;       /* the officer was told that it differs, and it stands: */
    int64_t told_ms;    /* so far the neighbours are ahead, by the wall clock as it is now */
    bool is_hinted;     /* the officer was told what one neighbour alone says */
};

/* The handset starts: nothing is proven. */
void time_proof_start(struct time_proof *proof, struct moment now);

/* Looks at the neighbours' clocks, with each presence of the own at the latest: tells of a wall
 * clock that differs, and that it agrees again; moves the time of standard groups forward, and
 * proves that of all groups. */
void time_proof_tick(struct time_proof *proof, struct moment now);

/* The latest that it may be, by all that is known here: by the wall clock, by the time of the
 * standard groups held, which was moved forward by what neighbours showed, and by the neighbours
 * where most of all clocks agree. INT64_MAX where the wall clock has surely lost the time: it shows
 * a moment before this program was written, or before all months that keys are held for. */
int64_t time_proof_latest_ms(const struct groups *groups, struct moment now);

/* A member of `group` who was measured made an announcement; by it group time is ahead of ours by
 * `ahead_ms` now, at least. */
void time_proof_hear_member(struct groups *groups, struct group *group, int64_t ahead_ms,
                            struct moment now);

#endif
