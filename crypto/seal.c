/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/seal.h"

#include <sodium.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    NONCE_SIZE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG_SIZE = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PASSES_MAX = 16,
    MEMORY_KIB_MAX = 1 << 20,
};

_Static_assert(SEAL_KEY_SIZE == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");
_Static_assert(SEAL_OVERHEAD == NONCE_SIZE + TAG_SIZE, "overhead");
_Static_assert(SEAL_SALT_SIZE == crypto_pwhash_argon2id_SALTBYTES, "salt");
_Static_assert(SEAL_BOX_OVERHEAD == crypto_box_SEALBYTES, "box");
_Static_assert(SEAL_BOX_KEY_SIZE == crypto_box_PUBLICKEYBYTES, "public key");
_Static_assert(SEAL_BOX_KEY_SIZE == crypto_box_SECRETKEYBYTES, "private key");

/* Room for `length` octets, or STATUS_TOO_LONG with the writer as it was. */
static enum status room_in(struct writer *out, size_t length, uint8_t **room) {
    if (out->failed || out->capacity - out->length < length) {
        return STATUS_TOO_LONG;
    }
    *room = write_room(out, length);
    return STATUS_OK;
}

/* Takes back what was last appended. */
static void take_back(struct writer *out, size_t length) {
    out->length -= length;
    secret_wipe(out->octets + out->length, length);
}

enum status seal_close(const uint8_t key[SEAL_KEY_SIZE], struct span place, struct span plain,
                       const struct entropy *entropy, struct writer *out) {
    uint8_t *room = NULL;
    if (sodium_init() < 0) {
        return STATUS_LIBRARY_FAILED;
    }
    enum status status = room_in(out, plain.length + SEAL_OVERHEAD, &room);
    if (status != STATUS_OK) {
        return status;
    }
    status = entropy_draw(entropy, room, NONCE_SIZE);
    if (status == STATUS_OK && crypto_aead_xchacha20poly1305_ietf_encrypt(
                                   room + NONCE_SIZE, NULL, plain.octets, plain.length,
                                   place.octets, place.length, NULL, room, key) != 0) {
        status = STATUS_LIBRARY_FAILED;
    }
    if (status != STATUS_OK) {
        take_back(out, plain.length + SEAL_OVERHEAD);
    }
    return status;
}

enum status seal_open(const uint8_t key[SEAL_KEY_SIZE], struct span place, struct span sealed,
                      struct writer *out) {
    if (sodium_init() < 0) {
        return STATUS_LIBRARY_FAILED;
    }
    if (sealed.length < SEAL_OVERHEAD) {
        return STATUS_SEAL_BROKEN;
    }
    size_t length = sealed.length - SEAL_OVERHEAD;
    uint8_t *room = NULL;
    enum status status = room_in(out, length, &room);
    if (status != STATUS_OK) {
        return status;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(room, NULL, NULL, sealed.octets + NONCE_SIZE,
                                                   sealed.length - NONCE_SIZE, place.octets,
                                                   place.length, sealed.octets, key) != 0) {
        take_back(out, length);
        return STATUS_SEAL_BROKEN;
    }
    return STATUS_OK;
}

enum status seal_key_of_passphrase(struct span passphrase, const uint8_t salt[SEAL_SALT_SIZE],
                                   struct seal_work work, uint8_t key[SEAL_KEY_SIZE]) {
    if (sodium_init() < 0) {
        return STATUS_LIBRARY_FAILED;
    }
    uint64_t memory = (uint64_t)work.memory_kib * 1024;
    if (work.passes < crypto_pwhash_argon2id_OPSLIMIT_MIN || work.passes > PASSES_MAX ||
        memory < crypto_pwhash_argon2id_MEMLIMIT_MIN || work.memory_kib > MEMORY_KIB_MAX) {
        return STATUS_UNSUPPORTED;
    }
    if (crypto_pwhash(key, SEAL_KEY_SIZE, (const char *)passphrase.octets, passphrase.length, salt,
                      work.passes, (size_t)memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        secret_wipe(key, SEAL_KEY_SIZE);
        return STATUS_NO_MEMORY;
    }
    return STATUS_OK;
}

static enum status hash(struct span key, struct span text, uint8_t out[SEAL_HASH_SIZE]) {
    if (sodium_init() < 0 || crypto_generichash(out, SEAL_HASH_SIZE, text.octets, text.length,
                                                key.octets, key.length) != 0) {
        return STATUS_LIBRARY_FAILED;
    }
    return STATUS_OK;
}

enum status seal_hash(const uint8_t key[SEAL_KEY_SIZE], struct span text,
                      uint8_t out[SEAL_HASH_SIZE]) {
    return hash((struct span){key, SEAL_KEY_SIZE}, text, out);
}

enum status seal_checksum(struct span text, uint8_t out[SEAL_HASH_SIZE]) {
    return hash((struct span){NULL, 0}, text, out);
}

enum status seal_box_keys(const struct entropy *entropy, uint8_t public_key[SEAL_BOX_KEY_SIZE],
                          uint8_t private_key[SEAL_BOX_KEY_SIZE]) {
    uint8_t seed[crypto_box_SEEDBYTES];
    enum status status = entropy_draw(entropy, seed, sizeof seed);
    if (status == STATUS_OK && crypto_box_seed_keypair(public_key, private_key, seed) != 0) {
        status = STATUS_LIBRARY_FAILED;
    }
    secret_wipe(seed, sizeof seed);
    if (status != STATUS_OK) {
        secret_wipe(private_key, SEAL_BOX_KEY_SIZE);
    }
    return status;
}

enum status seal_box_close(const uint8_t public_key[SEAL_BOX_KEY_SIZE], struct span plain,
                           struct writer *out) {
    uint8_t *room = NULL;
    if (sodium_init() < 0) {
        return STATUS_LIBRARY_FAILED;
    }
    enum status status = room_in(out, plain.length + SEAL_BOX_OVERHEAD, &room);
    if (status != STATUS_OK) {
        return status;
    }
    if (crypto_box_seal(room, plain.octets, plain.length, public_key) != 0) {
        take_back(out, plain.length + SEAL_BOX_OVERHEAD);
        return STATUS_KEY_INVALID;
    }
    return STATUS_OK;
}

enum status seal_box_open(const uint8_t public_key[SEAL_BOX_KEY_SIZE],
                          const uint8_t private_key[SEAL_BOX_KEY_SIZE], struct span box,
                          struct writer *out) {
    if (sodium_init() < 0) {
        return STATUS_LIBRARY_FAILED;
    }
    if (box.length < SEAL_BOX_OVERHEAD) {
        return STATUS_SEAL_BROKEN;
    }
    size_t length = box.length - SEAL_BOX_OVERHEAD;
    uint8_t *room = NULL;
    enum status status = room_in(out, length, &room);
    if (status != STATUS_OK) {
        return status;
    }
    if (crypto_box_seal_open(room, box.octets, box.length, public_key, private_key) != 0) {
        take_back(out, length);
        return STATUS_SEAL_BROKEN;
    }
    return STATUS_OK;
}
