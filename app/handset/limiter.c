/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/limiter.h"

static void bucket_fill(struct bucket *bucket, int64_t boot_ms, int64_t rate, int64_t burst) {
    int64_t passed = boot_ms - bucket->filled_ms;
    int64_t missing = burst * 1000 - bucket->milli_units;
    if (passed < 0)
        passed = 0;
    /* Units a second are milli-units a millisecond. */
    bucket->milli_units += passed >= missing / rate ? missing : passed * rate;
    bucket->filled_ms = boot_ms;
}

/* The bucket of `peer`; a new peer takes the place of the one that was quiet longest. */
static struct bucket *bucket_of(struct limiter *limiter, uint64_t peer, int64_t boot_ms) {
    struct bucket *oldest = &limiter->sources[0];
    for (size_t i = 0; i < limiter->count; i++) {
        struct bucket *bucket = &limiter->sources[i];
        if (bucket->peer == peer)
            return bucket;
        if (bucket->filled_ms < oldest->filled_ms)
            oldest = bucket;
    }
    if (limiter->count < LIMITER_SOURCES_MAX)
        oldest = &limiter->sources[limiter->count++];
    *oldest = (struct bucket){
        .peer = peer, .filled_ms = boot_ms, .milli_units = (int64_t)LIMITER_SOURCE_BURST * 1000};
    return oldest;
}

void limiter_start(struct limiter *limiter, int64_t boot_ms) {
    struct bucket full = {.filled_ms = boot_ms, .milli_units = (int64_t)LIMITER_ALL_BURST * 1000};
    *limiter = (struct limiter){.strangers = full, .neighbours = full};
}

bool limiter_allows(struct limiter *limiter, uint64_t peer, bool is_neighbour, int64_t boot_ms,
                    int64_t cost) {
    struct bucket *source = bucket_of(limiter, peer, boot_ms);
    struct bucket *all = is_neighbour ? &limiter->neighbours : &limiter->strangers;
    bucket_fill(source, boot_ms, LIMITER_SOURCE_RATE, LIMITER_SOURCE_BURST);
    bucket_fill(all, boot_ms, LIMITER_ALL_RATE, LIMITER_ALL_BURST);
    if (source->milli_units < cost * 1000 || all->milli_units < cost * 1000)
        return false;
    source->milli_units -= cost * 1000;
    all->milli_units -= cost * 1000;
    return true;
}
