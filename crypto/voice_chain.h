/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The voice chain: a proof that is cheap to check, and stands before the signature of each packet
 * (talker_key.h). A talker draws one link for each GSK and makes all others from it by a one-way
 * function, from the last packet's to the anchor, which is announced. Each packet carries its link.
 * From that anybody makes the links of the packets before it and nobody those after it: who has not
 * seen the packet itself, or a later one, does not know its link.
 *
 * The link before that of the n-th packet (n counts from 1; the anchor is link 0) is BLAKE2b with
 * an output of 8 octets, personalized "Muster link 1", of: the talker's public key (32), n (2), the
 * link (8). The key is new for each GSK, so that nothing which was computed before the announcement
 * helps, nor anything that was computed for another chain or another place in this one. To find a
 * link takes 2^64 tries on average, in the 33 s for which it is of use.
 */
#ifndef MUSTER_CRYPTO_VOICE_CHAIN_H
#define MUSTER_CRYPTO_VOICE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/talker_key.h"

enum {
    VOICE_CHAIN_KEPT =
        256,               /* links that a listener keeps: more than the replay window and a jump */
    VOICE_CHAIN_JUMP = 64, /* packets: what is further ahead has to prove itself without its link */
};

/* Makes all links of the chain for `key` from the last, links[VOICE_CHAIN_MAX]; links[0] is the
 * anchor. */
void voice_chain_fill(const uint8_t key[TALKER_KEY_SIZE],
                      uint8_t links[VOICE_CHAIN_MAX + 1][VOICE_LINK_SIZE]);

/* What a listener knows of a chain: its links up to the newest that was proven. */
struct heard_chain {
    uint8_t key[TALKER_KEY_SIZE];
    unsigned newest;
    uint8_t links[VOICE_CHAIN_KEPT][VOICE_LINK_SIZE]; /* by number, modulo their count */
};

enum link_sight {
    LINK_WRONG, /* also of a number that is too old, or that no packet has */
    LINK_RIGHT,
    LINK_FAR, /* to tell takes more steps than allowed */
};

/* The chain of the talker with that key, of which the announcement names the anchor. */
void heard_chain_start(struct heard_chain *chain, const uint8_t key[TALKER_KEY_SIZE],
                       const uint8_t anchor[VOICE_LINK_SIZE]);

/* Is `link` that of packet `number`? One step of hashing for each packet that it is ahead of the
 * newest known, and never more than `steps`. A right one is known from then on. */
enum link_sight heard_chain_see(struct heard_chain *chain, unsigned number,
                                const uint8_t link[VOICE_LINK_SIZE], unsigned steps);

/* The signature of packet `number` has proven its link, however far ahead that is. */
void heard_chain_take(struct heard_chain *chain, unsigned number,
                      const uint8_t link[VOICE_LINK_SIZE]);

#endif
