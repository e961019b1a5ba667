/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kernel says of each network interface besides its addresses: what kind of thing it is,
 * and what it is a part of. Asked by netlink, which knows the own network namespace; /sys may show
 * another one.
 */
#ifndef MUSTER_TRANSPORT_LINK_FACTS_H
#define MUSTER_TRANSPORT_LINK_FACTS_H

#include <stdbool.h>
#include <stddef.h>

enum {
    LINK_KIND_SIZE = 16
};

struct link_facts {
    unsigned index;
    unsigned master;           /* index of the bridge or bond that it is a part of; 0: none */
    char kind[LINK_KIND_SIZE]; /* "bridge", "veth", "tun"; empty: a device of its own */
};

/* The facts of all interfaces, in *out, which the caller frees; returns how many. 0, and *out NULL,
 * when the system does not say or memory is short. */
size_t link_facts_read(struct link_facts **out);

/* The facts of the interface `index`; NULL when there are none. */
const struct link_facts *link_facts_of(const struct link_facts list[], size_t count,
                                       unsigned index);

#endif
