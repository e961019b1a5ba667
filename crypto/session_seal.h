/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What members say to the talker of a session, sealed under the session's keys: the voice report
 * and the floor request. Each kind has a label and one size.
 *
 * Payload: GMK id (4), then the plain text sealed by XChaCha20-Poly1305: nonce (24), cipher text,
 * tag (16). Under the tag are the label and the GMK id as well. The key (32) is PRF(GSK, label |
 * session hash) with the PRF of RFC 3830 4.1.2 (derivation.h): no label of RFC 3830 begins like
 * these, and the hash (talker_key.h) binds it to one announcement.
 */
#ifndef MUSTER_CRYPTO_SESSION_SEAL_H
#define MUSTER_CRYPTO_SESSION_SEAL_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/i_message.h"
#include "crypto/seal.h"
#include "crypto/talker_key.h"

enum {
    SESSION_SEAL_OVERHEAD = 4 + SEAL_OVERHEAD,
    SESSION_SEAL_LABEL_MAX = 24, /* octets, the zero at its end included */
};

/* The key of a kind of payload. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status session_seal_key(struct span label, const uint8_t gsk[SSV_SIZE],
                                        const uint8_t session[SESSION_HASH_SIZE],
                                        uint8_t key[SEAL_KEY_SIZE]);

/* Appends the payload to `out`, or nothing. STATUS_TOO_LONG when it does not fit;
 * STATUS_LIBRARY_FAILED without randomness. */
MUST_CHECK enum status session_seal_close(struct span label, const uint8_t key[SEAL_KEY_SIZE],
                                          uint32_t gmk_id, struct span plain,
                                          const struct entropy *entropy, struct writer *out);

/* The GMK id of a payload of `size` octets, which anybody can read. STATUS_TRUNCATED,
 * STATUS_MALFORMED (longer). */
MUST_CHECK enum status session_seal_gmk_id(struct span payload, size_t size, uint32_t *gmk_id);

/* Appends the plain text of a payload, which has at least SESSION_SEAL_OVERHEAD octets, to `plain`.
 * STATUS_SEAL_BROKEN when it was made under another key or label, or changed. */
MUST_CHECK enum status session_seal_open(struct span label, const uint8_t key[SEAL_KEY_SIZE],
                                         struct span payload, struct writer *plain);

#endif
