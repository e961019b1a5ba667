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

enum {
    INTERFACES_MAX = 8,
    OWN_ADDRESSES_MAX = 64
};

struct interface {
    unsigned index;
    char name[IF_NAMESIZE];
    bool has_ipv4, has_ipv6; /* has an address of that kind, so can send it */
    struct in_addr ipv4;     /* the first of its IPv4 addresses */
    unsigned mtu;            /* octets of an IP packet; 0 where the system does not say */
};

struct interfaces {
    size_t count;
    struct interface list[INTERFACES_MAX];
    size_t address_count; /* of this machine, on any interface; IPv4 mapped (::ffff:a.b.c.d) */
    struct in6_addr addresses[OWN_ADDRESSES_MAX];
};

/* The interfaces that are up, have an address and can multicast, at most INTERFACES_MAX: only the
 * one called `name`, or all with NULL: without those of Wi-Fi Direct groups ("p2p-..."), which are
 * a link of their own (wifi_direct/), and with the loopback interface only when there is no other,
 * so that handsets on a machine without a network still find each other. False (and *out empty)
 * when the system gives no list. */
bool interfaces_read(const char *name, struct interfaces *out);

/* Is `address` one of this machine's own? */
bool interfaces_own_address(const struct interfaces *interfaces, const struct in6_addr *address);

/* A descriptor that becomes readable when interfaces or addresses change; -1 when the system does
 * not offer that. The caller closes it. */
int interfaces_watch(void);

/* Empties the descriptor; says whether anything changed since the last call. */
bool interfaces_changed(int descriptor);

#endif
