/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/air/purse.h"

#include <sodium.h>
#include <string.h>

static const struct purse_size of_one = {PURSE_BURST, PURSE_RATE};
static const struct purse_size of_all = {PURSES_ALL_BURST, PURSES_ALL_RATE};

struct purse purse_full(struct purse_size size, int64_t boot_ms) {
    return (struct purse){.filled_ms = boot_ms, .milli_units = size.burst * UNIT};
}

static void fill(struct purse *purse, struct purse_size size, int64_t boot_ms) {
    int64_t passed = boot_ms - purse->filled_ms;
    int64_t missing = size.burst * UNIT - purse->milli_units;
    if (passed <= 0) {
        return; /* what is read late counts from when it came, and no time fills it twice */
    }
    /* Units a second are milli-units a millisecond; the first comparison keeps the product small.
     */
    purse->milli_units +=
        passed >= missing || passed * size.rate >= missing ? missing : passed * size.rate;
    purse->filled_ms = boot_ms;
}

bool purse_has(struct purse *purse, struct purse_size size, int64_t boot_ms, int64_t milli_units) {
    fill(purse, size, boot_ms);
    return purse->milli_units >= milli_units;
}

bool purse_take(struct purse *purse, struct purse_size size, int64_t boot_ms, int64_t milli_units) {
    if (!purse_has(purse, size, boot_ms, milli_units)) {
        return false;
    }
    purse->milli_units -= milli_units;
    return true;
}

void purse_return(struct purse *purse, struct purse_size size, int64_t milli_units) {
    int64_t missing = size.burst * UNIT - purse->milli_units;
    purse->milli_units += milli_units < missing ? milli_units : missing;
}

int64_t purse_due(const struct purse *purse, struct purse_size size, int64_t milli_units) {
    int64_t missing = milli_units - purse->milli_units;
    return purse->filled_ms + (missing > 0 ? (missing + size.rate - 1) / size.rate : 0);
}

/* The purse of `source`; a new source takes a free place or that of a full purse. */
static struct purse *purse_of(struct purses *purses, uint64_t source, int64_t boot_ms) {
    size_t place = PURSES_MAX;
    for (size_t i = 0; i < purses->count; i++) {
        if (purses->list[i].source == source) {
            return &purses->list[i].purse;
        }
        if (place == PURSES_MAX &&
            purse_has(&purses->list[i].purse, of_one, boot_ms, of_one.burst * UNIT)) {
            place = i;
        }
    }
    if (purses->count < PURSES_MAX) {
        place = purses->count++;
    }
    if (place == PURSES_MAX) {
        return &purses->rest;
    }
    purses->list[place].source = source;
    purses->list[place].purse = purse_full(of_one, boot_ms);
    return &purses->list[place].purse;
}

uint64_t purse_source(const char *identity) {
    return purse_source_at(identity, 0);
}

uint64_t purse_source_at(const char *identity, uint64_t shown) {
    uint8_t hash[crypto_generichash_BYTES_MIN];
    uint64_t source;
    crypto_generichash(hash, sizeof hash, (const uint8_t *)identity, strlen(identity),
                       (const uint8_t *)&shown, sizeof shown);
    memcpy(&source, hash, sizeof source);
    return source;
}

void purses_start(struct purses *purses, int64_t boot_ms) {
    *purses =
        (struct purses){.all = purse_full(of_all, boot_ms), .rest = purse_full(of_one, boot_ms)};
}

bool purses_have(struct purses *purses, uint64_t source, int64_t boot_ms, int64_t milli_units) {
    struct purse *purse = purse_of(purses, source, boot_ms);
    return purse_has(purse, of_one, boot_ms, milli_units) &&
           purse_has(&purses->all, of_all, boot_ms, milli_units);
}

bool purses_take(struct purses *purses, uint64_t source, int64_t boot_ms, int64_t milli_units) {
    if (!purses_have(purses, source, boot_ms, milli_units)) {
        return false;
    }
    purse_of(purses, source, boot_ms)->milli_units -= milli_units;
    purses->all.milli_units -= milli_units;
    return true;
}
