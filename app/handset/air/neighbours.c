/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/neighbours.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_ROOM = 16
};

_Static_assert((int)NEIGHBOURS_KEY_SIZE == (int)crypto_shorthash_KEYBYTES, "of SipHash");
_Static_assert((int)NEIGHBOURS_MAX < UINT16_MAX, "places fit into 16 bits");

enum status neighbours_begin(struct neighbours *neighbours, const struct entropy *entropy) {
    return entropy_draw(entropy, neighbours->key, sizeof neighbours->key);
}

void neighbours_clear(struct neighbours *neighbours) {
    for (size_t i = 0; i < neighbours->count; i++) {
        free(neighbours->list[i]);
    }
    free(neighbours->list);
    *neighbours = (struct neighbours){.count = 0};
}

uint64_t neighbours_hash(const struct neighbours *neighbours, struct span octets) {
    uint8_t hash[crypto_shorthash_BYTES];
    uint64_t number;
    crypto_shorthash(hash, octets.octets, octets.length, neighbours->key);
    memcpy(&number, hash, sizeof number);
    return number;
}

/* --- Indexes -------------------------------------------------------------------------------- */

static uint16_t *bucket_of(struct neighbours *neighbours, enum neighbour_index index,
                           uint64_t hash) {
    return &neighbours->first[index][hash % NEIGHBOURS_MAX];
}

/* What leads to that neighbour in its bucket. */
static uint16_t *link_to(struct neighbours *neighbours, enum neighbour_index index,
                         const struct neighbour *neighbour) {
    uint16_t *link = bucket_of(neighbours, index, neighbour->places[index].hash);
    while (*link != neighbour->at + 1) {
        link = &neighbours->list[*link - 1]->places[index].next;
    }
    return link;
}

static void take_out(struct neighbours *neighbours, enum neighbour_index index,
                     struct neighbour *neighbour) {
    struct neighbour_place *place = &neighbour->places[index];
    if (place->is_in) {
        *link_to(neighbours, index, neighbour) = place->next;
        place->is_in = false;
    }
}

void neighbours_put(struct neighbours *neighbours, enum neighbour_index index,
                    struct neighbour *neighbour, struct span octets) {
    struct neighbour_place *place = &neighbour->places[index];
    take_out(neighbours, index, neighbour);
    place->hash = neighbours_hash(neighbours, octets);
    uint16_t *bucket = bucket_of(neighbours, index, place->hash);
    place->next = *bucket;
    place->is_in = true;
    *bucket = (uint16_t)(neighbour->at + 1);
}

/* From `place` on in its bucket, the first one with that hash. */
static struct neighbour *with_hash(const struct neighbours *neighbours, enum neighbour_index index,
                                   uint16_t place, uint64_t hash) {
    while (place != 0) {
        struct neighbour *neighbour = neighbours->list[place - 1];
        if (neighbour->places[index].hash == hash) {
            return neighbour;
        }
        place = neighbour->places[index].next;
    }
    return NULL;
}

struct neighbour *neighbours_first(const struct neighbours *neighbours, enum neighbour_index index,
                                   uint64_t hash) {
    return with_hash(neighbours, index, neighbours->first[index][hash % NEIGHBOURS_MAX], hash);
}

struct neighbour *neighbours_next(const struct neighbours *neighbours, enum neighbour_index index,
                                  const struct neighbour *neighbour) {
    const struct neighbour_place *place = &neighbour->places[index];
    return with_hash(neighbours, index, place->next, place->hash);
}

struct neighbour *neighbours_find(const struct neighbours *neighbours, const char *identity) {
    uint64_t hash = neighbours_hash(neighbours, span_of_text(identity));
    struct neighbour *found = neighbours_first(neighbours, NEIGHBOUR_BY_IDENTITY, hash);
    while (found != NULL && strcmp(found->presence.identity, identity) != 0) {
        found = neighbours_next(neighbours, NEIGHBOUR_BY_IDENTITY, found);
    }
    return found;
}

/* --- Coming and going ----------------------------------------------------------------------- */

static bool has_room(struct neighbours *neighbours) {
    if (neighbours->count < neighbours->room) {
        return true;
    }
    size_t room = neighbours->room == 0 ? FIRST_ROOM : 2 * neighbours->room;
    room = room > NEIGHBOURS_MAX ? NEIGHBOURS_MAX : room;
    if (neighbours->count == room) {
        return false;
    }
    struct neighbour **list = realloc(neighbours->list, room * sizeof(struct neighbour *));
    if (list == NULL) {
        return false;
    }
    neighbours->list = list;
    neighbours->room = room;
    return true;
}

struct neighbour *neighbours_add(struct neighbours *neighbours, const char *identity) {
    struct neighbour *neighbour = has_room(neighbours) ? calloc(1, sizeof(struct neighbour)) : NULL;
    if (neighbour == NULL) {
        return NULL;
    }
    snprintf(neighbour->presence.identity, IDENTITY_SIZE, "%s", identity);
    neighbour->at = (uint16_t)neighbours->count;
    neighbours->list[neighbours->count++] = neighbour;
    neighbours_put(neighbours, NEIGHBOUR_BY_IDENTITY, neighbour, span_of_text(identity));
    return neighbour;
}

void neighbours_remove(struct neighbours *neighbours, struct neighbour *neighbour) {
    struct neighbour *last = neighbours->list[neighbours->count - 1];
    for (enum neighbour_index index = 0; index < NEIGHBOUR_INDEXES; index++) {
        take_out(neighbours, index, neighbour);
    }
    for (enum neighbour_index index = 0; last != neighbour && index < NEIGHBOUR_INDEXES; index++) {
        if (last->places[index].is_in) {
            *link_to(neighbours, index, last) = (uint16_t)(neighbour->at + 1);
        }
    }
    last->at = neighbour->at;
    neighbours->list[last->at] = last;
    neighbours->count--;
    free(neighbour);
}
