/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where frames come from: what the officer calls an address, and how many there are.
 */
#ifndef MUSTER_APP_HANDSET_DESK_SOURCE_H
#define MUSTER_APP_HANDSET_DESK_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "app/handset/output.h"

enum {
    SOURCES_BITS = 1024,
};

/* Different peers, counted in a fixed room: a bit for each, which several may share. So there are
 * at least as many as are counted. */
struct sources {
    unsigned count;
    uint64_t bits[SOURCES_BITS / 64];
};

/* One more frame of `peer`. */
void sources_add(struct sources *sources, uint64_t peer);

/* Who `peer` is, into *event, which has values of a link. Nothing where `namer` has no function or
 * does not know, and for EVERYONE. */
void source_name(const struct source_namer *namer, uint64_t peer, struct event *event);

#endif
