/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/d2d/authority.h"

#include <sodium.h>

#include "crypto/secret.h"

enum status authority_admit(const struct keyring *keyring, int64_t utc_ms,
                            const uint8_t seed[RECOVERY_SEED_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    struct identifier identifier;
    enum status status = identifier_of_recovery(keyring->credential->kms, utc_ms, &identifier);
    return status == STATUS_OK
               ? keyring->provider->encapsulate(keyring_authority(keyring),
                                                identifier_span(&identifier), seed, data)
               : status;
}

void authority_hash(const uint8_t share[SHARE_SIZE], const uint8_t data[SAKKE_DATA_SIZE],
                    uint8_t hash[AUTHORITY_HASH_SIZE]) {
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, share, SHARE_SIZE);
    crypto_hash_sha256_update(&state, data, SAKKE_DATA_SIZE);
    crypto_hash_sha256_final(&state, hash);
}

enum status authority_check(const struct keyring *keyring, int64_t utc_ms,
                            const uint8_t rand[MIKEY_RAND_SIZE],
                            const uint8_t seed[RECOVERY_SEED_SIZE],
                            const uint8_t hash[AUTHORITY_HASH_SIZE]) {
    uint8_t key[EPHEMERAL_KEY_SIZE], share[SHARE_SIZE], data[SAKKE_DATA_SIZE];
    uint8_t made[AUTHORITY_HASH_SIZE];
    enum status status = ephemeral_of_seed(seed, rand, key);
    if (status == STATUS_OK) {
        status = ephemeral_share(key, share);
    }
    secret_wipe(key, sizeof key);
    if (status == STATUS_OK) {
        status = authority_admit(keyring, utc_ms, seed, data);
    }
    if (status != STATUS_OK) {
        return status;
    }
    authority_hash(share, data, made);
    return secret_equal(made, hash, sizeof made) ? STATUS_OK : STATUS_RECOVERY_MISSING;
}
