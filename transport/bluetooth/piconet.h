/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who links to whom over Bluetooth: the rule by which handsets form piconets without talking about
 * it, and join them. No I/O: what is seen and heard comes in with the time, what is to be done goes
 * out through a queue of actions.
 *
 * An address is a Bluetooth device address as a number; the octet that is printed first is the
 * highest: 00:AA:01:02:03:04 is 0x00aa01020304. A handset with several adapters is known by the
 * lowest address that it had when it started, its node address; it tells those linked to it which
 * others it has.
 *
 *   1. A handset wants a link to each handset that it has seen and that no link of its own reaches
 *      yet, directly or through others. It asks one at a time, the lowest address first, so that
 *      where all see all everybody asks the same one: that one becomes the hub of their piconet.
 *
 *   2. Of two that see each other the one with the higher address asks at once. The lower one asks
 *      only after PICONET_GRACE_MS, in case the other cannot see it; where both have asked all the
 *      same, the link that the higher one asked for stays.
 *
 *   3. An adapter has PICONET_LINKS_MAX links. One more is closed, after FULL was said over it; the
 * handset that hears this asks the next lowest. That is how a second hub comes about, which joins
 * the two piconets; and so does a handset that sees two hubs which do not reach each other.
 *
 *   4. Every PICONET_TABLE_MS, and when something has changed, each link is told whom it reaches
 *      through this handset, at most PICONET_DISTANCE_MAX links away. A link on which nothing was
 *      heard for PICONET_LOST_MS is given up; after PICONET_STUCK_MS when it does not take what is
 * to be sent, since that holds up what is for others. Who was reached through it counts as seen: so
 * when a hub is gone the others agree on the next lowest address.
 *
 *   5. What failed is tried again later and later, each time with a random part, up to
 *      PICONET_BACKOFF_MAX_MS, and after what failed less often. Nobody seeks in a fixed rhythm. A
 *      handset that has links seeks seldom, and not while there is voice, unless that does not end
 *      for PICONET_QUIET_MAX_MS.
 *
 * A control packet begins with an octet of 0, which no frame does (its version is 1).
 */
#ifndef MUSTER_TRANSPORT_BLUETOOTH_PICONET_H
#define MUSTER_TRANSPORT_BLUETOOTH_PICONET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PICONET_ADAPTERS_MAX = 4,
    PICONET_LINKS_MAX = 7, /* of an adapter */
    PICONET_ALL_LINKS_MAX = PICONET_ADAPTERS_MAX * PICONET_LINKS_MAX,
    PICONET_SEEN_MAX = 64,
    PICONET_TABLE_MAX = 64, /* nodes listed in one packet */
    PICONET_DISTANCE_MAX = 4,
    PICONET_CONTROL_MAX = 1024, /* octets of a control packet */

    PICONET_SEEN_MS = 90 * 1000, /* a handset seen longer ago is not asked */
    PICONET_GRACE_MS = 6000,
    PICONET_TABLE_MS = 1000,
    PICONET_LOST_MS = 3500,
    PICONET_STUCK_MS = 2000,
    PICONET_HELLO_MS = 5000, /* a link without a table by then leads to no handset, and is closed */
    PICONET_BACKOFF_MS = 2000,
    PICONET_BACKOFF_MAX_MS = 60 * 1000,
    PICONET_SEEK_LONELY_MS = 3000, /* between two inquiries without links, and as much at random */
    PICONET_SEEK_LINKED_MS = 15 * 1000, /* with links, and as much at random */
    PICONET_QUIET_MS = 3000,            /* no inquiry for this long after voice */
    PICONET_QUIET_MAX_MS = 3 * 60 * 1000,
};

struct piconet;

/* Nobody seen, no adapter, no link. `seed` decides what is left to chance. NULL when out of memory;
 * the caller frees it. */
struct piconet *piconet_new(uint64_t seed);
void piconet_free(struct piconet *piconet);

