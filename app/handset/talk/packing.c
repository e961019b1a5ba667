/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/talk/packing.h"

/* On what the ways lead that are heard lately and go out now. */
struct reached {
    bool by_star, by_other;
};

static struct reached reached_by(const struct neighbour *neighbour,
                                 const struct handset_links *links) {
    const struct ways *ways = &neighbour->ways;
    struct reached reached = {false, false};
    for (size_t i = 0; i < ways->count; i++) {
        const struct way *way = &ways->list[i];
        if (!way_is_fresh(ways, way) || link_is_off(links, way->peer)) {
            continue;
        }
        bool is_star = link_is_star(links, way->peer);
        reached.by_star = reached.by_star || is_star;
        reached.by_other = reached.by_other || !is_star;
    }
    return reached;
}

static unsigned packing_on_star(const struct roster *roster, const struct handset_links *links) {
    unsigned count = 0;
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        count += reached_by(roster->neighbours.list[i], links).by_star;
    }
    return count > PACKING_FEW ? 3 : 2;
}

unsigned packing_to_group(const struct roster *roster, const struct handset_links *links,
                          const struct group *group) {
    for (size_t i = 0; i < roster->neighbours.count; i++) {
        const struct neighbour *neighbour = roster->neighbours.list[i];
        struct reached reached = reached_by(neighbour, links);
        if (reached.by_star && !reached.by_other &&
            group_may_talk(group, neighbour->presence.identity)) {
            return packing_on_star(roster, links);
        }
    }
    return 1;
}

unsigned packing_to_peer(const struct roster *roster, const struct handset_links *links,
                         uint64_t peer) {
    return link_is_star(links, peer) ? packing_on_star(roster, links) : 1;
}
