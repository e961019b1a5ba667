/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talker's key: an Ed25519 key pair (RFC 8032, libsodium) made for one GSK. Its public key is
 * in the announcement, under the signature of the talker's identity; with the secret key each
 * packet of the session is signed. The GSK is every member's, so that without this any of them
 * could speak in the talker's name.
 *
 * What is signed: "Muster voice 1" 00, SHA-256 of what the announcement's signature covers (32),
 * the packet's RTP sequence number (2), the SRTP packet as it is sent. The hash is of what was
 * signed and not of the signature, whose second valid form (announcement.h) a stranger can make.
 */
#ifndef MUSTER_CRYPTO_TALKER_KEY_H
#define MUSTER_CRYPTO_TALKER_KEY_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/status.h"

enum {
    TALKER_KEY_SIZE = 32, /* the public key */
    SESSION_HASH_SIZE = 32,
    VOICE_SIGNATURE_SIZE = 64
};

struct talker_key;

/* Draws a key pair. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without randomness. The caller frees
 * it. */
MUST_CHECK enum status talker_key_new(const struct entropy *entropy, struct talker_key **out);

/* Wipes and frees; NULL is allowed. */
void talker_key_free(struct talker_key *key);

/* The public key, TALKER_KEY_SIZE octets that live as long as `key`. */
const uint8_t *talker_key_public(const struct talker_key *key);

/* The hash that binds packets to their announcement, of which `covered` is what the signature
 * covers. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status session_hash(struct span covered, uint8_t hash[SESSION_HASH_SIZE]);

/* Signs one SRTP packet. STATUS_MALFORMED for what is too short to have a sequence number or longer
 * than any packet; STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status voice_sign(const struct talker_key *key,
                                  const uint8_t session[SESSION_HASH_SIZE], struct span srtp,
                                  uint8_t signature[VOICE_SIGNATURE_SIZE]);

/* Does the signature of a packet verify under that public key? STATUS_SIGNATURE_INVALID when not;
 * STATUS_MALFORMED as above. */
MUST_CHECK enum status voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                                    const uint8_t session[SESSION_HASH_SIZE], struct span srtp,
                                    const uint8_t signature[VOICE_SIGNATURE_SIZE]);

#endif
