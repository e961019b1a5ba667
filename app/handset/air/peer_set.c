/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/peer_set.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "app/handset/output.h"

enum {
    ROOM_MIN = 64
};

/* An open table, at most half full; EVERYONE, which nobody is heard from, marks a free place. */
struct peer_set {
    uint8_t key[crypto_shorthash_KEYBYTES]; /* nobody chooses addresses that lie together */
    bool is_filled;
    size_t room; /* a power of two, or 0 */
    uint64_t *list;
};

struct peer_set *peer_set_new(void) {
    struct peer_set *set = calloc(1, sizeof *set);
    if (set != NULL) {
        crypto_shorthash_keygen(set->key);
    }
    return set;
}

void peer_set_free(struct peer_set *set) {
    if (set != NULL) {
        free(set->list);
        free(set);
    }
}

void peer_set_empty(struct peer_set *set) {
    set->is_filled = false;
}

bool peer_set_is_filled(const struct peer_set *set) {
    return set->is_filled;
}

void peer_set_begin(struct peer_set *set, size_t count) {
    size_t room = ROOM_MIN;
    while (room < 2 * count) {
        room *= 2;
    }
    if (room > set->room) {
        free(set->list);
        set->list = malloc(room * sizeof set->list[0]);
        set->room = set->list == NULL ? 0 : room;
    }
    for (size_t i = 0; i < set->room; i++) {
        set->list[i] = EVERYONE;
    }
    set->is_filled = true;
}

/* Where that address is, or would be. */
static uint64_t *place(const struct peer_set *set, uint64_t peer) {
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t at;
    crypto_shorthash(hash, (const uint8_t *)&peer, sizeof peer, set->key);
    memcpy(&at, hash, sizeof at);
    for (at &= set->room - 1; set->list[at] != peer && set->list[at] != EVERYONE;) {
        at = (at + 1) & (set->room - 1);
    }
    return &set->list[at];
}

void peer_set_add(struct peer_set *set, uint64_t peer) {
    if (set->room > 0) {
        *place(set, peer) = peer;
    }
}

bool peer_set_has(const struct peer_set *set, uint64_t peer) {
    return set->room > 0 && peer != EVERYONE && *place(set, peer) == peer;
}
