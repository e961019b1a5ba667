/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The UDP sockets of one kind of IP and one lane: one of our own for all that is sent and for what
 * is sent to us, one that hears the group, and for what is not voice one that hears what is sent to
 * the group's port otherwise: by broadcast (IPv6: to all nodes), or to this machine by who knows
 * nothing but its address.
 *
 * Voice goes from the port after a handset's own to the port after the group's, or after the other
 * handset's own. So it has a receive buffer apart at both ends, and whoever knows a handset's port
 * knows both.
 *
 * Addresses of both kinds are sockaddr_in6, IPv4 mapped
 * (::ffff:a.b.c.d), and sin6_scope_id is the interface, 0 where the routing table decides.
 */
#ifndef MUSTER_TRANSPORT_DATAGRAM_H
#define MUSTER_TRANSPORT_DATAGRAM_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "transport/transport.h"

struct datagram_sockets {
    int unicast, group, door; /* descriptors; -1 when this machine does not have this kind of IP */
    in_port_t own_port;       /* of `unicast`, network order */
    struct sockaddr_in6 group_address;
    bool
        drops_echoes; /* what `unicast` sends to the group does not come to `group`; of voice alone,
                         of which there is much. The kernel counts it among what is lost there. */
};

/* The address as people write one, "10.0.0.7" or "fe80::1", without its port, into `out` of
 * TRANSPORT_ADDRESS_SIZE. */
void datagram_text(const struct sockaddr_in6 *address, char out[]);

/* The address in `text`, of either kind, with `port` in host order. False when `text` is not an
 * address. */
bool datagram_address(const char *text, uint16_t port, struct sockaddr_in6 *out);

/* A handset's address as people write it: ADDRESS, ADDRESS:PORT, [ADDRESS], [ADDRESS]:PORT, where
 * an IPv6 address may end in %INTERFACE; `port` where none is written. The interface's name is
 * written to `interface` (IF_NAMESIZE octets), empty where there is none: a link-local address
 * needs one. False when it is not such an address. */
bool datagram_peer(const char *text, uint16_t port, struct sockaddr_in6 *out, char interface[]);

/* Opens the sockets of each lane for the kind of IP of `group`, whose port is that of LANE_REST.
 * True also when this machine does not have that kind: then the descriptors are -1. False, with
 * errno set, when opening failed. */
bool datagram_open(struct datagram_sockets lanes[TRANSPORT_LANES],
                   const struct sockaddr_in6 *group);

/* The address with the port of the lane after, or before (`by` -1). */
struct sockaddr_in6 datagram_port_moved(const struct sockaddr_in6 *address, int by);

/* The octets that the kernel lets wait at a socket, as it counts them; 0: not known. */
unsigned datagram_room(int descriptor);

void datagram_close(struct datagram_sockets *sockets);

/* Joins or leaves the group on an interface; does nothing when that was done before. False when the
 * system lets the socket join no more groups. */
bool datagram_set_membership(const struct datagram_sockets *sockets, unsigned interface,
                             bool member);

/* The address that reaches everyone on an interface, without a group. */
struct sockaddr_in6 datagram_everyone(const struct datagram_sockets *sockets, unsigned interface);

/* Sends without waiting; returns 0 or the errno. `source` is the IPv4 address to send from,
 * INADDR_ANY where the system is to choose; IPv6 always chooses. */
int datagram_send(const struct datagram_sockets *sockets, const struct sockaddr_in6 *to,
                  struct in_addr source, const uint8_t *octets, size_t length);

/* What is known of a datagram besides its octets. */
struct datagram_arrival {
    struct sockaddr_in6 from; /* and the interface that it came in on */
    int64_t age_ms; /* the kernel has had it; -1: not known, as after the wall clock was set back */
    uint32_t
        lost; /* at this socket since it was opened: it was full. Counted around; 0: not known */
};

/* Takes one datagram from `descriptor` (one of the three) without waiting: its length, of which no
 * more than `capacity` octets are kept; -1 with errno set when none was waiting. */
ssize_t datagram_receive(int descriptor, uint8_t *octets, size_t capacity,
                         struct datagram_arrival *arrival);

#endif
