/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * This machine's network interfaces: which of them to send on, which addresses are our own, and
 * when that changes.
 */
#ifndef MUSTER_TRANSPORT_INTERFACES_H
#define MUSTER_TRANSPORT_INTERFACES_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>

#include "transport/link_facts.h"

enum {
    /* In use at a time: a socket may join an IPv4 group on so many interfaces, unless the system
     * was told otherwise (net.ipv4.igmp_max_memberships). */
    INTERFACES_MAX = 20,
    INTERFACES_NAMED = 4, /* of those that are left out */
};

/* How likely handsets are behind an interface, the likeliest first. */
enum interface_rank {
    RANK_HARDWARE,    /* wired or wireless, or a bridge or bond of such */
    RANK_ON_HARDWARE, /* a part of one: VLAN, macvlan */
    RANK_VIRTUAL,     /* one end of a veth pair, dummy */
    RANK_TUNNEL,
    RANK_BRIDGE, /* of containers or virtual machines */
    RANK_NO_CARRIER_HARDWARE,
    RANK_NO_CARRIER,
    RANK_PORT, /* of a bridge or bond, which sends what it would send */
};

struct interface {
    unsigned index;
    char name[IF_NAMESIZE];
    bool has_ipv4, has_ipv6; /* has an address of that kind, so can send it */
    bool has_carrier;
    struct in_addr ipv4; /* the first of its IPv4 addresses */
    unsigned mtu;        /* octets of an IP packet; 0 where the system does not say */
    enum interface_rank rank;
    bool has_ended; /* interfaces_changed found out; another may have its number by now */
};

struct interfaces {
    size_t count;
    struct interface list[INTERFACES_MAX]; /* the likeliest first */
    size_t left_out;                       /* there was no room for */
    char left_out_names[INTERFACES_NAMED][IF_NAMESIZE];
    size_t address_count; /* of this machine, on any interface; IPv4 mapped (::ffff:a.b.c.d) */
    struct in6_addr *addresses;
};

/* The number of the interface with that name; 0: there is none. The C library's if_nametoindex
 * wants a socket of Unix, which a radio's own process does not get (apart/). */
unsigned interfaces_index(const char *name);

/* The interfaces that are up, have an address and can multicast: only the one called `name`, or
 * with NULL the INTERFACES_MAX that rank first. NULL leaves out those of Wi-Fi Direct groups
 * ("p2p-..."), which are a link of their own (wifi_direct/), and takes the loopback interface only
 * when there is no other, so that handsets on a machine without a network still find each other.
 * The caller frees *out with interfaces_free. False (and *out empty) when the system gives no list,
 * or no memory. */
bool interfaces_read(const char *name, struct interfaces *out);
void interfaces_free(struct interfaces *interfaces);

/* The rank of the interface with these facts among the `count` in `all`; `facts` may be NULL: not
 * known. */
enum interface_rank interfaces_rank(const struct link_facts *facts, bool has_carrier,
                                    const struct link_facts all[], size_t count);

/* Puts interfaces in the order of their ranks; of equals those with IPv4 come first, and then the
 * older ones. */
void interfaces_order(struct interface list[], size_t count);

/* Is `address` one of this machine's own? */
bool interfaces_own_address(const struct interfaces *interfaces, const struct in6_addr *address);

/* Addresses that this machine had before: what it sent from them may still come back. */
enum {
    FORMER_MAX = 16
};

struct former_addresses {
    size_t next;
    struct in6_addr list[FORMER_MAX]; /* the latest of them */
};

/* Adds those that went between two readings. */
void interfaces_note_former(const struct interfaces *before, const struct interfaces *after,
                            struct former_addresses *former);
bool interfaces_were_own(const struct former_addresses *former, const struct in6_addr *address);

/* A descriptor that becomes readable when interfaces or addresses change; -1 when the system does
 * not offer that. The caller closes it. */
int interfaces_watch(void);

/* Empties the descriptor; says whether anything changed since the last call. Marks those in
 * `in_use` that ended since, and sets *any_may_have_ended where the system lost count of them; that
 * is never set to false here. */
bool interfaces_changed(int descriptor, struct interfaces *in_use, bool *any_may_have_ended);

#endif
