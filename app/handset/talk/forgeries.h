/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Forgeries: packets of a talk session whose tag is right and whose signature is wrong.
 *
 * One such packet says nothing about who made it: the signature stands outside the tag, so a
 * stranger who has one of the talker's packets that was lost here makes any number of them. What
 * only a member can make is a second packet of one number with other octets under a right tag, for
 * the talker makes one. So a member is accused when both have come, and both are the evidence.
 *
 * What a stranger can alter costs little: of the same octets so many signatures are checked and no
 * more, and they use up nothing that the talker's other packets need.
 */
#ifndef MUSTER_APP_HANDSET_TALK_FORGERIES_H
#define MUSTER_APP_HANDSET_TALK_FORGERIES_H

#include "app/handset/talk/media.h"
#include "app/moment.h"

enum {
    /* Packets that turn out to be forged, of which the signature is checked: so many a second from
     * the address from which the talker's come, and as many from all others. What is over that is
     * dropped unchecked. */
    FORGED_A_SECOND = 500,
    ALTERED_CHECKS = 16, /* of the same octets, from the talker's address, and from all others */
    ALTERED_MAX = 256,   /* packets that this is counted of: more than are said in LIVE_MS */
    SUSPECTS_MAX = 8,    /* kept until another packet of their number comes */
};

struct forgeries;

/* Frees it; NULL is allowed. NULL stands for a session of which nothing was forged. */
void forgeries_free(struct forgeries *forgeries);

/* May the signature of `media` be checked? Its tag is right under the announcement with the hash
 * `session`; `is_from_talker`: it came from the address that the talker's packets come from. */
bool forgeries_allow(const struct forgeries *forgeries, struct moment now,
                     const uint8_t session[SESSION_HASH_SIZE], const struct media *media,
                     bool is_from_talker);

/* It was checked, and is wrong. *forgeries is made if it is NULL and there is memory. */
void forgeries_add(struct forgeries **forgeries, struct moment now,
                   const uint8_t session[SESSION_HASH_SIZE], const struct media *media,
                   bool is_from_talker);

/* The first packet of another kind that came under the number of `media`, and has other octets: a
 * member made one of the two. It is given once, and lives until the next call; false when there is
 * none. */
bool forgeries_catch(struct forgeries *forgeries, const uint8_t session[SESSION_HASH_SIZE],
                     const struct media *media, struct span *suspect);

#endif
