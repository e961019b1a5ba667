/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The socket for transports: moves frames between handsets and knows nothing of what is in them.
 *
 * A peer is a 64-bit number that the transport gives to a remote address the first time it hears
 * from it; it means nothing outside this transport and this run. PEER_ALL sends to everyone in
 * reach. Delivery is best effort: frames may be lost, doubled and reordered, but never split,
 * joined or changed by the transport itself.
 */
#ifndef MUSTER_TRANSPORT_TRANSPORT_H
#define MUSTER_TRANSPORT_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

enum { TRANSPORT_FRAME_MAX = 16384, TRANSPORT_DESCRIPTORS_MAX = 8 };

#define PEER_ALL UINT64_C(0)

struct transport;

/* Called for each frame that arrives, from transport_receive; `frame` lives until it returns. */
typedef void transport_frame_fn(void *context, uint64_t peer, const uint8_t *frame, size_t length);

enum transport_result {
    TRANSPORT_OK = 0,
    TRANSPORT_NO_ROUTE,  /* no such peer, no network, or nobody in reach; later it may work again */
    TRANSPORT_TOO_LONG,  /* over TRANSPORT_FRAME_MAX */
    TRANSPORT_BUSY,      /* the send queue is full: the frame was dropped */
    TRANSPORT_FAILED,    /* transport_problem says what happened and what to do */
};

/* What one kind of transport carries out. `open` functions are each kind's own (loopback.h, udp.h),
 * since what they need differs; everything after that goes through here. */
struct transport_kind {
    const char *name; /* "loopback", "udp" */

    /* The descriptors to wait on for reading; returns how many, at most TRANSPORT_DESCRIPTORS_MAX. */
    size_t (*descriptors)(const struct transport *transport, int descriptors[]);

    /* Reads what has arrived without waiting and hands each frame over; at most a few dozen frames a
     * call, so that a flood cannot hold up the loop. */
    enum transport_result (*receive)(struct transport *transport, transport_frame_fn *on_frame,
                                     void *context);

    /* Sends to one peer, or to all in reach with PEER_ALL. Never waits. */
    enum transport_result (*send)(struct transport *transport, uint64_t peer, const uint8_t *frame,
                                  size_t length);

    /* One clear line about the last TRANSPORT_FAILED or TRANSPORT_NO_ROUTE: what happened, what to
     * do. Never NULL; valid until the next call. */
    const char *(*problem)(const struct transport *transport);

    /* Closes and frees. */
    void (*close)(struct transport *transport);
};

/* Every transport's struct starts with this. */
struct transport {
    const struct transport_kind *kind;
};

#endif
