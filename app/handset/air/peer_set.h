/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A set of addresses, in which one is found in the same time however many there are: each frame is
 * looked up, and each has another address in a flood.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PEER_SET_H
#define MUSTER_APP_HANDSET_AIR_PEER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer_set;

/* One that is not filled; NULL without memory. The caller frees it. */
struct peer_set *peer_set_new(void);
void peer_set_free(struct peer_set *set);

/* Nothing is in it any more, and it is not filled. */
void peer_set_empty(struct peer_set *set);

/* Has it been begun since it was last emptied? */
bool peer_set_is_filled(const struct peer_set *set);

/* Begins to fill it, with up to `count` addresses. Without memory it stays empty. */
void peer_set_begin(struct peer_set *set, size_t count);
void peer_set_add(struct peer_set *set, uint64_t peer);

bool peer_set_has(const struct peer_set *set, uint64_t peer);

#endif
