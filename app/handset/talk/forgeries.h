/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forgeries: packets of a talk session whose tag is right and whose signature is wrong.
 *
 * One such packet says nothing about who made it: the signature stands outside the tag, so a
 * stranger who has one of the talker's packets that was lost here makes any number of them. What
 * only a member can make is a second packet of one number with other octets under a right tag, for
 * the talker makes one. So a member is accused when both have come, and both are the evidence.
 *
 * What they may cost goes by the link (crypto/voice_chain.h). Who forges before the true packet
 * goes out does not know it, and gets no signature checked. With a right link there is a small
 * purse for each packet, apart for the address that the talker's packets come from: who forges one
 * packet takes nothing from the next. Only what is too far ahead for its link to be told, as when a
 * listener comes late, has a purse for each second.
 */
#ifndef MUSTER_APP_HANDSET_TALK_FORGERIES_H
#define MUSTER_APP_HANDSET_TALK_FORGERIES_H

#include "app/handset/talk/media.h"
#include "app/moment.h"
#include "crypto/voice_chain.h"

enum {
    /* Wrong signatures that are found out of one packet's number with its right link: so many from
     * the address from which the talker's come, and as many from all others together. */
    LINK_TRIALS = 16,
    /* Of all numbers, in a second: only a talker who gives away its own links comes to that. */
    LINKED_A_SECOND = 2000,
    /* Without a link, in a second: from the talker's address, and from all others. */
    FAR_A_SECOND = 500,
    LINKED_MAX = VOICE_CHAIN_KEPT, /* packets that LINK_TRIALS is counted of */
    SUSPECTS_MAX = 8,              /* kept until another packet of their number comes */
};

struct forgeries;

/* A packet whose tag is right under the announcement with the hash `session`, before its signature
 * is checked. */
struct forgery_trial {
    const uint8_t *session; /* SESSION_HASH_SIZE octets */
    const struct media *media;
    bool is_linked;      /* its link is right */
    bool is_from_talker; /* it came from the address that the talker's packets come from */
};

/* Frees it; NULL is allowed. NULL stands for a session of which nothing was forged. */
void forgeries_free(struct forgeries *forgeries);

/* May the signature be checked? */
bool forgeries_allow(const struct forgeries *forgeries, struct moment now,
                     const struct forgery_trial *trial);

/* It was checked, and is wrong. *forgeries is made if it is NULL and there is memory. */
void forgeries_add(struct forgeries **forgeries, struct moment now,
                   const struct forgery_trial *trial);

/* The first packet of another kind that came under the number of `media`, and has other octets: a
 * member made one of the two. It is given once, and lives until the next call; false when there is
 * none. */
bool forgeries_catch(struct forgeries *forgeries, const uint8_t session[SESSION_HASH_SIZE],
                     const struct media *media, struct span *suspect);

#endif
