/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/talker_key.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <string.h>

#include "crypto/gsc.h"
#include "crypto/secret.h"
#include "crypto/voice_chain.h"

_Static_assert((int)TALKER_KEY_SIZE == (int)crypto_sign_PUBLICKEYBYTES &&
                   (int)VOICE_SIGNATURE_SIZE == (int)crypto_sign_BYTES,
               "Ed25519");

static const char label[] = "Muster voice 1";

enum {
    SEQUENCE_AT = 2, /* in an RTP packet (RFC 3550 5.1) */
    PACKET_MAX = RTP_PACKET_MAX + GSC_OVERHEAD + VOICE_LINK_SIZE,
    SIGNED_MAX = sizeof label + SESSION_HASH_SIZE + 2 + PACKET_MAX
};

struct talker_key {
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    uint8_t public_key[TALKER_KEY_SIZE];
    uint8_t links[VOICE_CHAIN_MAX + 1][VOICE_LINK_SIZE];
};

enum status talker_key_new(const struct entropy *entropy, struct talker_key **out) {
    uint8_t seed[crypto_sign_SEEDBYTES];
    struct talker_key *key = secret_object_new(sizeof *key);
    *out = NULL;
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = entropy_draw(entropy, seed, sizeof seed);
    if (status == STATUS_OK &&
        crypto_sign_seed_keypair(key->public_key, key->secret_key, seed) != 0) {
        status = STATUS_LIBRARY_FAILED;
    }
    secret_wipe(seed, sizeof seed);
    if (status == STATUS_OK) {
        status = entropy_draw(entropy, key->links[VOICE_CHAIN_MAX], VOICE_LINK_SIZE);
    }
    if (status != STATUS_OK) {
        secret_object_free(key);
        return status;
    }
    voice_chain_fill(key->public_key, key->links);
    *out = key;
    return STATUS_OK;
}

void talker_key_free(struct talker_key *key) {
    secret_object_free(key);
}

const uint8_t *talker_key_public(const struct talker_key *key) {
    return key->public_key;
}

const uint8_t *talker_key_anchor(const struct talker_key *key) {
    return key->links[0];
}

const uint8_t *talker_key_link(const struct talker_key *key, unsigned number) {
    return number == 0 || number > VOICE_CHAIN_MAX ? NULL : key->links[number];
}

enum status session_hash(struct span covered, uint8_t hash[SESSION_HASH_SIZE]) {
    size_t length = 0;
    bool ok = EVP_Q_digest(NULL, "SHA256", NULL, covered.octets, covered.length, hash, &length);
    return ok && length == SESSION_HASH_SIZE ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

/* What is signed, into `room`. */
static enum status write_signed(uint8_t room[SIGNED_MAX], const uint8_t session[SESSION_HASH_SIZE],
                                struct span packet, struct span *out) {
    if (packet.length < SEQUENCE_AT + 2 || packet.length > PACKET_MAX) {
        return STATUS_MALFORMED;
    }
    struct writer w = writer_into(room, SIGNED_MAX);
    write_span(&w, SPAN_OF(label));
    write_span(&w, (struct span){session, SESSION_HASH_SIZE});
    write_span(&w, (struct span){packet.octets + SEQUENCE_AT, 2});
    write_span(&w, packet);
    *out = writer_span(&w);
    return writer_finish(&w);
}

enum status voice_sign(const struct talker_key *key, const uint8_t session[SESSION_HASH_SIZE],
                       struct span packet, uint8_t signature[VOICE_SIGNATURE_SIZE]) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    enum status status = write_signed(room, session, packet, &octets);
    if (status == STATUS_OK &&
        crypto_sign_detached(signature, NULL, octets.octets, octets.length, key->secret_key) != 0) {
        status = STATUS_LIBRARY_FAILED;
    }
    return status;
}

enum status voice_verify(const uint8_t public_key[TALKER_KEY_SIZE],
                         const uint8_t session[SESSION_HASH_SIZE], struct span packet,
                         const uint8_t signature[VOICE_SIGNATURE_SIZE]) {
    uint8_t room[SIGNED_MAX];
    struct span octets;
    enum status status = write_signed(room, session, packet, &octets);
    if (status == STATUS_OK &&
        crypto_sign_verify_detached(signature, octets.octets, octets.length, public_key) != 0) {
        status = STATUS_SIGNATURE_INVALID;
    }
    return status;
}
