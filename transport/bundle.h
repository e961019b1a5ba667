/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Several transports as one: the links of a handset that is on several networks at a time. A frame
 * to everyone goes out on all of them, and a link that fails does not harm the others.
 *
 * The upper 8 bits of a peer's number are the number of its link, from 1 up; the lower 56 are the
 * link's own number for the peer, and no transport uses more. All ones (peers.h: PEER_CROWD) stay
 * all ones in these 56.
 */
#ifndef MUSTER_TRANSPORT_BUNDLE_H
#define MUSTER_TRANSPORT_BUNDLE_H

#include "transport/transport.h"

enum {
    BUNDLE_LINKS_MAX = 8,
    BUNDLE_PEER_BITS = 56
};

/* Joins the `count` links (1 to BUNDLE_LINKS_MAX) into one transport, which closes them when it is
 * closed. NULL when out of memory, or there are too many; then the links are still the caller's.
 *
 * `send` to PEER_ALL succeeds where any link took the frame. `news` reports a link that stops
 * taking frames, and one that takes them again; each condition carries the number of its link.
 * `publish` and `listen` go to the links that have topics, `set_mode` to those that have it;
 * `radios` are those of all links. */
struct transport *bundle_open(struct transport *const links[], size_t count);

/* Is link `number` (from 1 up) a star, on which not everyone hears everyone else? `bundle` comes
 * from bundle_open. */
bool bundle_is_star(const struct transport *bundle, unsigned number);

/* Does all on link `number` (from 1 up) go by topics (`publish` in transport.h)? */
bool bundle_has_topics(const struct transport *bundle, unsigned number);

/* The longest frame that link `number` (from 1 up) takes uncut (transport.h). `bundle` comes from
 * bundle_open. */
size_t bundle_largest(const struct transport *bundle, unsigned number);

/* Passes a frame that came from `peer` on over the links whose bits are set in `numbers` (link n is
 * 1 << n): to everyone there, under `topic` (NULL: none) where the link has topics; and on the
 * peer's own link, if it is among them, to those who have not heard it. `bundle` comes from
 * bundle_open. TRANSPORT_OK when any took it; TRANSPORT_NO_ROUTE when none did, or there is no such
 * peer's link. */
enum transport_result bundle_relay(struct transport *bundle, uint64_t peer, unsigned numbers,
                                   const char *topic, enum transport_lane lane,
                                   const uint8_t *frame, size_t length);

#endif
