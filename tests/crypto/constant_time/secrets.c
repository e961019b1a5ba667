/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secrets ARITHMETIC | leak: runs the native module with every secret marked undefined, so that
 * valgrind's memcheck reports each branch and each index that depends on one
 * (tests/crypto/check_constant_time). What leaves the house, and whether an operation went well, is
 * marked defined again: that is public.
 */
#include <stdio.h>
#include <string.h>
#include <valgrind/memcheck.h>

#include "crypto/native/answer.h"
#include "crypto/native/arithmetic.h"
#include "crypto/native/eight/tables.h"
#include "crypto/provider.h"
#include "crypto/secret.h"

#define SECRET(object) ((void)VALGRIND_MAKE_MEM_UNDEFINED(&(object), sizeof(object)))
#define PUBLIC(object) ((void)VALGRIND_MAKE_MEM_DEFINED(&(object), sizeof(object)))

/* In place of the native module's own: what gets through here is public. */
bool answer(uint64_t mask) {
    PUBLIC(mask);
    return mask != 0;
}

static enum status draw_secret(void *context, uint8_t *out, size_t length) {
    (void)context;
    enum status status = entropy_draw(&entropy_system, out, length);
    (void)VALGRIND_MAKE_MEM_UNDEFINED(out, length);
    return status;
}

static const struct entropy secret_entropy = {draw_secret, NULL};

/* Was that a success? The status may be made of secrets, but tells none. */
static bool went_well(const char *what, enum status status) {
    PUBLIC(status);
    if (status != STATUS_OK) {
        fprintf(stderr, "%s: %s\n", what, status_text(status));
    }
    return status == STATUS_OK;
}

struct keys {
    uint8_t z[SAKKE_POINT_SIZE], kpak[ECCSI_POINT_SIZE];
    uint8_t rsk[SAKKE_POINT_SIZE], ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
};

static bool check_issued(const struct provider *module, const struct master_key *master,
                         struct span identifier, const struct keys *keys) {
    const uint8_t *rsk = keys->rsk, *ssk = keys->ssk, *pvt = keys->pvt;
    struct domain_key *domain;
    if (!went_well("load domain", module->domain_load(keys->z, keys->kpak, &domain))) {
        return false;
    }
    bool good =
        went_well("check RSK", module->receiver_keys_check(master, domain, 1, &identifier, &rsk)) &&
        went_well("check SSK",
                  module->signing_keys_check(master, domain, 1, &identifier, &ssk, &pvt));
    module->domain_free(domain);
    return good;
}

/* More than fit into one go. */
static bool issue_together(const struct provider *module, const struct master_key *master,
                           struct span identifier, const struct keys *keys) {
    enum {
        MANY = EIGHT + 1
    };
    struct span identifiers[MANY];
    uint8_t made[MANY][SAKKE_POINT_SIZE], *rsks[MANY];
    for (unsigned i = 0; i < MANY; i++) {
        identifiers[i] = identifier;
        rsks[i] = made[i];
    }
    if (!went_well("issue RSKs", module->issue_receiver_keys(master, MANY, identifiers, rsks))) {
        return false;
    }
    bool is_same = secret_equal(made[MANY - 1], keys->rsk, sizeof keys->rsk);
    PUBLIC(is_same);
    return is_same;
}

/* The KMS: z_T, KSAK and v are secret, and so are RSK and SSK. */
static bool issue(const struct provider *module, struct span identifier, struct keys *keys) {
    uint8_t z_secret[SAKKE_FIELD_SIZE], ksak[ECCSI_SCALAR_SIZE];
    struct master_key *master;
    if (!went_well("generate", module->master_generate(&secret_entropy, z_secret, ksak)) ||
        !went_well("load master", module->master_load(z_secret, ksak, &master))) {
        return false;
    }
    bool good = went_well("public keys", module->public_keys(master, keys->z, keys->kpak));
    PUBLIC(keys->z);
    PUBLIC(keys->kpak);
    good = good &&
           went_well("issue RSK", module->issue_receiver_key(master, identifier, keys->rsk)) &&
           issue_together(module, master, identifier, keys) &&
           went_well("issue SSK", module->issue_signing_key(master, identifier, &secret_entropy,
                                                            keys->ssk, keys->pvt));
    PUBLIC(keys->pvt);
    good = good && check_issued(module, master, identifier, keys);
    module->master_free(master);
    return good;
}

