/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Ways to change a message on its way, for the tests that no change goes unnoticed.
 */
#ifndef MUSTER_TESTS_CRYPTO_TAMPERING_H
#define MUSTER_TESTS_CRYPTO_TAMPERING_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"

enum {
    TAMPERED_MAX = 2048
};

/* Changes `original` once, in a way drawn from `entropy`: an octet replaced, a run of octets
 * removed, doubled, exchanged, zeroed or made random, or the end cut off or added to. The result,
 * which differs from the original, is in octets[TAMPERED_MAX]. */
struct span tamper(struct span original, const struct entropy *entropy,
                   uint8_t octets[TAMPERED_MAX]);

/* A number below `limit`. */
size_t draw_below(const struct entropy *entropy, size_t limit);

#endif
