/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/provider_model.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/identifier.h"

struct signing_key {
    struct identifier identifier;
};

struct receiver_key {
    struct identifier identifier;
};

struct domain_key {
    uint8_t nothing;
};

struct master_key {
    uint8_t nothing;
};

enum {
    HASH_SIZE = 32
};

static void hash_of(const char *what, struct span a, struct span b, uint8_t hash[HASH_SIZE]) {
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    (void)crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
    (void)crypto_generichash_update(&state, (const uint8_t *)&a.length, sizeof a.length);
    (void)crypto_generichash_update(&state, a.octets, a.length);
    (void)crypto_generichash_update(&state, b.octets, b.length);
    (void)crypto_generichash_final(&state, hash, HASH_SIZE);
}

static void *handle(size_t size) {
    void *made = calloc(1, size);
    if (made == NULL) {
        abort();
    }
    return made;
}

static void keep(struct identifier *held, struct span identifier) {
    held->length = identifier.length;
    memcpy(held->octets, identifier.octets, identifier.length);
}

/* --- Keys: an identifier is its own key --- */

static enum status domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain) {
    (void)z;
    (void)kpak;
    *domain = handle(sizeof **domain);
    return STATUS_OK;
}

static void domain_free(struct domain_key *domain) {
    free(domain);
}

static enum status signing_key_load(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key) {
    (void)domain;
    (void)ssk;
    (void)pvt;
    *key = handle(sizeof **key);
    keep(&(*key)->identifier, identifier);
    return STATUS_OK;
}

static void signing_key_free(struct signing_key *key) {
    free(key);
}

static enum status receiver_key_load(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key) {
    (void)domain;
    (void)rsk;
    *key = handle(sizeof **key);
    keep(&(*key)->identifier, identifier);
    return STATUS_OK;
}

static void receiver_key_free(struct receiver_key *key) {
    free(key);
}

/* --- Signatures --- */

static void signature_of(struct span identifier, struct span message,
                         uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    memset(signature, 0, ECCSI_SIGNATURE_SIZE);
    hash_of("signature", identifier, message, signature);
}

static enum status sign(const struct signing_key *key, struct span message,
                        const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)entropy;
    signature_of(identifier_span(&key->identifier), message, signature);
    return STATUS_OK;
}

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    uint8_t expected[ECCSI_SIGNATURE_SIZE];
    (void)domain;
    signature_of(identifier, message, expected);
    return memcmp(expected, signature, sizeof expected) == 0 ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

/* --- Encapsulation: the secret under a mask that is the identifier's, and a check --- */

static void mask(struct span identifier, const uint8_t in[SSV_SIZE], uint8_t out[SSV_SIZE]) {
    uint8_t hash[HASH_SIZE];
    hash_of("mask", identifier, (struct span){NULL, 0}, hash);
    for (size_t i = 0; i < SSV_SIZE; i++) {
        out[i] = in[i] ^ hash[i];
    }
}

static enum status encapsulate(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    (void)domain;
    memset(data, 0, SAKKE_DATA_SIZE);
    mask(identifier, ssv, data);
    hash_of("check", identifier, (struct span){ssv, SSV_SIZE}, data + SSV_SIZE);
    return STATUS_OK;
}

static enum status encapsulate_each(const struct domain_key *domain, size_t count,
                                    const struct span identifiers[],
                                    const uint8_t (*ssvs)[SSV_SIZE],
                                    uint8_t (*data)[SAKKE_DATA_SIZE]) {
    for (size_t i = 0; i < count; i++) {
        (void)encapsulate(domain, identifiers[i], ssvs[i], data[i]);
    }
    return STATUS_OK;
}

static enum status decapsulate(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]) {
    struct span identifier = identifier_span(&key->identifier);
    uint8_t check[HASH_SIZE];
    mask(identifier, data, ssv);
    hash_of("check", identifier, (struct span){ssv, SSV_SIZE}, check);
    if (memcmp(check, data + SSV_SIZE, sizeof check) == 0) {
        return STATUS_OK;
    }
    memset(ssv, 0, SSV_SIZE);
    return STATUS_ENCAPSULATION_INVALID;
}

/* --- The KMS: there is nothing to issue --- */

static enum status master_generate(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE],
                                   uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    (void)entropy;
    memset(z, 0, SAKKE_FIELD_SIZE);
    memset(ksak, 0, ECCSI_SCALAR_SIZE);
    return STATUS_OK;
}

static enum status master_load(const uint8_t z[SAKKE_FIELD_SIZE],
                               const uint8_t ksak[ECCSI_SCALAR_SIZE], struct master_key **master) {
    (void)z;
    (void)ksak;
    *master = handle(sizeof **master);
    return STATUS_OK;
}

static void master_free(struct master_key *master) {
    free(master);
}

static enum status public_keys(const struct master_key *master, uint8_t z[SAKKE_POINT_SIZE],
                               uint8_t kpak[ECCSI_POINT_SIZE]) {
    (void)master;
    memset(z, 0, SAKKE_POINT_SIZE);
    memset(kpak, 0, ECCSI_POINT_SIZE);
    return STATUS_OK;
}

static enum status issue_receiver_key(const struct master_key *master, struct span identifier,
                                      uint8_t rsk[SAKKE_POINT_SIZE]) {
    (void)master;
    (void)identifier;
    memset(rsk, 0, SAKKE_POINT_SIZE);
    return STATUS_OK;
}

static enum status issue_receiver_keys(const struct master_key *master, size_t count,
                                       const struct span identifiers[], uint8_t *const rsks[]) {
    for (size_t i = 0; i < count; i++) {
        (void)issue_receiver_key(master, identifiers[i], rsks[i]);
    }
    return STATUS_OK;
}

static enum status issue_signing_key(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]) {
    (void)master;
    (void)identifier;
    (void)entropy;
    memset(ssk, 0, ECCSI_SCALAR_SIZE);
    memset(pvt, 4, ECCSI_POINT_SIZE);
    return STATUS_OK;
}

static enum status receiver_keys_check(const struct master_key *master,
                                       const struct domain_key *domain, size_t count,
                                       const struct span identifiers[],
                                       const uint8_t *const rsks[]) {
    (void)master;
    (void)domain;
    (void)count;
    (void)identifiers;
    (void)rsks;
    return STATUS_OK;
}

static enum status signing_keys_check(const struct master_key *master,
                                      const struct domain_key *domain, size_t count,
                                      const struct span identifiers[], const uint8_t *const ssks[],
                                      const uint8_t *const pvts[]) {
    (void)master;
    (void)domain;
    (void)count;
    (void)identifiers;
    (void)ssks;
    (void)pvts;
    return STATUS_OK;
}

const struct provider *provider_model(void) {
    static const struct provider provider = {
        .name = "model",
        .domain_load = domain_load,
        .domain_free = domain_free,
        .signing_key_load = signing_key_load,
        .signing_key_free = signing_key_free,
        .receiver_key_load = receiver_key_load,
        .receiver_key_free = receiver_key_free,
        .sign = sign,
        .verify = verify,
        .encapsulate = encapsulate,
        .encapsulate_each = encapsulate_each,
        .decapsulate = decapsulate,
        .master_generate = master_generate,
        .master_load = master_load,
        .master_free = master_free,
        .public_keys = public_keys,
        .issue_receiver_key = issue_receiver_key,
        .issue_receiver_keys = issue_receiver_keys,
        .issue_signing_key = issue_signing_key,
        .receiver_keys_check = receiver_keys_check,
        .signing_keys_check = signing_keys_check,
    };
    return &provider;
}
