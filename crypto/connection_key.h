/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys of a D2D connection, from two secrets: the TGK, which an I_MESSAGE carries to whoever
 * holds the receiver key of its responder, and an X25519 exchange (RFC 7748) of two ephemeral keys,
 * one of each side, which nobody holds once the connection's keys are made. So neither a receiver
 * key that is taken later nor a broken exchange opens a recording by itself.
 *
 *   keys = HKDF-SHA-256 (RFC 5869): salt = the transcript's hash, input key = TGK || X25519's
 *          result, info = "Muster D2D 2" 00
 *
 * Recovery, where the domain has it on (lawful intercept): the initiator makes its ephemeral key of
 * a seed of 16 octets and encapsulates that to the domain's recovery identity (identifier.h), whose
 * receiver key only the KMS can make:
 *
 *   ephemeral key = PRF(seed, "Muster recovery" 00 || RAND), RFC 3830 4.1.2
 *
 * Constant-time in the keys.
 */
#ifndef MUSTER_CRYPTO_CONNECTION_KEY_H
#define MUSTER_CRYPTO_CONNECTION_KEY_H

#include "crypto/i_message.h"

enum {
    EPHEMERAL_KEY_SIZE = 32,
    RECOVERY_SEED_SIZE = SSV_SIZE,
    STREAM_KEY_SIZE = 32,
    TRANSCRIPT_SIZE = 32,
};

/* What a connection's two sides share. Holds secrets. */
struct connection_keys {
    uint8_t forward[STREAM_KEY_SIZE]; /* seals what the initiator says */
    uint8_t back[STREAM_KEY_SIZE];    /* and what the responder does */
    uint8_t call[SSV_SIZE];           /* the TGK of a one-to-one talk over it (RFC 3830 4.1.3) */
};

/* Draws an ephemeral key. */
MUST_CHECK enum status ephemeral_draw(const struct entropy *entropy,
                                      uint8_t key[EPHEMERAL_KEY_SIZE]);

/* The one that is made of `seed` in a message with that RAND. */
MUST_CHECK enum status ephemeral_of_seed(const uint8_t seed[RECOVERY_SEED_SIZE],
                                         const uint8_t rand[MIKEY_RAND_SIZE],
                                         uint8_t key[EPHEMERAL_KEY_SIZE]);

/* The share that goes over the air. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status ephemeral_share(const uint8_t key[EPHEMERAL_KEY_SIZE],
                                       uint8_t share[SHARE_SIZE]);

/* The connection's keys. STATUS_SHARE_INVALID when the other side's share gives an exchange of
 * zeros: one of small order would make it no secret. On failure `keys` is zeroed. */
MUST_CHECK enum status connection_keys_make(const uint8_t tgk[SSV_SIZE],
                                            const uint8_t key[EPHEMERAL_KEY_SIZE],
                                            const uint8_t share[SHARE_SIZE],
                                            const uint8_t transcript[TRANSCRIPT_SIZE],
                                            struct connection_keys *keys);

#endif