/* --- What happens. Times are of a clock that never goes back, in milliseconds. ---------------- */

/* Adapter number `adapter` (0 up to PICONET_ADAPTERS_MAX - 1) can be used from now on and has this
 * address; or can no longer be used. Then all of its links have ended: call piconet_unlinked for
 * each. */
void piconet_adapter_on(struct piconet *piconet, int64_t now_ms, unsigned adapter,
                        uint64_t address);
void piconet_adapter_off(struct piconet *piconet, int64_t now_ms, unsigned adapter);

/* Airplane mode or radio silence: while silent, the handset asks nobody and does not seek; it keeps
 * the links that it has. */
void piconet_set_silent(struct piconet *piconet, int64_t now_ms, bool is_silent);

/* An inquiry on `adapter` found a handset, by class and name, with this signal (dBm; 127: not
 * known). */
void piconet_seen(struct piconet *piconet, int64_t now_ms, unsigned adapter, uint64_t address,
                  int8_t rssi);

/* An inquiry on `adapter` has ended, or could not begin. */
void piconet_sought(struct piconet *piconet, int64_t now_ms, unsigned adapter);

/* A link came about between `adapter` and `address`: number `link`, the caller's choice from 0 up
 * to PICONET_ALL_LINKS_MAX, one more than there can be so that there is a number for the one that
 * is turned away. `asked` when this handset asked for it. */
void piconet_linked(struct piconet *piconet, int64_t now_ms, unsigned link, unsigned adapter,
                    uint64_t address, bool asked);

/* What PICONET_ASK asked for did not come about. */
void piconet_failed(struct piconet *piconet, int64_t now_ms, unsigned adapter, uint64_t address);

/* A control packet came over `link`. A malformed one changes nothing. */
void piconet_control(struct piconet *piconet, int64_t now_ms, unsigned link, const uint8_t *packet,
                     size_t length);

/* A frame came over `link`. Returns false, and the frame is to be dropped, when the link has not
 * said a table yet. */
bool piconet_heard(struct piconet *piconet, int64_t now_ms, unsigned link);

/* A frame could not be sent over `link`, which is full, and was dropped. */
void piconet_stuck(struct piconet *piconet, unsigned link);

/* Many frames come or go in a row: there is voice. */
void piconet_busy(struct piconet *piconet, int64_t now_ms);

/* The link has ended, by PICONET_CLOSE or by itself. */
void piconet_unlinked(struct piconet *piconet, int64_t now_ms, unsigned link);

/* --- What is to be done ----------------------------------------------------------------------- */

enum piconet_deed {
    PICONET_ASK,   /* connect `adapter` to `address`; then piconet_linked or piconet_failed */
    PICONET_SAY,   /* send `packet` over `link`; when that is full, it may be dropped */
    PICONET_CLOSE, /* end `link`, once what was said over it has gone out; piconet_unlinked */
    PICONET_SEEK,  /* an inquiry of some 2.5 s on `adapter`; then piconet_sought */
};

struct piconet_action {
    enum piconet_deed deed;
    unsigned adapter;
    unsigned link;
    uint64_t address;
    size_t length;
    uint8_t packet[PICONET_CONTROL_MAX];
};

/* Takes what is to be done next at `now_ms`; false when there is nothing. To be called until then
 * after each of the above, and when piconet_deadline has come. */
bool piconet_take(struct piconet *piconet, int64_t now_ms, struct piconet_action *action);

/* When piconet_take may have something even if nothing happens; INT64_MAX for never. */
int64_t piconet_deadline(const struct piconet *piconet);

/* --- How it stands ---------------------------------------------------------------------------- */

/* The node on the other end of the link; 0 before it has said its table. */
uint64_t piconet_node(const struct piconet *piconet, unsigned link);

/* The links of an adapter (those that have said their table), and how many other handsets are
 * reached over all of them. */
unsigned piconet_links(const struct piconet *piconet, unsigned adapter);
unsigned piconet_reached(const struct piconet *piconet);

#endif
