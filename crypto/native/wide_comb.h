/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multiples of one point by many secret scalars at once, in constant time: a comb (comb.h) of more
 * blocks and fewer columns, so that nearly all that is left to do is adding up the digits. They are
 * added in affine form, pair by pair, and all pairs of all scalars share one inversion
 * (Montgomery's trick): an addition costs 21 thousand instructions of the portable arithmetic
 * instead of 38 thousand.
 *
 * The sum by a chord has exceptions: two points of the same x. Digits at different places never
 * make one but by a coincidence modulo q, which a secret scalar hits with a probability of 2^-1000.
 * It is noticed, and then the scalars are multiplied one by one.
 */
#ifndef MUSTER_CRYPTO_NATIVE_WIDE_COMB_H
#define MUSTER_CRYPTO_NATIVE_WIDE_COMB_H

#include "crypto/native/comb.h"

enum {
    WIDE_COLUMNS = 4,
    WIDE_BLOCKS = COMB_SPACING / WIDE_COLUMNS,
    WIDE_SCALARS = 8, /* at once */
    WIDE_ROWS = WIDE_SCALARS * WIDE_COLUMNS,
    WIDE_PAIRS = WIDE_ROWS * WIDE_BLOCKS / 2
};

/* 622 kB. */
struct wide_comb {
    struct affine_point sums[WIDE_BLOCKS][COMB_SUMS];
};

/* What is computed with: secret, and too large for the stack. */
struct wide_work {
    struct affine_point digits[WIDE_ROWS][WIDE_BLOCKS]; /* a row for each column of each scalar */
    struct field_element inverses[WIDE_PAIRS], products[WIDE_PAIRS];
};

/* Fills the comb; the base is public. */
void wide_comb_build(struct wide_comb *comb, const struct affine_point *base);

/* out[i] = [scalars[i]]base for `count` scalars, 1 to WIDE_SCALARS, each 1..q-1 and secret. False
 * in the case that the chord has no answer for; then *out holds nothing of use. The caller wipes
 * *work. */
MUST_CHECK bool wide_comb_multiply(size_t count, struct affine_point out[],
                                   const struct wide_comb *comb, const struct residue scalars[],
                                   struct wide_work *work);

#endif
