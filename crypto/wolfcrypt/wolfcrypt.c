/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/wolfcrypt/wolfcrypt.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/hedge.h"
#include "crypto/secret.h"
#include "crypto/wolfcrypt/eccsi.h"
#include "crypto/wolfcrypt/library.h"
#include "crypto/wolfcrypt/range.h"
#include "crypto/wolfcrypt/sakke.h"

struct domain_key {
    uint8_t z[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
};

struct signing_key {
    const struct domain_key *domain;
    uint8_t ssk[ECCSI_SCALAR_SIZE];
    uint8_t pvt[ECCSI_POINT_SIZE];
    uint8_t hs[ECCSI_HASH_SIZE];
};

struct receiver_key {
    const struct domain_key *domain;
    uint8_t rsk[SAKKE_POINT_SIZE];
    size_t identifier_length;
    uint8_t identifier[SAKKE_ID_MAX_SIZE];
};

struct master_key {
    uint8_t z[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    uint8_t z_point[SAKKE_POINT_SIZE];
    uint8_t kpak[ECCSI_POINT_SIZE];
};

/* A caller got at these functions through wolfcrypt_provider, so the library is there. */

static enum status domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain) {
    *domain = NULL;
    enum status status = wolfcrypt_sakke_point_check(wolfcrypt_library(), z);
    if (status == STATUS_OK) {
        status = wolfcrypt_eccsi_point_check(wolfcrypt_library(), kpak);
    }
    if (status != STATUS_OK) {
        return status;
    }
    struct domain_key *loaded = malloc(sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy(loaded->z, z, sizeof loaded->z);
    memcpy(loaded->kpak, kpak, sizeof loaded->kpak);
    *domain = loaded;
    return STATUS_OK;
}

static void domain_free(struct domain_key *domain) {
    free(domain);
}

static enum status signing_key_load(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key) {
    *key = NULL;
    struct signing_key *loaded = secret_object_new(sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = wolfcrypt_eccsi_key_check(wolfcrypt_library(), domain->kpak, identifier,
                                                   ssk, pvt, loaded->hs);
    if (status != STATUS_OK) {
        secret_object_free(loaded);
        return status;
    }
    loaded->domain = domain;
    memcpy(loaded->ssk, ssk, sizeof loaded->ssk);
    memcpy(loaded->pvt, pvt, sizeof loaded->pvt);
    *key = loaded;
    return STATUS_OK;
}

static void signing_key_free(struct signing_key *key) {
    secret_object_free(key);
}

static enum status receiver_key_load(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key) {
    *key = NULL;
    enum status status = wolfcrypt_sakke_key_check(wolfcrypt_library(), domain->z, identifier, rsk);
    if (status != STATUS_OK) {
        return status;
    }
    struct receiver_key *loaded = secret_object_new(sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    loaded->domain = domain;
    memcpy(loaded->rsk, rsk, sizeof loaded->rsk);
    loaded->identifier_length = identifier.length;
    memcpy(loaded->identifier, identifier.octets, identifier.length);
    *key = loaded;
    return STATUS_OK;
}

static void receiver_key_free(struct receiver_key *key) {
    secret_object_free(key);
}

static enum status sign(const struct signing_key *key, struct span message,
                        const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct hedge hedge;
    const struct entropy hedged = hedge_over(&hedge, entropy, key->ssk, message);
    return wolfcrypt_eccsi_sign(wolfcrypt_library(), key->domain->kpak, key->hs, key->ssk, key->pvt,
                                message, &hedged, signature);
}

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    return wolfcrypt_eccsi_verify(wolfcrypt_library(), domain->kpak, identifier, message,
                                  signature);
}

static enum status encapsulate(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    return wolfcrypt_sakke_encapsulate(wolfcrypt_library(), domain->z, identifier, ssv, data);
}

static enum status encapsulate_each(const struct domain_key *domain, size_t count,
                                    const struct span identifiers[],
                                    const uint8_t (*ssvs)[SSV_SIZE],
                                    uint8_t (*data)[SAKKE_DATA_SIZE]) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = encapsulate(domain, identifiers[i], ssvs[i], data[i]);
    }
    if (status != STATUS_OK) {
        memset(data, 0, count * sizeof *data);
    }
    return status;
}

static enum status decapsulate(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]) {
    struct span identifier = {key->identifier, key->identifier_length};
    return wolfcrypt_sakke_decapsulate(wolfcrypt_library(), key->domain->z, identifier, key->rsk,
                                       data, ssv);
}

/* Draws until in_range says yes: at worst every second draw does, so 128 refusals in a row mean
 * that the source is broken. */
