/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The floor request: a listener's signed word to who has the floor that it wants to talk next
 * (Floor Request of TS 24.380), or does not any more (Floor Release). Sealed, it tells a stranger
 * no more than that somebody in the group asks; signed by the identity, no member can make one in
 * another's name.
 *
 * Payload (FLOOR_REQUEST_SIZE, always): sealed for the session (session_seal.h) with the label
 * "Muster floor 1" 00: wish (1: 0 the floor, 4 to be taken off the queue), priority (1), number
 * (8), identity with its length before it in one octet and zeros up to IDENTITY_MAX after it, ECCSI
 * signature (129). What is signed: the label, GMK id (4), session hash (32), and everything of the
 * plain text before the signature.
 *
 * The session hash (talker_key.h) stands for the one announcement that is answered: its talker,
 * group, GMK, session and time. Under one announcement the numbers of an identity rise, so that
 * each counts once.
 */
#ifndef MUSTER_CRYPTO_FLOOR_REQUEST_H
#define MUSTER_CRYPTO_FLOOR_REQUEST_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/i_message.h"
#include "crypto/identifier.h"
#include "crypto/provider.h"
#include "crypto/talker_key.h"

enum {
    FLOOR_REQUEST_FIELDS_SIZE = 1 + 1 + 8 + 1 + IDENTITY_MAX,
    FLOOR_REQUEST_SIZE = 4 + 24 + FLOOR_REQUEST_FIELDS_SIZE + ECCSI_SIGNATURE_SIZE + 16,
    FLOOR_REQUEST_SIGNED_MAX = 15 + 4 + SESSION_HASH_SIZE + FLOOR_REQUEST_FIELDS_SIZE,
};

/* Message types of TS 24.380 8.2.2. */
enum floor_wish {
    FLOOR_WISH_TALK = 0,
    FLOOR_WISH_NOTHING = 4 /* any more */
};

struct floor_request {
    enum floor_wish wish;
    uint8_t priority; /* as in the announcement: enum talk_priority */
    int64_t number;   /* later ones have higher ones; not negative */
    char identity[IDENTITY_SIZE];
};

/* One that was opened, and is still to be verified. */
struct floor_request_opened {
    struct floor_request request;
    size_t signed_length;
    uint8_t signed_octets[FLOOR_REQUEST_SIGNED_MAX];
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

struct floor_key;

/* The key for requests to the session with that GMK id, GSK (SSV_SIZE octets) and session hash, in
 * secret memory. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED. The caller frees it. */
MUST_CHECK enum status floor_key_new(uint32_t gmk_id, const uint8_t gsk[SSV_SIZE],
                                     const uint8_t session[SESSION_HASH_SIZE],
                                     struct floor_key **out);

/* Wipes and frees; NULL is allowed. */
void floor_key_free(struct floor_key *key);

/* Appends the payload to `out`, signed with `signer`, which is the request's identity's.
 * STATUS_TOO_LONG when it does not fit; STATUS_LIBRARY_FAILED; the provider's errors. */
MUST_CHECK enum status floor_request_close(const struct floor_key *key,
                                           const struct floor_request *request,
                                           const struct provider *provider,
                                           const struct signing_key *signer,
                                           const struct entropy *entropy, struct writer *out);

/* The GMK id of a payload, which anybody can read. STATUS_TRUNCATED, STATUS_MALFORMED (longer). */
MUST_CHECK enum status floor_request_gmk_id(struct span payload, uint32_t *gmk_id);

/* Opens a payload; whose it is only the signature tells. STATUS_SEAL_BROKEN when it was made under
 * another key, or changed; STATUS_MALFORMED, STATUS_IDENTITY_INVALID when it says what no request
 * can; the errors of floor_request_gmk_id. */
MUST_CHECK enum status floor_request_open(const struct floor_key *key, struct span payload,
                                          struct floor_request_opened *out);

#endif
