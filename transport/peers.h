/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who was heard on an IP network: gives each remote address a peer number, in bounded memory.
 *
 * Strangers who make up addresses can fill the table. But they cannot push out the peers that are
 * in use: a peer keeps its place for PEER_HEARD_MS after each frame from it, and for
 * PEER_ANSWERED_MS after each frame to it. Only then does the one heard from longest ago give way
 * to a newcomer. One machine cannot fill the table: an IP address has PEERS_PER_ADDRESS places,
 * whatever ports it sends from. A newcomer for whom there is no place is still heard: all of them
 * share the number PEER_CROWD (and one budget of checks), which has no address, so that an answer
 * to it goes to everyone.
 */
#ifndef MUSTER_TRANSPORT_PEERS_H
#define MUSTER_TRANSPORT_PEERS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    PEERS_MAX = 256,
    PEERS_PER_ADDRESS = 8,
    PEER_HEARD_MS = 30 * 1000,
    PEER_ANSWERED_MS = 5 * 60 * 1000,
};

#define PEER_CROWD UINT64_MAX

struct peers;

/* An empty table, or NULL when out of memory. The caller frees it. */
struct peers *peers_new(void);
void peers_free(struct peers *peers);

/* A frame came from `address` at `now_ms` (of a clock that never goes back): its peer number.
 * IPv4 addresses come mapped (::ffff:a.b.c.d). sin6_scope_id is the interface that it was heard on,
 * 0 when that does not matter; of a link-local address it is a part, of others merely kept. */
uint64_t peers_heard(struct peers *peers, const struct sockaddr_in6 *address, int64_t now_ms);

/* A frame goes to `peer` at `now_ms`: writes where to. False when the peer does not exist, or was
 * forgotten. */
bool peers_answer(struct peers *peers, uint64_t peer, int64_t now_ms, struct sockaddr_in6 *address);

/* The address of `peer`. False when the peer does not exist, or was forgotten. */
bool peers_address(const struct peers *peers, uint64_t peer, struct sockaddr_in6 *address);

/* How many were heard within the last PEER_HEARD_MS before `now_ms`. A handset that is heard over
 * both IPv4 and IPv6 counts once. */
unsigned peers_lately(const struct peers *peers, int64_t now_ms);

#endif
