/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A model of handsets' supplicants and the air between them, for the rule of p2p.h: steps of
 * AIR_STEP_MS, chance from a seed. It knows finding, negotiation, joining by push button, stored
 * groups and invitations, and that each of these takes its time and may fail.
 */
#ifndef MUSTER_TESTS_TRANSPORT_P2P_AIR_H
#define MUSTER_TESTS_TRANSPORT_P2P_AIR_H

#include "transport/wifi_direct/p2p.h"

enum {
    AIR_STEP_MS = 100,
    AIR_MAX = 32,
    AIR_NOBODY = -1
};

struct air_handset {
    struct p2p *p2p; /* NULL: it is off */
    bool sees[AIR_MAX];

    bool finds;
    int64_t awake_until_ms; /* finds or listens */
    bool reported[AIR_MAX];
    int asks, joins, rejoins, invites; /* whom */
    int agrees;                        /* to whose question without being asked */
    int64_t tries_until_ms, ready_ms;
    int intent;
    int owner; /* of its group, possibly itself */
    int lets_in;
    int64_t lost_ms;
    bool stored[AIR_MAX];  /* network number k is that of owner k */
    bool clients[AIR_MAX]; /* of its own stored group */
    unsigned groups;       /* that it was in so far */

    bool is_told_up;                                        /* the transport was told of a group */
    unsigned commands, commands_this_minute, commands_most; /* most: in a minute, while it was on */
    unsigned pushed, stored_used, invited;                  /* groups that came about in each way */
};

struct air {
    size_t count;
    int64_t now_ms;
    uint64_t random;
    unsigned failing; /* of a hundred negotiations, so many */
    struct air_handset handsets[AIR_MAX];
};

/* `count` handsets that see each other, all off. */
void air_begin(struct air *air, size_t count, uint64_t seed);
void air_end(struct air *air);

/* Number `who` is switched on, or off: its group ends. */
void air_on(struct air *air, size_t who);
void air_off(struct air *air, size_t who);

/* Says whether `a` and `b` are in range of each other. */
void air_range(struct air *air, size_t a, size_t b, bool in_range);

void air_run(struct air *air, int64_t for_ms);

/* Are all that are on in one group, and do their transports know? */
bool air_is_one(const struct air *air);

/* Runs until air_is_one, or until this time is over; returns the time it took, or -1. */
int64_t air_until_one(struct air *air, int64_t at_most_ms);

uint64_t air_address(size_t who);
uint64_t air_chance(struct air *air, uint64_t below);

#endif
