/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/provider_cache.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum {
    RESULTS_MAX = 1 << 15,
    PROBES_MAX = 16,
    HANDLES_MAX = 128,
    HASH_SIZE = 16
};

struct result {
    bool used;
    uint8_t hash[HASH_SIZE];
    enum status status;
    uint8_t octets[SAKKE_DATA_SIZE];
};

struct handle {
    uint8_t hash[HASH_SIZE];
    void *handle;
};

/* One for the program: the functions of a provider have no place for a context. */
static struct {
    const struct provider *native;
    struct provider provider;
    struct provider_cache_count count;
    size_t handle_count;
    struct handle handles[HANDLES_MAX];
    struct result results[RESULTS_MAX];
} cache;

static void hash_of(const char *what, const void *handle, const struct span inputs[], size_t count,
                    uint8_t hash[HASH_SIZE]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
    crypto_generichash_update(&state, (const uint8_t *)what, strlen(what) + 1);
    crypto_generichash_update(&state, (const uint8_t *)&handle, sizeof handle);
    for (size_t i = 0; i < count; i++) {
        crypto_generichash_update(&state, (const uint8_t *)&inputs[i].length,
                                  sizeof inputs[i].length);
        crypto_generichash_update(&state, inputs[i].octets, inputs[i].length);
    }
    crypto_generichash_final(&state, hash, HASH_SIZE);
}

/* The place of the result with that hash; *known says whether it is there already. A full
 * neighbourhood forgets its first. */
static struct result *result_of(const uint8_t hash[HASH_SIZE], bool *known) {
    size_t at;
    memcpy(&at, hash, sizeof at);
    for (size_t i = 0; i < PROBES_MAX; i++) {
        struct result *result = &cache.results[(at + i) % RESULTS_MAX];
        *known = result->used && memcmp(result->hash, hash, HASH_SIZE) == 0;
        if (*known) {
            cache.count.remembered++;
            return result;
        }
        if (!result->used) {
            break;
        }
    }
    size_t place = at;
    for (size_t i = 0; i < PROBES_MAX && cache.results[place % RESULTS_MAX].used; i++) {
        place++;
    }
    if (cache.results[place % RESULTS_MAX].used) {
        place = at;
    }
    struct result *result = &cache.results[place % RESULTS_MAX];
    *result = (struct result){.used = true};
    memcpy(result->hash, hash, HASH_SIZE);
    cache.count.computed++;
    return result;
}

/* The handle made of the same inputs before, or NULL; then hash tells where to keep it. */
static void *known_handle(const uint8_t hash[HASH_SIZE]) {
    for (size_t i = 0; i < cache.handle_count; i++) {
        if (memcmp(cache.handles[i].hash, hash, HASH_SIZE) == 0) {
            return cache.handles[i].handle;
        }
    }
    return NULL;
}

static enum status keep_handle(const uint8_t hash[HASH_SIZE], void *handle, enum status status) {
    if (status != STATUS_OK) {
        return status;
    }
    if (cache.handle_count == HANDLES_MAX) {
        abort(); /* more identities than any simulation has */
    }
    struct handle *place = &cache.handles[cache.handle_count++];
    memcpy(place->hash, hash, HASH_SIZE);
    place->handle = handle;
    return STATUS_OK;
}

static enum status domain_load(const uint8_t z[SAKKE_POINT_SIZE],
                               const uint8_t kpak[ECCSI_POINT_SIZE], struct domain_key **domain) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {{z, SAKKE_POINT_SIZE}, {kpak, ECCSI_POINT_SIZE}};
    hash_of("domain", NULL, inputs, 2, hash);
    *domain = known_handle(hash);
    if (*domain != NULL) {
        return STATUS_OK;
    }
    enum status status = cache.native->domain_load(z, kpak, domain);
    return keep_handle(hash, *domain, status);
}

static enum status signing_key_load(const struct domain_key *domain, struct span identifier,
                                    const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                    const uint8_t pvt[ECCSI_POINT_SIZE], struct signing_key **key) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {identifier, {ssk, ECCSI_SCALAR_SIZE}, {pvt, ECCSI_POINT_SIZE}};
    hash_of("signing", domain, inputs, 3, hash);
    *key = known_handle(hash);
    if (*key != NULL) {
        return STATUS_OK;
    }
    enum status status = cache.native->signing_key_load(domain, identifier, ssk, pvt, key);
    return keep_handle(hash, *key, status);
}

static enum status receiver_key_load(const struct domain_key *domain, struct span identifier,
                                     const uint8_t rsk[SAKKE_POINT_SIZE],
                                     struct receiver_key **key) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {identifier, {rsk, SAKKE_POINT_SIZE}};
    hash_of("receiver", domain, inputs, 2, hash);
    *key = known_handle(hash);
    if (*key != NULL) {
        return STATUS_OK;
    }
    enum status status = cache.native->receiver_key_load(domain, identifier, rsk, key);
    return keep_handle(hash, *key, status);
}

static void domain_free(struct domain_key *domain) {
    (void)domain;
}

static void signing_key_free(struct signing_key *key) {
    (void)key;
}

static void receiver_key_free(struct receiver_key *key) {
    (void)key;
}

static enum status verify(const struct domain_key *domain, struct span identifier,
                          struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {identifier, message, {signature, ECCSI_SIGNATURE_SIZE}};
    hash_of("verify", domain, inputs, 3, hash);
    bool known;
    struct result *result = result_of(hash, &known);
    if (!known) {
        result->status = cache.native->verify(domain, identifier, message, signature);
    }
    return result->status;
}

static enum status encapsulate(const struct domain_key *domain, struct span identifier,
                               const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {identifier, {ssv, SSV_SIZE}};
    hash_of("encapsulate", domain, inputs, 2, hash);
    bool known;
    struct result *result = result_of(hash, &known);
    if (!known) {
        result->status = cache.native->encapsulate(domain, identifier, ssv, result->octets);
    }
    memcpy(data, result->octets, SAKKE_DATA_SIZE);
    return result->status;
}

static enum status decapsulate(const struct receiver_key *key, const uint8_t data[SAKKE_DATA_SIZE],
                               uint8_t ssv[SSV_SIZE]) {
    uint8_t hash[HASH_SIZE];
    const struct span inputs[] = {{data, SAKKE_DATA_SIZE}};
    hash_of("decapsulate", key, inputs, 1, hash);
    bool known;
    struct result *result = result_of(hash, &known);
    if (!known) {
        result->status = cache.native->decapsulate(key, data, result->octets);
    }
    memcpy(ssv, result->octets, SSV_SIZE);
    return result->status;
}

const struct provider *provider_cache(void) {
    if (cache.native == NULL) {
        cache.native = provider_find("native");
        cache.provider = *cache.native;
        cache.provider.domain_load = domain_load;
        cache.provider.domain_free = domain_free;
        cache.provider.signing_key_load = signing_key_load;
        cache.provider.signing_key_free = signing_key_free;
        cache.provider.receiver_key_load = receiver_key_load;
        cache.provider.receiver_key_free = receiver_key_free;
        cache.provider.verify = verify;
        cache.provider.encapsulate = encapsulate;
        cache.provider.decapsulate = decapsulate;
    }
    return &cache.provider;
}

struct provider_cache_count provider_cache_count(void) {
    return cache.count;
}