/* j and SSK are secret. */
static bool sign(const struct provider *module, const struct domain_key *domain,
                 struct span identifier, const struct keys *keys) {
    struct signing_key *key;
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
    if (!went_well("load SSK",
                   module->signing_key_load(domain, identifier, keys->ssk, keys->pvt, &key))) {
        return false;
    }
    bool good = went_well("sign", module->sign(key, identifier, &secret_entropy, signature));
    PUBLIC(signature);
    module->signing_key_free(key);
    return good && went_well("verify", module->verify(domain, identifier, identifier, signature));
}

static bool encapsulate_each(const struct provider *module, const struct domain_key *domain,
                             struct span identifier) {
    struct span identifiers[EIGHT];
    uint8_t ssvs[EIGHT][SSV_SIZE] = {{1}}, data[EIGHT][SAKKE_DATA_SIZE];
    for (unsigned i = 0; i < EIGHT; i++) {
        identifiers[i] = identifier;
    }
    SECRET(ssvs);
    return went_well("encapsulate eight",
                     module->encapsulate_each(domain, EIGHT, identifiers,
                                              (const uint8_t(*)[SSV_SIZE])ssvs, data));
}

/* The SSV, what is drawn from it, and RSK are secret. */
static bool exchange(const struct provider *module, const struct domain_key *domain,
                     struct span identifier, const struct keys *keys) {
    struct receiver_key *key;
    uint8_t ssv[SSV_SIZE] = "sixteen octets.", received[SSV_SIZE], data[SAKKE_DATA_SIZE];
    SECRET(ssv);
    bool good = went_well("encapsulate", module->encapsulate(domain, identifier, ssv, data));
    PUBLIC(data);
    good = good && encapsulate_each(module, domain, identifier);
    if (!good ||
        !went_well("load RSK", module->receiver_key_load(domain, identifier, keys->rsk, &key))) {
        return false;
    }
    good = went_well("decapsulate", module->decapsulate(key, data, received));
    module->receiver_key_free(key);
    PUBLIC(ssv);
    PUBLIC(received);
    return good && memcmp(ssv, received, sizeof ssv) == 0;
}

/* By name and not by what the CPU says it has: valgrind's CPU does not say all that it knows.
 * "eight" is the portable arithmetic with eight at a time beside it, which is emulated here. */
static const struct arithmetic *arithmetic_of(const char *name) {
    static struct arithmetic eight;
    eight = portable_arithmetic;
    eight.eight = true;
#if defined(__x86_64__)
    if (strcmp(name, "adx") == 0) {
        return &adx_arithmetic;
    }
#endif
    return strcmp(name, "eight") == 0 ? &eight : &portable_arithmetic;
}

/* What memcheck must report: a branch on a secret. */
static int leak(void) {
    uint8_t z[SAKKE_FIELD_SIZE];
    if (entropy_draw(&secret_entropy, z, sizeof z) != STATUS_OK) {
        return 1;
    }
    return z[0] < 128 ? 0 : printf("a branch on a secret\n") < 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "leak") == 0) {
        return leak();
    }
    static const uint8_t identifier_octets[] = "2026-11\0tel:+447700900123";
    arithmetic_choose(arithmetic_of(argc > 1 ? argv[1] : "portable"));
    const struct provider *module = provider_find("native");
    struct span identifier = SPAN_OF(identifier_octets);
    struct domain_key *domain;
    struct keys keys;
    if (module == NULL || !issue(module, identifier, &keys) ||
        !went_well("load domain", module->domain_load(keys.z, keys.kpak, &domain))) {
        return 1;
    }
    bool good =
        sign(module, domain, identifier, &keys) && exchange(module, domain, identifier, &keys);
    module->domain_free(domain);
    return good ? 0 : 1;
}