static enum status draw_in_range(const struct entropy *entropy, uint8_t *out, size_t length,
                                 uint8_t top_mask, bool (*in_range)(const uint8_t *)) {
    for (int attempt = 0; attempt < 128; attempt++) {
        enum status status = entropy_draw(entropy, out, length);
        if (status != STATUS_OK) {
            return status;
        }
        out[0] &= top_mask;
        if (in_range(out)) {
            return STATUS_OK;
        }
    }
    secret_wipe(out, length);
    return STATUS_LIBRARY_FAILED;
}

static enum status master_generate(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE],
                                   uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    /* q has 1022 bits. */
    enum status status =
        draw_in_range(entropy, z, SAKKE_FIELD_SIZE, 0x3F, wolfcrypt_in_sakke_range);
    if (status == STATUS_OK) {
        status = draw_in_range(entropy, ksak, ECCSI_SCALAR_SIZE, 0xFF, wolfcrypt_in_eccsi_range);
    }
    if (status != STATUS_OK) {
        secret_wipe(z, SAKKE_FIELD_SIZE);
    }
    return status;
}

static enum status master_load(const uint8_t z[SAKKE_FIELD_SIZE],
                               const uint8_t ksak[ECCSI_SCALAR_SIZE], struct master_key **master) {
    *master = NULL;
    if (!wolfcrypt_in_sakke_range(z) || !wolfcrypt_in_eccsi_range(ksak)) {
        return STATUS_KEY_INVALID;
    }
    struct master_key *loaded = secret_object_new(sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    memcpy(loaded->z, z, sizeof loaded->z);
    memcpy(loaded->ksak, ksak, sizeof loaded->ksak);
    enum status status = wolfcrypt_sakke_public_key(wolfcrypt_library(), z, loaded->z_point);
    if (status == STATUS_OK) {
        status = wolfcrypt_eccsi_public_key(wolfcrypt_library(), ksak, loaded->kpak);
    }
    if (status != STATUS_OK) {
        secret_object_free(loaded);
        return status;
    }
    *master = loaded;
    return STATUS_OK;
}

static void master_free(struct master_key *master) {
    secret_object_free(master);
}

static enum status public_keys(const struct master_key *master, uint8_t z_point[SAKKE_POINT_SIZE],
                               uint8_t kpak[ECCSI_POINT_SIZE]) {
    memcpy(z_point, master->z_point, SAKKE_POINT_SIZE);
    memcpy(kpak, master->kpak, ECCSI_POINT_SIZE);
    return STATUS_OK;
}

static enum status issue_receiver_key(const struct master_key *master, struct span identifier,
                                      uint8_t rsk[SAKKE_POINT_SIZE]) {
    return wolfcrypt_sakke_issue(wolfcrypt_library(), master->z, identifier, rsk);
}

/* The library has nothing that is faster than to make each. */
static enum status issue_receiver_keys(const struct master_key *master, size_t count,
                                       const struct span identifiers[], uint8_t *const rsks[]) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = issue_receiver_key(master, identifiers[i], rsks[i]);
    }
    for (size_t i = 0; status != STATUS_OK && i < count; i++) {
        secret_wipe(rsks[i], SAKKE_POINT_SIZE);
    }
    return status;
}

static enum status issue_signing_key(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]) {
    return wolfcrypt_eccsi_issue(wolfcrypt_library(), master->ksak, master->kpak, identifier,
                                 entropy, ssk, pvt);
}

/* The library has nothing that is faster than to check each. */
static enum status receiver_keys_check(const struct master_key *master,
                                       const struct domain_key *domain, size_t count,
                                       const struct span identifiers[],
                                       const uint8_t *const rsks[]) {
    bool is_its = memcmp(master->z_point, domain->z, sizeof domain->z) == 0;
    enum status status = is_its ? STATUS_OK : STATUS_KEY_INVALID;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct receiver_key *key;
        status = receiver_key_load(domain, identifiers[i], rsks[i], &key);
        if (status == STATUS_OK) {
            receiver_key_free(key);
        }
    }
    return status == STATUS_POINT_INVALID ? STATUS_KEY_INVALID : status;
}

static enum status signing_keys_check(const struct master_key *master,
                                      const struct domain_key *domain, size_t count,
                                      const struct span identifiers[], const uint8_t *const ssks[],
                                      const uint8_t *const pvts[]) {
    bool is_its = memcmp(master->kpak, domain->kpak, sizeof domain->kpak) == 0;
    enum status status = is_its ? STATUS_OK : STATUS_KEY_INVALID;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        struct signing_key *key;
        status = signing_key_load(domain, identifiers[i], ssks[i], pvts[i], &key);
        if (status == STATUS_OK) {
            signing_key_free(key);
        }
    }
    return status == STATUS_POINT_INVALID ? STATUS_KEY_INVALID : status;
}

static const struct provider provider = {
    .name = "wolfcrypt",
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

const struct provider *wolfcrypt_provider(void) {
    return wolfcrypt_library() != NULL ? &provider : NULL;
}
