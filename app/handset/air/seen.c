/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/seen.h"

#include <sodium.h>
#include <string.h>

static void hash_of(struct span first, struct span second, uint8_t hash[SEEN_HASH_SIZE]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, SEEN_HASH_SIZE);
    crypto_generichash_update(&state, first.octets, first.length);
    crypto_generichash_update(&state, second.octets, second.length);
    crypto_generichash_final(&state, hash, SEEN_HASH_SIZE);
}

static size_t bucket_of(const uint8_t hash[SEEN_HASH_SIZE]) {
    return (size_t)(hash[0] << 8 | hash[1]) % SEEN_BUCKETS;
}

bool seen_has_hash(const struct seen *seen, const uint8_t hash[SEEN_HASH_SIZE]) {
    for (size_t at = seen->latest[bucket_of(hash)]; at != 0; at = seen->before[at - 1]) {
        if (memcmp(seen->hashes[at - 1], hash, SEEN_HASH_SIZE) == 0) {
            return true;
        }
    }
    return false;
}

/* What is at `place`, if anything is, leaves its bucket. */
static void forget(struct seen *seen, size_t place) {
    uint16_t *link = &seen->latest[bucket_of(seen->hashes[place])];
    while (*link != 0 && *link != place + 1) {
        link = &seen->before[*link - 1];
    }
    if (*link != 0) {
        *link = seen->before[place];
    }
}

void seen_add_hash(struct seen *seen, const uint8_t hash[SEEN_HASH_SIZE]) {
    size_t place = seen->next, bucket = bucket_of(hash);
    forget(seen, place);
    memcpy(seen->hashes[place], hash, SEEN_HASH_SIZE);
    seen->before[place] = seen->latest[bucket];
    seen->latest[bucket] = (uint16_t)(place + 1);
    seen->next = (place + 1) % SEEN_MAX;
}

bool seen_has(const struct seen *seen, struct span first, struct span second) {
    uint8_t hash[SEEN_HASH_SIZE];
    hash_of(first, second, hash);
    return seen_has_hash(seen, hash);
}

void seen_add(struct seen *seen, struct span first, struct span second) {
    uint8_t hash[SEEN_HASH_SIZE];
    hash_of(first, second, hash);
    seen_add_hash(seen, hash);
}
