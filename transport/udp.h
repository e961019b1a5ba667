/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Frames as UDP datagrams on the networks this machine is attached to: IPv4 and IPv6 multicast to
 * everyone in reach, unicast to one peer. Nothing is configured and no server is needed: an
 * interface that is up and has an address, link-local ones included, is enough.
 *
 * - Each handset has one unicast socket of IPv4 and one of IPv6, on a port that the system chooses;
 *   everything it sends comes from there, so that several handsets on one machine can be told apart
 * and an answer reaches the right one. The multicast sockets are shared between them.
 * - Voice has sockets of its own, at the port after each of these: after the handset's own and
 * after the group's. It is read first, and again between the frames of all else. Its datagrams are
 *   marked DSCP EF, and leave this machine ahead of others.
 * - A frame to all goes out on each interface by one kind of IP, where all who were met there say
 *   that they hear it (reach.h), and otherwise by both, and so may arrive twice; own frames that
 *   come back are dropped.
 * - Where multicast does not get through, frames to all go to those who do not get it by unicast as
 *   well (reach.h). A handset where not even broadcast gets through can be named in the options.
 * - The groups are joined again every UDP_REJOIN_MS, so that switches which watch memberships keep
 *   them although nobody asks.
 * - TTL and hop limit are 1: no router passes a frame on.
 * - Interfaces and addresses may come and go; the groups are joined again as they do.
 * - Frames of no octets, and datagrams over TRANSPORT_FRAME_MAX, are dropped.
 * - Peers are bounded and strangers cannot push out active ones: see peers.h.
 */
#ifndef MUSTER_TRANSPORT_UDP_H
#define MUSTER_TRANSPORT_UDP_H

#include "transport/transport.h"

/* The default groups: IPv4 local scope (RFC 2365 6.1), IPv6 admin-local scope, transient (RFC 4291
 * 2.7); and the default port of both, which voice's follows. */
#define UDP_GROUP_IPV4 "239.255.77.83"
#define UDP_GROUP_IPV6 "ff14::4d75:7374:6572"
enum {
    UDP_PORT = 22690,
    UDP_PEERS_MAX = 16,
    UDP_REJOIN_MS = 60 * 1000,
};

struct udp_options {
    const char *interface;    /* a name such as "eth0"; NULL: every one that is up (interfaces.h) */
    uint16_t port;            /* of the groups, and voice's is the next; 0: UDP_PORT */
    const char *group_ipv4;   /* NULL: UDP_GROUP_IPV4 */
    const char *group_ipv6;   /* NULL: UDP_GROUP_IPV6; not of interface-local or link-local scope */
    const char *const *peers; /* handsets to greet whether they are heard or not: datagram_peer */
    size_t peer_count;        /* at most UDP_PEERS_MAX */
    int64_t rejoin_ms;        /* 0: UDP_REJOIN_MS */
};

/* Opens the sockets and joins the groups. A missing network is no failure: it may come.
 * TRANSPORT_FAILED, with the reason in *problem, when the interface does not exist, a group is not
 * a multicast address, a peer's address is none, another program has the port, or the system gives
 * no sockets. */
enum transport_result udp_open(const struct udp_options *options, struct transport **out,
                               struct transport_condition *problem);

#endif
