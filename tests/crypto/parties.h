/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Two identities and a group identity of one domain with their keys, and a message of each kind
 * between them, for the tests of messages. Everything comes from one seed, so a message has the
 * same octets each time.
 */
#ifndef MUSTER_TESTS_CRYPTO_PARTIES_H
#define MUSTER_TESTS_CRYPTO_PARTIES_H

#include "crypto/announcement.h"
#include "crypto/i_message.h"
#include "crypto/key_delivery.h"

struct party {
    struct identifier identifier;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
};

struct parties {
    const struct provider *provider;
    struct entropy_seeded seeded;
    struct entropy entropy;
    struct domain_key *domain;
    struct party alice; /* a monthly tel: identity */
    struct party bob;   /* an ME identity */
    struct party group; /* the identity of a standard group */
    uint8_t gmk[GMK_SIZE];
    struct i_message_fields i_message;       /* from alice to bob */
    struct announcement_fields announcement; /* alice talks in an ad-hoc group of bob's */
    struct key_delivery_fields key_delivery; /* from the group, to bob */
};

/* Fails the running test when the module does. Close with parties_close. */
void parties_open(struct parties *parties, const struct provider *provider);
void parties_close(struct parties *parties);

/* Bob, or alice when not, as a member of the group. */
struct key_delivery_member parties_member(const struct parties *parties, bool is_bob);

/* Appends alice's I_MESSAGE with `ssv`; one that opens a D2D connection, with a share and, with
 * `recovery`, with data to the recovery identity; her announcement with `gsk`, or the group's key
 * delivery to bob, to `out`. */
void parties_write_i_message(struct parties *parties, const uint8_t ssv[SSV_SIZE],
                             struct writer *out);
void parties_write_connection(struct parties *parties, const uint8_t ssv[SSV_SIZE], bool recovery,
                              struct writer *out);
void parties_write_announcement(struct parties *parties, const uint8_t gsk[GSK_SIZE],
                                struct writer *out);
void parties_write_key_delivery(struct parties *parties, struct writer *out);

/* What a receiver does with octets, in its order: parse, (open under the GMK,) verify as alice's
 * or the group's, (open as bob.) The first status that is not STATUS_OK. */
enum status parties_receive_i_message(const struct parties *parties, struct span octets);
enum status parties_receive_announcement(const struct parties *parties, struct span octets);
enum status parties_receive_key_delivery(const struct parties *parties, struct span octets);

#endif
