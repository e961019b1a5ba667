/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/root.h"

#include <sodium.h>

#include "crypto/secret.h"

_Static_assert((int)ROOT_KEY_SIZE == (int)crypto_sign_PUBLICKEYBYTES &&
                   (int)ROOT_SEED_SIZE == (int)crypto_sign_SEEDBYTES &&
                   (int)ROOT_SIGNATURE_SIZE == (int)crypto_sign_BYTES,
               "Ed25519");

enum status root_key_of(const uint8_t seed[ROOT_SEED_SIZE], uint8_t key[ROOT_KEY_SIZE]) {
    uint8_t secret_key[crypto_sign_SECRETKEYBYTES];
    int failed = crypto_sign_seed_keypair(key, secret_key, seed);
    secret_wipe(secret_key, sizeof secret_key);
    return failed == 0 ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

enum status root_sign(const uint8_t seed[ROOT_SEED_SIZE], struct span message,
                      uint8_t signature[ROOT_SIGNATURE_SIZE]) {
    uint8_t key[ROOT_KEY_SIZE], secret_key[crypto_sign_SECRETKEYBYTES];
    int failed = crypto_sign_seed_keypair(key, secret_key, seed);
    if (failed == 0) {
        failed = crypto_sign_detached(signature, NULL, message.octets, message.length, secret_key);
    }
    secret_wipe(secret_key, sizeof secret_key);
    return failed == 0 ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

enum status root_verify(const uint8_t key[ROOT_KEY_SIZE], struct span message,
                        const uint8_t signature[ROOT_SIGNATURE_SIZE]) {
    return crypto_sign_verify_detached(signature, message.octets, message.length, key) == 0
               ? STATUS_OK
               : STATUS_SIGNATURE_INVALID;
}
