/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/stand_in.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/identifier.h"

struct domain_key {
    uint8_t public_keys[SAKKE_POINT_SIZE + ECCSI_POINT_SIZE];
};
struct signing_key {
    struct identifier identifier;
};
struct receiver_key {
    struct identifier identifier;
};
struct master_key {
    uint8_t z[SAKKE_FIELD_SIZE];
};

/* Fills out[length] with SHAKE-256 over the parts. */
static enum status expand(struct span a, struct span b, uint8_t *out, size_t length) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && EVP_DigestInit_ex2(context, EVP_shake256(), NULL) == 1 &&
              EVP_DigestUpdate(context, a.octets, a.length) == 1 &&
              EVP_DigestUpdate(context, b.octets, b.length) == 1 &&
              EVP_DigestFinalXOF(context, out, length) == 1;
    EVP_MD_CTX_free(context);
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain) {
    *domain = calloc(1, sizeof **domain);
    if (*domain == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy((*domain)->public_keys, z, SAKKE_POINT_SIZE);
    memcpy((*domain)->public_keys + SAKKE_POINT_SIZE, kpak, ECCSI_POINT_SIZE);
    return STATUS_OK;
}

static void domain_free(struct domain_key *domain) {
    free(domain);
}

static enum status copy_identifier(struct span identifier, struct identifier *out) {
    if (identifier.length > sizeof out->octets) {
        return STATUS_TOO_LONG;
    }
    memcpy(out->octets, identifier.octets, identifier.length);
    out->length = identifier.length;
    return STATUS_OK;
}

static enum status signing_key_load(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key) {
    (void)domain, (void)ssk, (void)pvt;
    *key = calloc(1, sizeof **key);
    return *key == NULL ? STATUS_NO_MEMORY : copy_identifier(identifier, &(*key)->identifier);
}

static void signing_key_free(struct signing_key *key) {
    free(key);
}

static enum status receiver_key_load(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key) {
    (void)domain, (void)rsk;
    *key = calloc(1, sizeof **key);
    return *key == NULL ? STATUS_NO_MEMORY : copy_identifier(identifier, &(*key)->identifier);
}

static void receiver_key_free(struct receiver_key *key) {
    free(key);
}

static enum status sign(const struct signing_key *key, struct span message,
                        const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)entropy;
    return expand(identifier_span(&key->identifier), message, signature, ECCSI_SIGNATURE_SIZE);
}

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    (void)domain;
    uint8_t expected[ECCSI_SIGNATURE_SIZE];
    enum status status = expand(identifier, message, expected, sizeof expected);
    if (status == STATUS_OK && memcmp(expected, signature, sizeof expected) != 0) {
        status = STATUS_SIGNATURE_INVALID;
    }
    return status;
}

static enum status encapsulate(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    (void)domain;
    enum status status = expand(identifier, (struct span){ssv, 0}, data, SAKKE_DATA_SIZE);
    for (size_t i = 0; i < SSV_SIZE; i++) {
        data[SAKKE_POINT_SIZE + i] ^= ssv[i];
    }
    return status;
}

static enum status encapsulate_each(const struct domain_key *domain, size_t count,
                                    const struct span identifiers[],
                                    const uint8_t (*ssvs)[SSV_SIZE],
                                    uint8_t (*data)[SAKKE_DATA_SIZE]) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = encapsulate(domain, identifiers[i], ssvs[i], data[i]);
    }
    return status;
}

static enum status decapsulate(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]) {
    uint8_t pad[SAKKE_DATA_SIZE];
    struct span identifier = identifier_span(&key->identifier);
    enum status status = expand(identifier, (struct span){data, 0}, pad, sizeof pad);
    for (size_t i = 0; i < SSV_SIZE; i++) {
        ssv[i] = data[SAKKE_POINT_SIZE + i] ^ pad[SAKKE_POINT_SIZE + i];
    }
    return status == STATUS_OK && memcmp(data, pad, SAKKE_POINT_SIZE) != 0
               ? STATUS_ENCAPSULATION_INVALID
               : status;
}

static enum status master_generate(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE],
                                   uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    enum status status = entropy_draw(entropy, z, SAKKE_FIELD_SIZE);
    return status == STATUS_OK ? entropy_draw(entropy, ksak, ECCSI_SCALAR_SIZE) : status;
}

static enum status master_load(const uint8_t z[SAKKE_FIELD_SIZE],
                               const uint8_t ksak[ECCSI_SCALAR_SIZE], struct master_key **master) {
    (void)ksak;
    *master = calloc(1, sizeof **master);
    if (*master == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy((*master)->z, z, SAKKE_FIELD_SIZE);
    return STATUS_OK;
}

static void master_free(struct master_key *master) {
    free(master);
}

static enum status public_keys(const struct master_key *master, uint8_t z_point[SAKKE_POINT_SIZE],
                               uint8_t kpak[ECCSI_POINT_SIZE]) {
    struct span z = SPAN_OF(master->z);
    enum status status = expand(z, span_of_text("Z"), z_point, SAKKE_POINT_SIZE);
    return status == STATUS_OK ? expand(z, span_of_text("KPAK"), kpak, ECCSI_POINT_SIZE) : status;
}

static enum status issue_receiver_key(const struct master_key *master, struct span identifier,
                                      uint8_t rsk[SAKKE_POINT_SIZE]) {
    return expand(SPAN_OF(master->z), identifier, rsk, SAKKE_POINT_SIZE);
}

static enum status issue_receiver_keys(const struct master_key *master, size_t count,
                                       const struct span identifiers[], uint8_t *const rsks[]) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = issue_receiver_key(master, identifiers[i], rsks[i]);
    }
    return status;
}

static enum status issue_signing_key(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]) {
    (void)entropy;
    enum status status = expand(SPAN_OF(master->z), identifier, ssk, ECCSI_SCALAR_SIZE);
    return status == STATUS_OK ? expand(identifier, SPAN_OF(master->z), pvt, ECCSI_POINT_SIZE)
                               : status;
}

static enum status receiver_keys_check(const struct master_key *master,
                                       const struct domain_key *domain, size_t count,
                                       const struct span identifiers[],
                                       const uint8_t *const rsks[]) {
    (void)domain;
    for (size_t i = 0; i < count; i++) {
        uint8_t expected[SAKKE_POINT_SIZE];
        enum status status = issue_receiver_key(master, identifiers[i], expected);
        if (status != STATUS_OK || memcmp(expected, rsks[i], sizeof expected) != 0) {
            return status != STATUS_OK ? status : STATUS_KEY_INVALID;
        }
    }
    return STATUS_OK;
}

static enum status signing_keys_check(const struct master_key *master,
                                      const struct domain_key *domain, size_t count,
                                      const struct span identifiers[], const uint8_t *const ssks[],
                                      const uint8_t *const pvts[]) {
    (void)domain;
    for (size_t i = 0; i < count; i++) {
        uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
        enum status status = issue_signing_key(master, identifiers[i], &entropy_system, ssk, pvt);
        if (status != STATUS_OK || memcmp(ssk, ssks[i], sizeof ssk) != 0 ||
            memcmp(pvt, pvts[i], sizeof pvt) != 0) {
            return status != STATUS_OK ? status : STATUS_KEY_INVALID;
        }
    }
    return STATUS_OK;
}

const struct provider stand_in = {
    .name = "stand-in",
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
