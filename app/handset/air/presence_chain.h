/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The presence chain: a proof that a neighbour is still there, which costs its listeners a hash
 * and no signature. A handset draws the last link of a chain and makes all others from it by a
 * one-way function, down to the anchor, which its signed presences name. One link belongs to each
 * PRESENCE_SLOT_MS since the chain began. Each presence opens that of its time: whoever knows the
 * anchor, or a link, makes sure of a later one and cannot make it. A forged presence from the
 * neighbour's own address and in its name, of which there may be thousands a second, has none.
 *
 * The link before that of slot n is SHA-256, cut to 16 octets, of "Muster presence link" 00, the
 * start of the handset's life (8), n (2), the link (16). A chain has PRESENCE_CHAIN_MAX slots
 * (85 minutes); then a new one begins, and with each new start.
 *
 * A link tells one thing: its handset was there at its time. Whoever hears it can say it again
 * elsewhere, so name, clock, ways and budgets come from a signature or an answer (life.h). A link
 * that was held back is known by its slot, as the slots go with time.
 */
#ifndef MUSTER_APP_HANDSET_AIR_PRESENCE_CHAIN_H
#define MUSTER_APP_HANDSET_AIR_PRESENCE_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "app/moment.h"
#include "crypto/entropy.h"
#include "crypto/i_message.h"

enum {
    PRESENCE_LINK_SIZE = 16,
    PRESENCE_CHAIN_ID_SIZE = 8, /* the first octets of the anchor, which name the chain */
    PRESENCE_CHAIN_MAX = 1024,
    PRESENCE_SLOT_MS = 5000,
    PRESENCE_LINKS_AHEAD = 8,         /* beyond the time that has passed, */
    PRESENCE_LINKS_WALK = 64,         /* and never more: so many hashes at most */
    PRESENCE_LINK_OLD_MS = 20 * 1000, /* said so long ago, a link was held back */
    PRESENCE_LINK_CHECKS = 4, /* signatures that are checked for one link, whoever says it */
    PRESENCE_LINK_MESSAGE_SIZE = PRESENCE_CHAIN_ID_SIZE + 2 + PRESENCE_LINK_SIZE,
};

/* What a presence says of its chain. */
struct presence_link {
    uint8_t anchor[PRESENCE_LINK_SIZE];
    uint16_t number;
    uint8_t link[PRESENCE_LINK_SIZE];
};

/* The handset's own chain; its links to come are secret. */
struct own_chain;

/* A new one, of the life with that start. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without
 * randomness. The caller frees it. */
MUST_CHECK enum status own_chain_new(const uint8_t start[START_SIZE], const struct entropy *entropy,
                                     struct moment now, struct own_chain **out);

void own_chain_free(struct own_chain *chain);

/* Opens the link of now; false when the chain is used up. */
bool own_chain_open(const struct own_chain *chain, struct moment now, struct presence_link *out);

/* A neighbour's, as far as it was heard. */
struct heard_presences {
    bool is_known;
    uint8_t start[START_SIZE];
    uint8_t id[PRESENCE_CHAIN_ID_SIZE];
    uint16_t number; /* of the latest */
    uint8_t link[PRESENCE_LINK_SIZE];
    int64_t heard_ms; /* boot clock: when it came */
    int64_t began_ms; /* boot clock: the chain, at the latest */
    unsigned checks;  /* signatures that may be checked for the latest */
};

/* A signature has proven a presence of the life with that start. */
void heard_presences_take(struct heard_presences *heard, const uint8_t start[START_SIZE],
                          const struct presence_link *link, struct moment now);

enum presence_sight {
    PRESENCE_LINK_WRONG,  /* or it was held back, or is too far ahead to be looked at */
    PRESENCE_LINK_LATEST, /* known already */
    PRESENCE_LINK_OPENS,  /* a later one, known from now on */
};

/* Is `link` that of slot `number` of that chain? */
enum presence_sight heard_presences_see(struct heard_presences *heard,
                                        const uint8_t id[PRESENCE_CHAIN_ID_SIZE], uint16_t number,
                                        const uint8_t link[PRESENCE_LINK_SIZE], struct moment now);

#endif
