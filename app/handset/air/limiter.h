/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How many costly checks each source may cause (app/README.md section 5, 9): a token bucket a peer,
 * and one for all of them, since a stranger may use many addresses. Peers known as neighbours have
 * buckets apart, which strangers at other addresses can neither empty nor crowd out. A bucket is
 * forgotten only when it is full: nobody gets a new one by making others crowd out the old.
 */
#ifndef MUSTER_APP_HANDSET_AIR_LIMITER_H
#define MUSTER_APP_HANDSET_AIR_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LIMITER_SOURCES_MAX = 64,
    LIMITER_SOURCE_BURST = 40, /* units at once from one peer */
    LIMITER_SOURCE_RATE = 10,  /* units a second */
    LIMITER_ALL_BURST = 200,
    LIMITER_ALL_RATE = 100,
    COST_SIGNATURE = 1, /* one unit is about a millisecond of work */
    COST_DECAPSULATION = 7,
    COST_EXPLANATION = 10, /* two signature checks, which are seldom of use */
};

struct bucket {
    uint64_t peer;
    int64_t filled_ms; /* boot clock */
    int64_t milli_units;
};

struct limiter_class {
    struct bucket all;
    struct bucket rest; /* shared by sources for which there is no place */
    size_t count;
    struct bucket sources[LIMITER_SOURCES_MAX];
};

struct limiter {
    struct limiter_class strangers, neighbours;
};

/* Fills the buckets for all; to be called once, before the first limiter_allows. */
void limiter_start(struct limiter *limiter, int64_t boot_ms);

/* What stands for `identity` where sources are identities and not addresses. */
uint64_t limiter_source(const char *identity);

/* May `peer` cause `cost` units of work now? If so they are taken from its bucket. */
bool limiter_allows(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                    int64_t cost);

/* The same, but nothing is taken. */
bool limiter_has_left(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                      int64_t cost);

/* As limiter_allows, for `milli_units`, of which a unit has 1000. */
bool limiter_allows_milli(struct limiter *limiter, uint64_t peer, bool is_neighbour,
                          int64_t boot_ms, int64_t milli_units);

#endif
