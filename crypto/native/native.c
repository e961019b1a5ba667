/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/native.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hedge.h"
#include "crypto/native/eccsi.h"
#include "crypto/native/sakke.h"
#include "crypto/secret.h"

struct domain_key {
    struct sakke_domain sakke;
    struct eccsi_domain eccsi;
};

struct signing_key {
    const struct domain_key *domain;
    struct eccsi_key eccsi;
};

struct receiver_key {
    struct pairing_table rsk;
    size_t identifier_length;
    uint8_t identifier[];
};

struct master_key {
    struct sakke_master *sakke; /* in secret memory */
    struct eccsi_master eccsi;
};

/* The end of each function that handles secrets. */
static enum status leave(enum status status) {
    secret_wipe_stack();
    return status;
}

static void domain_free(struct domain_key *domain) {
    if (domain == NULL) {
        return;
    }
    eccsi_domain_close(&domain->eccsi);
    free(domain);
}

static enum status domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain) {
    *domain = NULL;
    struct domain_key *loaded = aligned_alloc(alignof(struct domain_key), sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    memset(loaded, 0, sizeof *loaded);
    enum status status = eccsi_domain_open(kpak, &loaded->eccsi);
    if (status == STATUS_OK) {
        status = sakke_domain_load(z, &loaded->sakke);
    }
    if (status == STATUS_OK) {
        *domain = loaded;
    } else {
        domain_free(loaded);
    }
    return status;
}

static void signing_key_free(struct signing_key *key) {
    secret_object_free(key);
}

static enum status signing_key_load(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key) {
    *key = NULL;
    struct signing_key *loaded = secret_object_new(sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    loaded->domain = domain;
    enum status status = eccsi_key_load(&domain->eccsi, identifier, ssk, pvt, &loaded->eccsi);
    if (status == STATUS_OK) {
        *key = loaded;
    } else {
        signing_key_free(loaded);
    }
    return leave(status);
}

static void receiver_key_free(struct receiver_key *key) {
    secret_object_free(key);
}

static enum status receiver_key_load(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key) {
    *key = NULL;
    struct receiver_key *loaded = secret_object_new(sizeof *loaded + identifier.length);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    loaded->identifier_length = identifier.length;
    if (identifier.length > 0) {
        memcpy(loaded->identifier, identifier.octets, identifier.length);
    }
    enum status status = sakke_key_load(&domain->sakke, identifier, rsk, &loaded->rsk);
    if (status == STATUS_OK) {
        *key = loaded;
    } else {
        receiver_key_free(loaded);
    }
    return leave(status);
}

static enum status sign(const struct signing_key *key, struct span message,
                        const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct hedge hedge;
    uint8_t ssk[ECCSI_SCALAR_SIZE];
    residue_to_octets(ssk, sizeof ssk, &key->eccsi.ssk);
    const struct entropy hedged = hedge_over(&hedge, entropy, ssk, message);
    enum status status = eccsi_sign(&key->domain->eccsi, &key->eccsi, message, &hedged, signature);
    secret_wipe(ssk, sizeof ssk);
    return leave(status);
}

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    return eccsi_verify(&domain->eccsi, identifier, message, signature);
}

static enum status encapsulate_each(const struct domain_key *domain, size_t count,
                                    const struct span identifiers[],
                                    const uint8_t (*ssvs)[SSV_SIZE],
                                    uint8_t (*data)[SAKKE_DATA_SIZE]) {
    return leave(sakke_encapsulate_each(&domain->sakke, count, identifiers, ssvs, data));
}

static enum status encapsulate(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    return encapsulate_each(domain, 1, &identifier, (const uint8_t(*)[SSV_SIZE])ssv,
                            (uint8_t(*)[SAKKE_DATA_SIZE])data);
}

static enum status decapsulate(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]) {
    struct span identifier = {key->identifier, key->identifier_length};
    return leave(sakke_decapsulate(identifier, &key->rsk, data, ssv));
}

static enum status master_generate(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE],
                                   uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    memset(ksak, 0, ECCSI_SCALAR_SIZE);
    enum status status = sakke_master_draw(entropy, z);
    if (status == STATUS_OK) {
        status = eccsi_master_draw(entropy, ksak);
    }
    if (status != STATUS_OK) {
        secret_wipe(z, SAKKE_FIELD_SIZE);
    }
    return leave(status);
}

static void master_free(struct master_key *master) {
    if (master == NULL) {
        return;
    }
    eccsi_master_close(&master->eccsi);
    secret_object_free(master->sakke);
    free(master);
}

static enum status master_load(const uint8_t z[SAKKE_FIELD_SIZE],
                               const uint8_t ksak[ECCSI_SCALAR_SIZE], struct master_key **master) {
    *master = NULL;
    struct master_key *loaded = calloc(1, sizeof *loaded);
    if (loaded == NULL) {
        return STATUS_NO_MEMORY;
    }
    loaded->sakke = secret_object_new(sizeof *loaded->sakke);
    enum status status = loaded->sakke == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK) {
        status = sakke_master_load(z, loaded->sakke);
    }
    if (status == STATUS_OK) {
        status = eccsi_master_load(ksak, &loaded->eccsi);
    }
    if (status == STATUS_OK) {
        *master = loaded;
    } else {
        master_free(loaded);
    }
    return leave(status);
}

static enum status public_keys(const struct master_key *master, uint8_t z_point[SAKKE_POINT_SIZE],
                               uint8_t kpak[ECCSI_POINT_SIZE]) {
    sakke_public_key(master->sakke, z_point);
    memcpy(kpak, master->eccsi.kpak, ECCSI_POINT_SIZE);
    return leave(STATUS_OK);
}

static enum status issue_receiver_key(const struct master_key *master, struct span identifier,
                                      uint8_t rsk[SAKKE_POINT_SIZE]) {
    return leave(sakke_issue(master->sakke, identifier, rsk));
}

static enum status issue_receiver_keys(const struct master_key *master, size_t count,
                                       const struct span identifiers[], uint8_t *const rsks[]) {
    return leave(sakke_issue_each(master->sakke, count, identifiers, rsks));
}

static enum status issue_signing_key(const struct master_key *master, struct span identifier,
                                     const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                     uint8_t pvt[ECCSI_POINT_SIZE]) {
    return leave(eccsi_issue(&master->eccsi, identifier, entropy, ssk, pvt));
}

static enum status receiver_keys_check(const struct master_key *master,
                                       const struct domain_key *domain, size_t count,
                                       const struct span identifiers[],
                                       const uint8_t *const rsks[]) {
    return leave(sakke_check_issued(master->sakke, &domain->sakke, count, identifiers, rsks));
}

static enum status signing_keys_check(const struct master_key *master,
                                      const struct domain_key *domain, size_t count,
                                      const struct span identifiers[], const uint8_t *const ssks[],
                                      const uint8_t *const pvts[]) {
    return leave(
        eccsi_check_issued(&master->eccsi, &domain->eccsi, count, identifiers, ssks, pvts));
}

const struct provider native_provider = {
    .name = "native",
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
