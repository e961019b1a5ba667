/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a piconet_town.h is made of: piconet_town.c lets it happen, piconet_town_paths.c looks at
 * it.
 */
#ifndef MUSTER_TESTS_TRANSPORT_PICONET_TOWN_STATE_H
#define MUSTER_TESTS_TRANSPORT_PICONET_TOWN_STATE_H

#include "tests/transport/piconet_town.h"

enum {
    TOWN_LINKS = PICONET_ALL_LINKS_MAX + 1,
    TOWN_WIRES = 1024,
    TOWN_EVENTS = 16384,
};

struct end {
    unsigned handset;
    unsigned life; /* of the handset: a wire to an earlier one is dead */
    unsigned adapter;
    unsigned link;
    bool is_up;
};

struct wire {
    bool is_used;
    bool is_cut;
    struct end ends[2]; /* the first asked */
};

enum event_kind {
    EVENT_NONE,
    EVENT_LINK,
    EVENT_FAIL,
    EVENT_PACKET,
    EVENT_END,
    EVENT_SEEN,
    EVENT_SOUGHT,
    EVENT_SAY_LIE,
};

struct event {
    enum event_kind kind;
    int64_t ms;
    uint64_t order;
    unsigned handset, life, adapter;
    uint64_t address;
    unsigned wire, end; /* whom it is for */
    uint64_t wire_number;
    size_t length;
    uint8_t *packet;
};

struct handset {
    struct piconet *piconet;
    unsigned life;
    bool is_on;
    bool is_strict;
    bool is_stranger;
    town_lie lie;
    bool is_seeking[PICONET_ADAPTERS_MAX];
    unsigned asks, inquiries;
};

struct town {
    uint64_t random;
    int64_t now_ms;
    unsigned count, adapters, loss;
    bool is_far[TOWN_HANDSETS_MAX][TOWN_HANDSETS_MAX];
    struct handset handsets[TOWN_HANDSETS_MAX];
    struct wire wires[TOWN_WIRES];
    uint64_t wire_numbers[TOWN_WIRES];
    uint64_t order;
    size_t events;
    struct event queue[TOWN_EVENTS];
    unsigned turned_away, most_links;
};

/* Whether both are on and in range of each other. */
bool town_hears(const struct town *town, unsigned a, unsigned b);

/* Whether the handset at that end still has the link. */
bool town_end_lives(const struct town *town, const struct end *end);

bool town_carries(const struct town *town, const struct wire *wire);

#endif
