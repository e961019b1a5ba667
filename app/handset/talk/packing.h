/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How much voice goes into a packet. Few long packets spare a slow link what each of them costs,
 * and many short ones spare the listener delay. On a star, which Bluetooth is, everybody's packets
 * pass through the hub, once to each of its neighbours.
 */
#ifndef MUSTER_APP_HANDSET_TALK_PACKING_H
#define MUSTER_APP_HANDSET_TALK_PACKING_H

#include "app/handset/air/roster.h"
#include "app/handset/keys/group.h"

enum {
    PACKING_FEW = 2, /* neighbours on a star that 40 ms are short enough for */
};

/* Frames of 20 ms in a packet to `group`: 1 if each of its members in reach is heard on a link that
 * is no star, otherwise 2, or 3 with more than PACKING_FEW neighbours on stars. */
unsigned packing_to_group(const struct roster *roster, const struct handset_links *links,
                          const struct group *group);

/* The same for a one-to-one talk with `peer`. */
unsigned packing_to_peer(const struct roster *roster, const struct handset_links *links,
                         uint64_t peer);

#endif
