/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/peers.h"

#include <stdlib.h>
#include <string.h>

struct peer {
    uint64_t number; /* 0: the place is free */
    struct sockaddr_in6 address;
    int64_t heard_ms;
    bool was_answered;
    int64_t answered_ms;
};

struct peers {
    uint64_t next_number;
    struct peer places[PEERS_MAX];
};

/* The same IP address, from whatever port. */
static bool same_host(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b) {
    return memcmp(&a->sin6_addr, &b->sin6_addr, sizeof a->sin6_addr) == 0 &&
           (!IN6_IS_ADDR_LINKLOCAL(&a->sin6_addr) || a->sin6_scope_id == b->sin6_scope_id);
}

static bool same_address(const struct sockaddr_in6 *a, const struct sockaddr_in6 *b) {
    return a->sin6_port == b->sin6_port && same_host(a, b);
}

static bool keeps_its_place(const struct peer *peer, int64_t now_ms) {
    return now_ms - peer->heard_ms < PEER_HEARD_MS ||
           (peer->was_answered && now_ms - peer->answered_ms < PEER_ANSWERED_MS);
}

static size_t count_places(const struct peers *peers, const struct sockaddr_in6 *host) {
    size_t count = 0;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        count += peers->places[i].number != 0 && same_host(&peers->places[i].address, host);
    }
    return count;
}

/* A place for a newcomer: a free one, or of those that must give way the one heard from longest
 * ago; only one of its own IP address once that has all its places. NULL when there is none. */
static struct peer *find_place(struct peers *peers, const struct sockaddr_in6 *newcomer,
                               int64_t now_ms) {
    bool only_own = count_places(peers, newcomer) >= PEERS_PER_ADDRESS;
    struct peer *oldest = NULL;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &peers->places[i];
        if (only_own && !same_host(&peer->address, newcomer)) {
            continue;
        }
        if (peer->number == 0) {
            return peer;
        }
        if (!keeps_its_place(peer, now_ms) &&
            (oldest == NULL || peer->heard_ms < oldest->heard_ms)) {
            oldest = peer;
        }
    }
    return oldest;
}

uint64_t peers_heard(struct peers *peers, const struct sockaddr_in6 *address, int64_t now_ms) {
    for (size_t i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &peers->places[i];
        if (peer->number != 0 && same_address(&peer->address, address)) {
            peer->address.sin6_scope_id = address->sin6_scope_id;
            peer->heard_ms = now_ms;
            return peer->number;
        }
    }
    struct peer *place = find_place(peers, address, now_ms);
    if (place == NULL) {
        return PEER_CROWD;
    }
    *place = (struct peer){.number = peers->next_number++, .address = *address, .heard_ms = now_ms};
    return place->number;
}

bool peers_answer(struct peers *peers, uint64_t peer, int64_t now_ms,
                  struct sockaddr_in6 *address) {
    for (size_t i = 0; i < PEERS_MAX && peer != 0; i++) {
        struct peer *place = &peers->places[i];
        if (place->number == peer) {
            place->was_answered = true;
            place->answered_ms = now_ms;
            *address = place->address;
            return true;
        }
    }
    return false;
}

bool peers_address(const struct peers *peers, uint64_t peer, struct sockaddr_in6 *address) {
    for (size_t i = 0; i < PEERS_MAX && peer != 0; i++) {
        if (peers->places[i].number == peer) {
            *address = peers->places[i].address;
            return true;
        }
    }
    return false;
}

unsigned peers_lately(const struct peers *peers, int64_t now_ms) {
    unsigned by_ipv4 = 0, by_ipv6 = 0;
    for (size_t i = 0; i < PEERS_MAX; i++) {
        const struct peer *peer = &peers->places[i];
        if (peer->number == 0 || now_ms - peer->heard_ms >= PEER_HEARD_MS) {
            continue;
        }
        if (IN6_IS_ADDR_V4MAPPED(&peer->address.sin6_addr)) {
            by_ipv4++;
        } else {
            by_ipv6++;
        }
    }
    return by_ipv4 > by_ipv6 ? by_ipv4 : by_ipv6;
}

struct peers *peers_new(void) {
    struct peers *peers = calloc(1, sizeof *peers);
    if (peers != NULL) {
        peers->next_number = 1;
    }
    return peers;
}

void peers_free(struct peers *peers) {
    free(peers);
}
