/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where random octets come from. The handset engine and the crypto modules draw from the source
 * that they are handed, so that a simulation replays exactly and a test can repeat a vector.
 */
#ifndef MUSTER_CRYPTO_ENTROPY_H
#define MUSTER_CRYPTO_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/status.h"

struct entropy {
    /* Fills out[length]. STATUS_LIBRARY_FAILED when there is no randomness to be had. */
    enum status (*draw)(void *context, uint8_t *out, size_t length);
    void *context;
};

/* Fills out[length] from `entropy`; on failure out is zeroed and must not be used. */
MUST_CHECK enum status entropy_draw(const struct entropy *entropy, uint8_t *out, size_t length);

/* The operating system's source (getrandom): nothing of it is kept in this process. */
extern const struct entropy entropy_system;

/* A seeded source for simulations, demonstrations and tests: the octets are a function of the seed
 * alone (ChaCha20). Never for a handset in the field. */
struct entropy_seeded {
    uint8_t key[32];
    uint64_t blocks;
};

/* Sets up `state` from `seed` and returns the source that draws from it; `state` must outlive it.
 */
struct entropy entropy_from_seed(struct entropy_seeded *state, uint64_t seed);

#endif
