/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multiples of fixed points and powers of fixed elements, by secret scalars in constant time:
 * combs.
 *
 * A scalar k is written with digits 1 and -1 alone: k = 2e - (2^1064 - 1) modulo q, where bit i of
 * e says whether 2^i is added or taken away. The 1064 places lie in 7 rows (teeth) of 8 blocks of
 * 19 columns: place t * 152 + b * 19 + c is tooth t, block b, column c. A comb holds for each block
 * the 64 sums of its teeth in column 0 that have the last tooth added; the others are their
 * negatives. So each of the 152 digits, all teeth at one place, adds one sum or its negative, and
 * none of them adds nothing.
 */
#ifndef MUSTER_CRYPTO_NATIVE_COMB_H
#define MUSTER_CRYPTO_NATIVE_COMB_H

#include "crypto/native/curve.h"
#include "crypto/native/eight/tables.h"
#include "crypto/native/quadratic.h"

enum {
    COMB_TEETH = 7,
    COMB_BLOCKS = 8,
    COMB_COLUMNS = 19,
    COMB_SPACING = COMB_BLOCKS * COMB_COLUMNS, /* from a tooth to the next */
    COMB_SUMS = 1 << (COMB_TEETH - 1),
    COMB_BLOCKS_MAX = 38 /* of combs of other blocks and columns (wide_comb.h) */
};

/* e of `scalar`, which is 0..q-1. */
void comb_recode(struct residue *out, const struct residue *scalar);

/* One digit: the sum of that index, 0..COMB_SUMS-1, to be added, or taken away where the mask
 * `negative` is set. */
struct comb_digit {
    uint64_t index, negative;
};

struct comb_digit comb_digit(const struct residue *recoded, unsigned block, unsigned column);

/* The digit of that place, 0..COMB_SPACING-1. */
struct comb_digit comb_digit_at(const struct residue *recoded, unsigned place);

/* The sum that the digit adds, of its block's; all of them are read. */
void comb_look_up(struct affine_point *out, const struct affine_point sums[COMB_SUMS],
                  struct comb_digit digit);

/* The sums of each of `blocks` blocks, which divide COMB_SPACING and are COMB_BLOCKS_MAX at most;
 * the base is public. */
void comb_sums(struct affine_point (*sums)[COMB_SUMS], unsigned blocks,
               const struct affine_point *base);

/* For a point of order q; in the form of the arithmetic that was chosen when it was built. */
struct curve_comb {
    bool eight;
    union {
        struct affine_point sums[COMB_BLOCKS][COMB_SUMS];
        struct eight_element eight[COMB_SUMS][2];
    } table;
};

/* Fills the comb; the base is public. */
void curve_comb_build(struct curve_comb *comb, const struct affine_point *base);

/* [scalar]base, scalar 0..q-1 and secret. */
void curve_comb_multiply(struct curve_point *out, const struct curve_comb *comb,
                         const struct residue *scalar);

/* [scalar_a]base_a + [scalar_b]base_b, scalars 0..q-1 and secret. */
void curve_comb_multiply_pair(struct curve_point *out, const struct curve_comb *comb_a,
                              const struct residue *scalar_a, const struct curve_comb *comb_b,
                              const struct residue *scalar_b);

/* The same for EIGHT pairs of scalars: fastest where the arithmetic goes eight at a time. */
void curve_comb_multiply_pair_each(struct curve_point out[EIGHT], const struct curve_comb *comb_a,
                                   const struct residue scalars_a[EIGHT],
                                   const struct curve_comb *comb_b,
                                   const struct residue scalars_b[EIGHT]);

/* For an element of PF_p of order q, in its F_p form; as above. */
struct power_comb {
    bool eight;
    union {
        struct field_element powers[COMB_BLOCKS][COMB_SUMS];
        struct eight_element eight[COMB_SUMS];
    } table;
};

/* Fills the comb; the base is public. */
void power_comb_build(struct power_comb *comb, const struct field_element *base);

/* base^scalar, scalar 0..q-1 and secret. */
void power_comb_raise(struct quadratic *out, const struct power_comb *comb,
                      const struct residue *scalar);
void power_comb_raise_each(struct quadratic out[EIGHT], const struct power_comb *comb,
                           const struct residue scalars[EIGHT]);

#endif
