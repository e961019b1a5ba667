/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/wifi_direct/p2p_neighbours.h"

#include "transport/wifi_direct/p2p.h"

struct p2p_handset *p2p_neighbours_find(struct p2p_neighbours *neighbours, uint64_t address) {
    for (size_t i = 0; i < neighbours->count; i++) {
        if (neighbours->list[i].address == address) {
            return &neighbours->list[i];
        }
    }
    return NULL;
}

static struct p2p_handset *place_for_one(struct p2p_neighbours *neighbours) {
    if (neighbours->count < P2P_HANDSETS_MAX) {
        return &neighbours->list[neighbours->count++];
    }
    struct p2p_handset *oldest = &neighbours->list[0];
    for (size_t i = 1; i < neighbours->count; i++) {
        if (neighbours->list[i].seen_ms < oldest->seen_ms) {
            oldest = &neighbours->list[i];
        }
    }
    return oldest;
}

struct p2p_handset *p2p_neighbours_enter(struct p2p_neighbours *neighbours, uint64_t address) {
    struct p2p_handset *handset = p2p_neighbours_find(neighbours, address);
    if (handset != NULL) {
        return handset;
    }
    handset = place_for_one(neighbours);
    *handset =
        (struct p2p_handset){.address = address, .seen_ms = INT64_MIN, .not_before_ms = INT64_MIN};
    return handset;
}

static bool is_lower(const struct p2p_handset *handset, const struct p2p_handset *than) {
    return than == NULL || handset->address < than->address;
}

struct p2p_sight p2p_neighbours_look(const struct p2p_neighbours *neighbours, uint64_t own,
                                     int64_t now_ms) {
    struct p2p_sight sight = {0};
    for (size_t i = 0; i < neighbours->count; i++) {
        const struct p2p_handset *handset = &neighbours->list[i];
        if (handset->seen_ms == INT64_MIN || now_ms - handset->seen_ms > P2P_SEEN_MS) {
            continue;
        }
        if (handset->is_owner) {
            sight.owners++;
            bool may_be_tried = handset->not_before_ms <= now_ms;
            if (may_be_tried || handset->failures < P2P_FAILURES_MAX) {
                sight.any_owner = true;
            }
            if (may_be_tried && is_lower(handset, sight.owner)) {
                sight.owner = handset;
            }
            continue;
        }
        sight.others++;
        sight.lower += handset->address < own;
        if (is_lower(handset, sight.nearest)) {
            sight.nearest = handset;
        }
    }
    return sight;
}
