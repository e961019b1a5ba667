/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The mark: what a frame of any kind shows before a signature is checked, at the cost of a quarter
 * of a microsecond. Of the eight octets of a frame's id the last four are random, and the first
 * four a MAC (SipHash-2-4, cut short) over the kind, those and the payload, under a key that is
 * made from the domain's public parameters, as the names of topics are (app/broker/topic.h). Relays
 * pass the id on as it is.
 *
 * Every handset of the domain has these parameters, and they go over no air. So who makes a right
 * mark was enrolled once, or has got them from a handset that was: the mark keeps out those who
 * have no part in the domain, proves no identity, and is never more than a reason to spend the time
 * that a signature takes from another purse (admission.h). Who forges by chance is right once in
 * 2^32 frames. A frame of another domain has no mark here, and is not refused for that.
 */
#ifndef MUSTER_APP_HANDSET_AIR_MARK_H
#define MUSTER_APP_HANDSET_AIR_MARK_H

#include "app/handset/output.h"
#include "crypto/bytes.h"

enum {
    MARK_KEY_SIZE = 16
};

struct mark_key {
    uint8_t octets[MARK_KEY_SIZE];
};

/* The key of the domain whose topics have that key. */
void mark_key_of(const struct topic_key *topics, struct mark_key *key);

/* Puts the mark into the frame in `octets[length]`, whose id is random. */
void mark_put(const struct mark_key *key, uint8_t *octets, size_t length);

/* Is the mark of the frame in `octets`, which passed frame_read, right? */
bool mark_is_right(const struct mark_key *key, struct span octets);

#endif
