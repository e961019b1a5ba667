/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is in the group, and how well each is heard. */
#include <stdio.h>

#include "transport/wifi_direct/p2p_state.h"

struct p2p_member *p2p_member_find(struct p2p *p2p, uint64_t address) {
    for (size_t i = 0; i < p2p->member_count; i++) {
        if (p2p->members[i].address == address) {
            return &p2p->members[i];
        }
    }
    return NULL;
}

void p2p_member_remove(struct p2p *p2p, int64_t now_ms, struct p2p_member *member) {
    *member = p2p->members[--p2p->member_count];
    p2p->seek_ms = now_ms;
}

/* -100 dBm is hardly any, -50 as good as it gets. */
static int quality_of(int dbm) {
    if (dbm == 0) {
        return TRANSPORT_QUALITY_UNKNOWN;
    }
    return dbm <= -100 ? 0 : dbm >= -50 ? 100 : 2 * (dbm + 100);
}

static int best_of_members(const struct p2p *p2p) {
    int best = TRANSPORT_QUALITY_UNKNOWN;
    for (size_t i = 0; i < p2p->member_count; i++) {
        int quality = quality_of(p2p->members[i].dbm);
        best = quality > best ? quality : best;
    }
    return best;
}

void p2p_look(const struct p2p *p2p, int64_t now_ms, struct p2p_status *out) {
    struct p2p_sight sight = p2p_neighbours_look(&p2p->neighbours, p2p->own, now_ms);
    *out = (struct p2p_status){.role = p2p->role,
                               .trouble = p2p->trouble,
                               .own = p2p->own,
                               .owner = p2p->owner,
                               .in_sight = sight.others + sight.owners,
                               .quality = TRANSPORT_QUALITY_UNKNOWN};
    snprintf(out->name, sizeof out->name, "Muster %04x", (unsigned)(p2p->owner & 0xffff));
    if (p2p->role == P2P_CLIENT) {
        out->peers = 1;
        out->quality = quality_of(p2p->client_dbm);
    } else if (p2p->role == P2P_OWNER) {
        out->peers = (unsigned)p2p->member_count;
        out->quality = best_of_members(p2p);
    }
}
