/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/source.h"

void sources_add(struct sources *sources, uint64_t peer) {
    /* Spreads numbers that are close together (Knuth's multiplier). */
    uint64_t bit = (peer * UINT64_C(0x9E3779B97F4A7C15)) >> 54;
    uint64_t mask = UINT64_C(1) << bit % 64;
    sources->count += (sources->bits[bit / 64] & mask) == 0;
    sources->bits[bit / 64] |= mask;
}

void source_name(const struct source_namer *namer, uint64_t peer, struct event *event) {
    event->source[0] = event->link[0] = '\0';
    if (namer->name != NULL && peer != EVERYONE) {
        namer->name(namer->context, peer, event->source, event->link);
    }
}

_Static_assert(SOURCES_BITS == 1 << (64 - 54), "each hash has its bit");
