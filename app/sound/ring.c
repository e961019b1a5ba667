/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/sound/ring.h"

#include "crypto/secret.h"

void ring_begin(struct ring *ring) {
    atomic_store(&ring->put, 0);
    atomic_store(&ring->taken, 0);
}

bool ring_put(struct ring *ring, uint32_t start, const struct sound_frame *frame) {
    uint32_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    /* Acquire: the other thread has wiped the place before this one fills it again. */
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    if (put - taken == RING_FRAMES) {
        return false;
    }
    struct ring_place *place = &ring->places[put % RING_FRAMES];
    place->start = start;
    place->frame = *frame;
    atomic_store_explicit(&ring->put, put + 1, memory_order_release);
    return true;
}

/* The place of the oldest frame, or NULL. */
static struct ring_place *oldest(struct ring *ring) {
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    uint32_t put = atomic_load_explicit(&ring->put, memory_order_acquire);
    return put == taken ? NULL : &ring->places[taken % RING_FRAMES];
}

static void give_back(struct ring *ring, struct ring_place *place) {
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    secret_wipe(place, sizeof *place);
    atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
}

bool ring_take(struct ring *ring, uint32_t start, struct sound_frame *frame) {
    for (struct ring_place *place; (place = oldest(ring)) != NULL;) {
        /* Numbers of starts wrap as those of frames do. */
        int32_t age = (int32_t)(start - place->start);
        if (age < 0) {
            return false;
        }
        if (age == 0) {
            *frame = place->frame;
        }
        give_back(ring, place);
        if (age == 0) {
            return true;
        }
    }
    return false;
}

void ring_drop(struct ring *ring, uint32_t start) {
    struct ring_place *place = oldest(ring);
    while (place != NULL && (int32_t)(start - place->start) >= 0) {
        give_back(ring, place);
        place = oldest(ring);
    }
}

size_t ring_held(const struct ring *ring) {
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_acquire);
    return atomic_load_explicit(&ring->put, memory_order_acquire) - taken;
}
