/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The air inside one process: ports that hear each other on a virtual clock, for demonstrations,
 * tests and simulations. It loses, delays, doubles and reorders frames as it is told; what happens
 * is a function of the seed and of the calls made, so a run replays exactly.
 *
 * A port is numbered from 1; its number is also its peer number for the other ports. The air stands
 * still until air_advance: a frame that was sent is on its way, also with no delay at all, and
 * reaches the port's inbox when the clock is advanced to its arrival or past it. There are no file
 * descriptors to wait on: after air_advance, call `receive` on each port.
 *
 * Not safe to use from several threads at once.
 */
#ifndef MUSTER_TRANSPORT_LOOPBACK_H
#define MUSTER_TRANSPORT_LOOPBACK_H

#include <stdbool.h>

#include "transport/transport.h"

enum {
    AIR_PORTS_MAX = 64,
    AIR_FLIGHT_MAX = 8192, /* frames on their way at once; then send says TRANSPORT_BUSY */
    AIR_INBOX_MAX = 1024,  /* frames that wait in a port; those that come then are lost */
    AIR_PER_THOUSAND = 1000,
};

/* What the air does to each frame on its way to each port. All zero: every frame arrives once, in
 * the order of sending, at the next air_advance. */
struct air_conditions {
    unsigned lost;         /* of 1000 frames, how many never arrive; 0 to 1000 */
    unsigned doubled;      /* of 1000 frames that arrive, how many arrive twice; 0 to 1000 */
    unsigned delay_min_ms; /* each frame takes its own time between these two, evenly spread; */
    unsigned delay_max_ms; /* where they differ, frames overtake each other */
};

struct air;

/* Air at time 0 without ports, in which every port will hear every other; NULL when out of memory.
 * `seed` decides all that is left to chance. The caller frees it; ports
 * still open are closed with it. */
struct air *air_new(uint64_t seed);
void air_free(struct air *air);

/* The transport at `port` (1 to AIR_PORTS_MAX), or NULL when the port is out of range, is open
 * already, or memory ran out. Closing it empties its inbox and frees the port, which may be opened
 * again: a handset that restarts keeps its place. Must not be closed from within its own `receive`.
 */
struct transport *air_open_port(struct air *air, unsigned port);

/* From now on, frames put on the air fare by these conditions (values over their range count as
 * its end); those on their way already are not touched. */
void air_set_conditions(struct air *air, struct air_conditions conditions);

/* From now on, whether `listener` hears frames sent by `talker`; one direction alone. What is on
 * its way when the two part still arrives. Ports out of range are ignored. */
void air_set_hearing(struct air *air, unsigned talker, unsigned listener, bool hears);

/* Parts the air in two: the ports whose bit (1 << (port - 1)) is in `side` hear only each other,
 * and the rest only each other. Replaces what was set before; with side 0 everyone hears everyone.
 */
void air_part(struct air *air, uint64_t side);

/* A frame as it was put on the air, before anything befell it. */
struct air_frame {
    int64_t at_ms;
    unsigned from;
    uint64_t to; /* a port, or PEER_ALL */
    const uint8_t *octets;
    size_t length;
};

/* `frame` and its octets live until the call returns. Must not call into the air. */
typedef void air_observer_fn(void *context, const struct air_frame *frame);

/* `observer` is called for each frame put on the air, by ports and by air_inject; NULL ends it. */
void air_observe(struct air *air, air_observer_fn *observer, void *context);

/* A stranger sends any octets as if from `from` - any port, open or not, so also in somebody's
 * name - to one port or to PEER_ALL. Results as of `send`. */
enum transport_result air_inject(struct air *air, unsigned from, uint64_t to, const uint8_t *octets,
                                 size_t length);

/* Moves the clock to `now_ms` (never back) and puts what has arrived by then into the inboxes: in
 * order of arrival, and of sending where arrivals are equal. */
void air_advance(struct air *air, int64_t now_ms);

/* The time at which the next frame arrives, into *at_ms; false when nothing is on its way. */
bool air_next_event(const struct air *air, int64_t *at_ms);

/* Does any port's inbox hold a frame that `receive` has not handed over yet? */
bool air_has_waiting(const struct air *air);

/* What became of the frames, counted by port that each was on its way to. */
struct air_count {
    uint64_t sent;      /* frames put on the air; the others count their arrivals at ports */
    uint64_t delivered; /* handed over by `receive` */
    uint64_t lost;      /* by the conditions */
    uint64_t doubled;   /* by the conditions */
    uint64_t unheard;   /* the ports were parted, or the port was closed on arrival */
    uint64_t overflown; /* the inbox was full */
};

struct air_count air_counts(const struct air *air);

#endif
