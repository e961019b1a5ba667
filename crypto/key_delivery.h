/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The key delivery of a standard group (6.X.3.3.2.3 step 2): an I_MESSAGE (i_message.h) whose SSV
 * is the GMK itself and whose CSB ID is the GMK id, signed by the group identity and encapsulated
 * to one member, with key parameters that say what the GMK is for. Verify it with i_message_verify
 * before anything else.
 *
 * The key parameters are in the general extension that TS 33.180 annex E.6 uses for them (type 7,
 * between SAKKE and SIGN). The annex wraps them into a protected payload of MCData, whose key
 * derivation and element identifiers are not at hand, so the octets inside are our own:
 *
 *   key type (1: 0 = GMK), GMK id (4), not before (5), not after (5)
 *
 * with the times, as in the annex, in seconds since 1970 UTC; encrypted with AES-128-GCM, followed
 * by the tag of 16 octets. The group identity is the initiator's, to which they are bound. What the
 * manager says itself follows in an extension of its own. Key (16) and nonce (12) are PRF(GMK,
 * "Muster key parameters" || GMK id
 * || RAND), so that each message has its own. The additional authenticated data is every field of
 * the message: GMK id, T, RAND, and the identities and KMS URIs of both sides.
 */
#ifndef MUSTER_CRYPTO_KEY_DELIVERY_H
#define MUSTER_CRYPTO_KEY_DELIVERY_H

#include "crypto/i_message.h"

enum {
    KEY_DELIVERY_MAX =
        I_MESSAGE_MAX,      /* octets of a key delivery; with its header it fits a frame */
    KEY_DELIVERY_BARE = 506 /* of one without names and its manager's word */
};

/* What a delivery tells all members of a group. */
struct key_delivery_fields {
    uint32_t gmk_id;
    int64_t utc_ms;            /* T, since 1970 UTC: of a group's deliveries, the latest counts */
    int64_t not_before_ms;     /* the period of use, since 1970 UTC, in whole seconds */
    int64_t not_after_ms;      /* its end, later than its beginning */
    char group[IDENTITY_SIZE]; /* the group identity, which signs */
    char group_kms[IDENTITY_SIZE]; /* the KMS URI of its domain */
    struct span manager; /* what its manager says of it (app/identity/epoch.h), in the clear after
                          * the key parameters; empty: nothing. Not set by what opens a delivery */
};

/* Who gets one. */
struct key_delivery_member {
    char identity[IDENTITY_SIZE];
    char kms[IDENTITY_SIZE];
    struct identifier identifier; /* at the moment of sending */
};

/* How many octets the manager's word may have in a delivery with these fields, to a member of the
 * domain `kms` whose identity has `length` characters. */
size_t key_delivery_room(const struct key_delivery_fields *fields, const char *kms, size_t length);

/* Builds a delivery of `gmk` for each of `count` members of one domain, I_MESSAGES_AT_ONCE at most,
 * signed with the group identity's key; appends that of members[i] to outs[i] (at most
 * KEY_DELIVERY_MAX octets). Each RAND comes from `entropy`. STATUS_TIME_OUT_OF_RANGE for a period
 * of use that the key parameters do not hold, and the errors of i_message_build_each; then some of
 * outs may have been appended to, and none must be used. */
MUST_CHECK enum status key_delivery_build_each(const struct provider *provider,
                                               const struct key_delivery_fields *fields,
                                               const uint8_t gmk[SSV_SIZE], size_t count,
                                               const struct key_delivery_member members[],
                                               const struct domain_key *member_domain,
                                               const struct signing_key *signing_key,
                                               const struct entropy *entropy, struct writer outs[]);

/* Parses `octets`, which must outlive *out. Checks the form only: the errors of i_message_parse,
 * STATUS_MALFORMED also for an I_MESSAGE without key parameters. */
MUST_CHECK enum status key_delivery_parse(struct span octets, struct i_message *out);

/* What the GMK of an opened message is for. STATUS_MAC_INVALID when the key parameters are not this
 * message's and GMK's, STATUS_MALFORMED when their GMK id or group is not the message's, or they
 * have no period; *fields is zeroed then. */
MUST_CHECK enum status key_delivery_parameters(const struct i_message *message,
                                               const uint8_t gmk[SSV_SIZE],
                                               struct key_delivery_fields *fields);

/* The GMK and what it is for, with the member's key. Call it after i_message_verify. The provider's
 * errors and those of key_delivery_parameters; *fields and gmk are zeroed then. */
MUST_CHECK enum status key_delivery_open(const struct provider *provider,
                                         const struct i_message *message,
                                         const struct receiver_key *key,
                                         struct key_delivery_fields *fields, uint8_t gmk[SSV_SIZE]);

#endif
