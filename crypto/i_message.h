/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The MIKEY-SAKKE I_MESSAGE (RFC 6509 2.1, 4; identity payloads of RFC 6043 6.6): one message that
 * carries a 16-octet SSV to one identity, signed by another. The SSV is the TGK of a D2D
 * connection, or the GMK of a standard group (key_delivery.h).
 *
 * Payloads in order: HDR (data type 26, PRF-HMAC-SHA-256, CSB ID = key id, CS ID map type 0), T
 * (NTP-UTC), RAND (16), IDRi, IDRr, IDRkmsi, IDRkmsr, SAKKE, general extensions if there are any,
 * SIGN (ECCSI). The signature covers everything before its own octets, the SIGN payload's type and
 * length included.
 *
 * A key delivery has one extension with key parameters, and after it another with its manager's
 * word. A D2D connection's message has one with the initiator's ephemeral share (connection_key.h),
 * and after it another with encapsulated data to the domain's recovery identity if the domain's
 * setting says so.
 */
#ifndef MUSTER_CRYPTO_I_MESSAGE_H
#define MUSTER_CRYPTO_I_MESSAGE_H

#include "crypto/identifier.h"
#include "crypto/provider.h"

enum {
    MIKEY_RAND_SIZE = 16,
    START_SIZE = 8,  /* what is drawn when a handset starts, to tell its lives apart */
    SHARE_SIZE = 32, /* of X25519 (RFC 7748) */
    I_MESSAGE_MAX = 1187,
    I_MESSAGES_AT_ONCE = 8
};

/* The fields of an I_MESSAGE that are not cryptographic. */
struct i_message_fields {
    uint32_t key_id; /* CSB ID: the id of the key that the message carries */
    int64_t utc_ms;  /* T as milliseconds since 1970 UTC; the wire has NTP's 64 bits */
    uint8_t rand[MIKEY_RAND_SIZE];
    char initiator[IDENTITY_SIZE];     /* IDRi: who signs */
    char responder[IDENTITY_SIZE];     /* IDRr: who can open it */
    char initiator_kms[IDENTITY_SIZE]; /* IDRkmsi, IDRkmsr: the KMS URIs of the two domains */
    char responder_kms[IDENTITY_SIZE];
    /* Each extension's data; empty when the message does not have it. */
    struct span key_parameters;
    struct span manager;  /* only after key parameters */
    struct span share;    /* SHARE_SIZE octets; never beside key parameters */
    struct span recovery; /* SAKKE_DATA_SIZE octets; only after a share */
};

/* A parsed I_MESSAGE: its fields, and spans into the octets it was parsed from. */
struct i_message {
    struct i_message_fields fields;
    enum id_scheme id_scheme;
    struct span sakke;     /* SAKKE_DATA_SIZE octets */
    struct span signature; /* ECCSI_SIGNATURE_SIZE octets */
    struct span covered;   /* what the signature covers */
};

/* Builds an I_MESSAGE with `ssv` for fields->responder, whose identifier at the moment of sending
 * is `responder_identifier` in `responder_domain`, signed with `signing_key`. Appends to `out` (at
 * most I_MESSAGE_MAX octets). STATUS_IDENTITY_INVALID, STATUS_TIME_OUT_OF_RANGE (T holds 1970 to
 * 2104), STATUS_MALFORMED for extensions that do not go together, STATUS_TOO_LONG when it does not
 * fit, and the provider's errors; then nothing is appended.
 */
MUST_CHECK enum status i_message_build(const struct provider *provider,
                                       const struct i_message_fields *fields,
                                       const struct domain_key *responder_domain,
                                       const struct identifier *responder_identifier,
                                       const struct signing_key *signing_key,
                                       const uint8_t ssv[SSV_SIZE], const struct entropy *entropy,
                                       struct writer *out);

/* Builds one for each of `count` responders of one domain, I_MESSAGES_AT_ONCE at most, all with the
 * same SSV: as a group's key goes to its members. The cost of a message is a fraction of
 * i_message_build's where the module encapsulates several at a time. The errors are those of
 * i_message_build; then some of outs may have been appended to, and none must be used. */
MUST_CHECK enum status i_message_build_each(const struct provider *provider, size_t count,
                                            const struct i_message_fields fields[],
                                            const struct domain_key *responder_domain,
                                            const struct identifier responder_identifiers[],
                                            const struct signing_key *signing_key,
                                            const uint8_t ssv[SSV_SIZE],
                                            const struct entropy *entropy, struct writer outs[]);

/* Parses `octets`, which must outlive *out. Checks the form only: STATUS_TRUNCATED,
 * STATUS_MALFORMED, STATUS_UNSUPPORTED (another data type, PRF, SAKKE parameter set, signature
 * type), STATUS_IDENTITY_INVALID, STATUS_TOO_LONG. An octet changed anywhere makes either this or
 * i_message_verify fail. */
MUST_CHECK enum status i_message_parse(struct span octets, struct i_message *out);

/* Does the signature verify for `initiator_identifier` in `initiator_domain`?
 * STATUS_SIGNATURE_INVALID when not. */
MUST_CHECK enum status i_message_verify(const struct provider *provider,
                                        const struct i_message *message,
                                        const struct domain_key *initiator_domain,
                                        const struct identifier *initiator_identifier);

/* The SSV, with the receiver's key. Call it after i_message_verify. The provider's errors. */
MUST_CHECK enum status i_message_open(const struct provider *provider,
                                      const struct i_message *message,
                                      const struct receiver_key *key, uint8_t ssv[SSV_SIZE]);

#endif
