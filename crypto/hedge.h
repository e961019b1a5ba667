/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Randomness for a signature, hedged: what is drawn is a keyed hash of octets from the source that
 * was handed in, with the signing key as the key and the message as well. A source that repeats
 * itself (a cloned or restored machine, a broken generator) then repeats no ephemeral for another
 * message or another key, which would give the signing key away; and a source that is good is as
 * good as before.
 */
#ifndef MUSTER_CRYPTO_HEDGE_H
#define MUSTER_CRYPTO_HEDGE_H

#include "crypto/bytes.h"
#include "crypto/entropy.h"

enum {
    HEDGE_KEY_SIZE = 32
};

/* Its fields are its own. It holds pointers to key and message, and no secret. */
struct hedge {
    const struct entropy *entropy;
    const uint8_t *key;
    struct span message;
    uint64_t draws; /* so that a draw that has to be repeated is another one */
};

/* Sets up `state` for one signature and returns the source to draw its ephemeral from: for each 32
 * octets it draws as many from `entropy`, whose failure is its own. `state`, `entropy`, `key` and
 * the octets of `message` outlive it. Constant-time in key, message and what is drawn. */
struct entropy hedge_over(struct hedge *state, const struct entropy *entropy,
                          const uint8_t key[HEDGE_KEY_SIZE], struct span message);

#endif
