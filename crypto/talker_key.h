/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The talker's key: an Ed25519 key pair (RFC 8032, libsodium) made for one GSK, and the voice chain
 * that goes with it (voice_chain.h). Its public key and the chain's anchor are in the announcement,
 * under the signature of the talker's identity; with the secret key each packet of the session is
 * signed. The GSK is every member's, so that without this any of them could speak in the talker's
 * name.
 *
 * What is signed: "Muster voice 1" 00, SHA-256 of what the announcement's signature covers (32),
 * the packet's RTP sequence number (2), the SRTP packet as it is sent, its link (8). The hash is of
 * what was signed and not of the signature, whose second valid form (announcement.h) a stranger can
 * make. The link is signed because a listener who could not open it, after a gap or when it came
 * late, goes on from there.
 */
#ifndef MUSTER_CRYPTO_TALKER_KEY_H
#define MUSTER_CRYPTO_TALKER_KEY_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"
#include "crypto/status.h"

enum {
    TALKER_KEY_SIZE = 32, /* the public key */
    SESSION_HASH_SIZE = 32,
    VOICE_LINK_SIZE = 8,
    VOICE_SIGNATURE_SIZE = 64,
    VOICE_CHAIN_MAX = 1651, /* packets under one GSK: those of 20 ms of the 33 s that it is heard */
};

struct talker_key;

/* Draws a key pair and a chain. STATUS_NO_MEMORY, STATUS_LIBRARY_FAILED without randomness. The
 * caller frees it. */
MUST_CHECK enum status talker_key_new(const struct entropy *entropy, struct talker_key **out);

/* Wipes and frees; NULL is allowed. */
void talker_key_free(struct talker_key *key);

/* The public key, TALKER_KEY_SIZE octets that live as long as `key`. */
const uint8_t *talker_key_public(const struct talker_key *key);

/* The chain's anchor, and the link of the packet with that number, counted from 1: VOICE_LINK_SIZE
 * octets that live as long as `key`. Secret until that packet is sent. NULL for a number that no
 * packet under this key has. */
const uint8_t *talker_key_anchor(const struct talker_key *key);
const uint8_t *talker_key_link(const struct talker_key *key, unsigned number);

/* The hash that binds packets to their announcement, of which `covered` is what the signature
 * covers. STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status session_hash(struct span covered, uint8_t hash[SESSION_HASH_SIZE]);

/* Signs `packet`: one SRTP packet and its link, as they are sent. STATUS_MALFORMED for what is too
 * short to have a sequence number or longer than any packet; STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status voice_sign(const struct talker_key *key,
                                  const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                                  uint8_t signature[VOICE_SIGNATURE_SIZE]);

/* Does the signature of a packet verify under that public key? STATUS_SIGNATURE_INVALID when not;
 * STATUS_MALFORMED as above. */
MUST_CHECK enum status voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                                    const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                                    const uint8_t signature[VOICE_SIGNATURE_SIZE]);

#endif
