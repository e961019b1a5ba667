/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/mark.h"

#include <sodium.h>
#include <string.h>

#include "app/handset/air/frame.h"

enum {
    KIND_AT = 1,
    MARK_AT = 4,
    MARK_SIZE = 4,
    MARKED_AT = MARK_AT + MARK_SIZE, /* the random octets, and the payload */
};

_Static_assert((int)MARK_KEY_SIZE == (int)crypto_shorthash_KEYBYTES, "the key of a mark");

static const char key_label[] = "Muster-mark";

void mark_key_of(const struct topic_key *topics, struct mark_key *key) {
    crypto_generichash(key->octets, sizeof key->octets, (const uint8_t *)key_label,
                       sizeof key_label, topics->octets, sizeof topics->octets);
}

static void make(const struct mark_key *key, const uint8_t *octets, size_t length,
                 uint8_t mark[crypto_shorthash_BYTES]) {
    uint8_t both[crypto_shorthash_BYTES + 1];
    crypto_shorthash(both, octets + MARKED_AT, length - MARKED_AT, key->octets);
    both[crypto_shorthash_BYTES] = octets[KIND_AT];
    crypto_shorthash(mark, both, sizeof both, key->octets);
}

void mark_put(const struct mark_key *key, uint8_t *octets, size_t length) {
    uint8_t mark[crypto_shorthash_BYTES];
    make(key, octets, length, mark);
    memcpy(octets + MARK_AT, mark, MARK_SIZE);
}

bool mark_is_right(const struct mark_key *key, struct span octets) {
    uint8_t mark[crypto_shorthash_BYTES];
    make(key, octets.octets, octets.length, mark);
    return sodium_memcmp(octets.octets + MARK_AT, mark, MARK_SIZE) == 0;
}
