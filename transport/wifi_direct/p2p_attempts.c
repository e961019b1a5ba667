/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a handset does to get into a group, and what follows when that fails. */
#include <stdio.h>

#include "transport/wifi_direct/p2p_state.h"
#include "transport/wifi_direct/supplicant_line.h"

/* How long what it tries may take, in milliseconds. */
enum {
    LOOK_MS = 3000,
    INVITE_MS = 10 * 1000,
    /* Until the other has agreed. Where it was not listening just then, wpa_supplicant may stay
     * mute itself for far longer. */
    ASK_MS = 6 * 1000,
    START_MS = 10 * 1000,
    JOIN_MS = 30 * 1000, /* others may be let in first */
    REJOIN_MS = 8000,
};

enum {
    BACKOFF_DOUBLINGS_MAX = 6
};

void p2p_back_off(struct p2p *p2p, int64_t now_ms, struct p2p_handset *handset) {
    unsigned doublings =
        handset->failures < BACKOFF_DOUBLINGS_MAX ? handset->failures : BACKOFF_DOUBLINGS_MAX;
    int64_t wait = (int64_t)P2P_BACKOFF_MS << doublings;
    int64_t longest = handset->was_together ? P2P_BACKOFF_KNOWN_MAX_MS : P2P_BACKOFF_MAX_MS;
    wait = wait < longest ? wait : longest;
    handset->not_before_ms = now_ms + wait + p2p_chance(p2p, wait);
    handset->failures++;
}

void p2p_begin_anew(struct p2p *p2p, int64_t now_ms) {
    p2p->sight_ms = p2p->join_ms = INT64_MAX;
    p2p->seeks = false;
    p2p->seek_ms = now_ms;
}

/* --- Trying --------------------------------------------------------------------------------- */

void p2p_attempt(struct p2p *p2p, int64_t now_ms, enum p2p_attempt attempt, uint64_t with,
                 int64_t for_ms) {
    p2p->attempt = attempt;
    p2p->with = with;
    p2p->attempt_until_ms = now_ms + for_ms;
}

void p2p_give_up(struct p2p *p2p) {
    if (p2p->attempt == TRIES_ASKING || p2p->attempt == TRIES_JOINING) {
        p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_CANCEL");
    } else if (p2p->attempt != TRIES_NOTHING && p2p->attempt != TRIES_LOOKING &&
               p2p->attempt != TRIES_CHECKING) {
        p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_GROUP_REMOVE *");
    }
    p2p->attempt = TRIES_NOTHING;
}

void p2p_attempt_failed(struct p2p *p2p, int64_t now_ms) {
    struct p2p_handset *handset = p2p_neighbours_find(&p2p->neighbours, p2p->with);
    bool was_stored = p2p->attempt == TRIES_INVITING || p2p->attempt == TRIES_REJOINING;
    if (handset != NULL && was_stored) {
        handset->is_stranger = true;
    } else if (handset != NULL) {
        p2p_back_off(p2p, now_ms, handset);
    }
    p2p_give_up(p2p);
    p2p_begin_anew(p2p, now_ms);
}

static int stored_network(const struct p2p *p2p, uint64_t owner) {
    for (size_t i = 0; i < p2p->network_count; i++) {
        if (p2p->networks[i].owner == owner) {
            return p2p->networks[i].id;
        }
    }
    return -1;
}

void p2p_connect(struct p2p *p2p, int64_t now_ms, uint64_t with) {
    char address[LINE_ADDRESS_SIZE], stored[LINE_ADDRESS_SIZE] = "";
    line_write_address(with, address);
    bool wants_to_own = p2p->own < with;
    int id = stored_network(p2p, p2p->own);
    if (wants_to_own && id >= 0) {
        snprintf(stored, sizeof stored, "=%d", id);
    }
    p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_CONNECT %s pbc persistent%s go_intent=%d",
                address, stored, wants_to_own ? 15 : 0);
    p2p_attempt(p2p, now_ms, TRIES_ASKING, with, ASK_MS);
}

void p2p_look_up(struct p2p *p2p, int64_t now_ms, uint64_t with) {
    char address[LINE_ADDRESS_SIZE];
    line_write_address(with, address);
    p2p_command(p2p, P2P_COMMAND, ASKED_PEER, "P2P_PEER %s", address);
    p2p_attempt(p2p, now_ms, TRIES_LOOKING, with, LOOK_MS);
}

void p2p_invite(struct p2p *p2p, int64_t now_ms, uint64_t with, long id) {
    char address[LINE_ADDRESS_SIZE];
    line_write_address(with, address);
    p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_INVITE persistent=%ld peer=%s", id, address);
    p2p_attempt(p2p, now_ms, TRIES_INVITING, with, INVITE_MS);
}

void p2p_start_group(struct p2p *p2p, int64_t now_ms) {
    p2p_expect_nobody(p2p);
    int id = stored_network(p2p, p2p->own);
    if (id >= 0) {
        p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_GROUP_ADD persistent=%d", id);
    } else {
        p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_GROUP_ADD persistent");
    }
    p2p_attempt(p2p, now_ms, TRIES_STARTING, 0, START_MS);
}

void p2p_join(struct p2p *p2p, int64_t now_ms, const struct p2p_handset *owner) {
    p2p_expect_nobody(p2p);
    int id = owner->is_stranger ? -1 : stored_network(p2p, owner->address);
    if (id >= 0) {
        p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_GROUP_ADD persistent=%d", id);
        p2p_attempt(p2p, now_ms, TRIES_REJOINING, owner->address, REJOIN_MS);
        return;
    }
    char address[LINE_ADDRESS_SIZE];
    line_write_address(owner->address, address);
    p2p_command(p2p, P2P_COMMAND, ASKED_ATTEMPT, "P2P_CONNECT %s pbc persistent join", address);
    p2p_attempt(p2p, now_ms, TRIES_JOINING, owner->address, JOIN_MS);
}

/* --- Being asked ---------------------------------------------------------------------------- */

void p2p_expect(struct p2p *p2p, uint64_t from) {
    char address[LINE_ADDRESS_SIZE];
    if (p2p->expected == from) {
        return;
    }
    p2p->expected = from;
    line_write_address(from, address);
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_CONNECT %s pbc persistent go_intent=0 auth",
                address);
}

void p2p_expect_nobody(struct p2p *p2p) {
    char address[LINE_ADDRESS_SIZE];
    if (p2p->expected == 0) {
        return;
    }
    line_write_address(p2p->expected, address);
    p2p->expected = 0;
    p2p_command(p2p, P2P_COMMAND, ASKED_NOTHING, "P2P_UNAUTHORIZE %s", address);
}
