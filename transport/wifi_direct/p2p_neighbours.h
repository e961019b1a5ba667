/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handsets seen on the air: when last, whether as group owner, and how attempts to get into a
 * group with them went. Bounded: the one seen longest ago gives way.
 */
#ifndef MUSTER_TRANSPORT_WIFI_DIRECT_P2P_NEIGHBOURS_H
#define MUSTER_TRANSPORT_WIFI_DIRECT_P2P_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    P2P_HANDSETS_MAX = 64,
    P2P_FAILURES_MAX = 3
};

struct p2p_handset {
    uint64_t address;
    int64_t seen_ms; /* INT64_MIN: not to be counted until seen again */
    bool is_owner;
    bool was_together;     /* in one group, since it was first seen */
    bool is_stranger;      /* no group with it is stored, or what is stored did not work */
    unsigned failures;     /* one after another */
    int64_t not_before_ms; /* nothing is tried with it earlier */
};

struct p2p_neighbours {
    size_t count;
    struct p2p_handset list[P2P_HANDSETS_MAX];
};

/* What was seen at `now_ms` or up to P2P_SEEN_MS before. */
struct p2p_sight {
    unsigned others, lower; /* without a group; of these with a lower address than ours */
    unsigned owners;
    const struct p2p_handset *nearest; /* the lowest address of the others; NULL: none */
    const struct p2p_handset *owner;   /* the lowest address of the owners that may be tried now */
    bool any_owner; /* one that may be tried now, or has not failed P2P_FAILURES_MAX times */
};

/* The handset with this address; NULL when it was never seen, or was forgotten. */
struct p2p_handset *p2p_neighbours_find(struct p2p_neighbours *neighbours, uint64_t address);

/* The same, entered as not seen yet when it is new. */
struct p2p_handset *p2p_neighbours_enter(struct p2p_neighbours *neighbours, uint64_t address);

struct p2p_sight p2p_neighbours_look(const struct p2p_neighbours *neighbours, uint64_t own,
                                     int64_t now_ms);

#endif
