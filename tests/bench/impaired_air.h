/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network namespaces joined by a bridge of the bench's own, which loses, delays and reorders frames
 * as the bench says: each namespace has one network device, eth0, whose other end (TAP) is here,
 * and an address of one family alone. The bridge is a thread; nothing of it outlives the process.
 */
#ifndef MUSTER_TESTS_BENCH_IMPAIRED_AIR_H
#define MUSTER_TESTS_BENCH_IMPAIRED_AIR_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    AIR_PORTS_MAX = 24
};

enum air_family {
    AIR_IPV4,
    AIR_IPV6
};

/* One namespace's end. Whoever has the air may set what is atomic at any time; it counts for the
 * frames that come after. */
struct air_port {
    int tap, net;
    uint8_t address[6]; /* last seen as a source from there */

    /* Of what comes to this port. */
    atomic_bool is_cut;          /* nothing */
    atomic_uint deaf_to;         /* nothing from the port before this number; 0: from none */
    atomic_uint loss_permille;   /* so many are lost, */
    atomic_uint burst;           /* so many one after the other; 0 and 1: each by itself */
    atomic_uint delay_ms;        /* and the rest are late by this */
    atomic_uint jitter_ms;       /* and by up to this more, so that later ones may overtake */
    atomic_uint lost_beginnings; /* so many frames with an announcement are lost, counting down */
    unsigned burst_left;

    /* Of what comes from it: Ethernet frames without their checksum. */
    atomic_ulong octets, frames;
};

struct impaired_air;

/* `count` namespaces, and chance by `seed`. NULL, and `problem` says why: this wants root,
 * /dev/net/tun and iproute2. */
struct impaired_air *impaired_air_new(size_t count, enum air_family family, uint64_t seed,
                                      char problem[160]);

/* Ends the thread and lets the namespaces go, once no process is in them. */
void impaired_air_free(struct impaired_air *air);

struct air_port *impaired_air_port(struct impaired_air *air, size_t port);

/* The calling thread is in that namespace from now on. */
bool impaired_air_enter(const struct impaired_air *air, size_t port);

#endif
