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

bool seen_has(const struct seen *seen, struct span first, struct span second) {
    uint8_t hash[SEEN_HASH_SIZE];
    hash_of(first, second, hash);
    for (size_t i = 0; i < SEEN_MAX; i++) {
        if (memcmp(seen->hashes[i], hash, sizeof hash) == 0) {
            return true;
        }
    }
    return false;
}

void seen_add(struct seen *seen, struct span first, struct span second) {
    hash_of(first, second, seen->hashes[seen->next]);
    seen->next = (seen->next + 1) % SEEN_MAX;
}
