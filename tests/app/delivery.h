/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key deliveries to a squad's handsets, as a standard group's manager makes them - or somebody who
 * would like to.
 */
#ifndef MUSTER_TESTS_APP_DELIVERY_H
#define MUSTER_TESTS_APP_DELIVERY_H

#include "crypto/key_delivery.h"
#include "squad.h"

/* Places are those of squad_identity; times are the squad's, since 1970. */
struct delivery {
    size_t group;  /* whose identity is named as initiator */
    size_t signer; /* whose key signs */
    size_t member; /* to whom */
    uint32_t gmk_id;
    int64_t utc_ms;
    int64_t begins_ms, ends_ms;
    uint8_t manager; /* whose word it carries (squad_manager_word); 0: nobody's */
    uint64_t term, counter;
    struct exclusion_states known;
};

/* A good one of SQUAD_FIRE: made now, for an hour from now on. */
struct delivery delivery_now(const struct squad *squad, size_t member, uint32_t gmk_id);

/* Appends the message. */
void delivery_write(const struct delivery *delivery, struct writer *out);

/* Hands it to the member's handset. STATUS_OK, or the reason why it was refused. */
enum status delivery_give(struct squad *squad, const struct delivery *delivery);

/* Hands `octets` to handset n as a key delivery. The same. */
enum status delivery_give_octets(struct squad *squad, size_t n, struct span octets);

/* The GMK that goes with the id. */
void delivery_gmk(uint32_t gmk_id, uint8_t gmk[SSV_SIZE]);

/* Does handset n hold that GMK? */
bool delivery_is_held(const struct squad *squad, size_t n, uint32_t gmk_id);

#endif
