/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/limiter.h"

#include <sodium.h>
#include <string.h>

static void bucket_fill(struct bucket *bucket, int64_t boot_ms, int64_t rate, int64_t burst) {
    int64_t passed = boot_ms - bucket->filled_ms;
    int64_t missing = burst * 1000 - bucket->milli_units;
    if (passed < 0) {
        passed = 0;
    }
    /* Units a second are milli-units a millisecond; the first comparison keeps the product small.
     */
    bucket->milli_units += passed >= missing || passed * rate >= missing ? missing : passed * rate;
    bucket->filled_ms = boot_ms;
}

static struct bucket full_bucket(uint64_t peer, int64_t boot_ms, int64_t burst) {
    return (struct bucket){.peer = peer, .filled_ms = boot_ms, .milli_units = burst * 1000};
}

static bool is_full(struct bucket *bucket, int64_t boot_ms) {
    bucket_fill(bucket, boot_ms, LIMITER_SOURCE_RATE, LIMITER_SOURCE_BURST);
    return bucket->milli_units == (int64_t)LIMITER_SOURCE_BURST * 1000;
}

/* The bucket of `peer`; a new peer takes a free place or that of a full bucket. */
static struct bucket *bucket_of(struct limiter_class *class, uint64_t peer, int64_t boot_ms) {
    struct bucket *place = &class->rest;
    for (size_t i = 0; i < class->count; i++) {
        if (class->sources[i].peer == peer) {
            return &class->sources[i];
        }
        if (place == &class->rest && is_full(&class->sources[i], boot_ms)) {
            place = &class->sources[i];
        }
    }
    if (class->count < LIMITER_SOURCES_MAX) {
        place = &class->sources[class->count++];
    }
    if (place != &class->rest) {
        *place = full_bucket(peer, boot_ms, LIMITER_SOURCE_BURST);
    }
    return place;
}

uint64_t limiter_source(const char *identity) {
    uint8_t hash[crypto_generichash_BYTES_MIN];
    uint64_t source;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)identity, strlen(identity), NULL, 0);
    memcpy(&source, hash, sizeof source);
    return source;
}

void limiter_start(struct limiter *limiter, int64_t boot_ms) {
    struct limiter_class class = {.all = full_bucket(0, boot_ms, LIMITER_ALL_BURST),
                                  .rest = full_bucket(0, boot_ms, LIMITER_SOURCE_BURST)};
    *limiter = (struct limiter){.strangers = class, .neighbours = class};
}

bool limiter_allows(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                    int64_t cost) {
    return limiter_allows_milli(limiter, peer, is_neighbour, boot_ms, cost * 1000);
}

/* Takes `taken` milli-units where there are `needed` ones. */
static bool take(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                 int64_t needed, int64_t taken) {
    struct limiter_class *class = is_neighbour ? &limiter->neighbours : &limiter->strangers;
    struct bucket *source = bucket_of(class, peer, boot_ms);
    bucket_fill(source, boot_ms, LIMITER_SOURCE_RATE, LIMITER_SOURCE_BURST);
    bucket_fill(&class->all, boot_ms, LIMITER_ALL_RATE, LIMITER_ALL_BURST);
    if (source->milli_units < needed || class->all.milli_units < needed) {
        return false;
    }
    source->milli_units -= taken;
    class->all.milli_units -= taken;
    return true;
}

bool limiter_allows_milli(struct limiter *limiter, uint64_t peer, bool is_neighbour,
                          int64_t boot_ms, int64_t milli_units) {
    return take(limiter, peer, is_neighbour, boot_ms, milli_units, milli_units);
}

bool limiter_has_left(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                      int64_t cost) {
    return take(limiter, peer, is_neighbour, boot_ms, cost * 1000, 0);
}
