/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * F_p^2 = F_p[i] with i^2 = -1, and PF_p, its non-zero elements up to factors in F_p (RFC 6508
 * 2.1): an element of PF_p is written as a1/a0. Constant-time; elements are 0..p-1 in each part; an
 * output may be the same object as an input.
 */
#ifndef MUSTER_CRYPTO_NATIVE_QUADRATIC_H
#define MUSTER_CRYPTO_NATIVE_QUADRATIC_H

#include "crypto/native/field.h"

/* real + imaginary * i */
struct quadratic {
    struct field_element real, imaginary;
};

void quadratic_multiply(struct quadratic *out, const struct quadratic *a,
                        const struct quadratic *b);
void quadratic_square(struct quadratic *out, const struct quadratic *a);

/* The representative of a in F_p: imaginary / real; 0 when the real part is 0. */
void quadratic_ratio(struct field_element *out, const struct quadratic *a);

/* Powers of one element of PF_p by a comb: the exponent's bits are read in COMB_TEETH rows of
 * COMB_COLUMNS, and sums[j-1] belongs to the rows in the bits of j. */
enum {
    COMB_TEETH = 5,
    COMB_COLUMNS = 205,
    COMB_SUMS = (1 << COMB_TEETH) - 1
};

/* The bits of `scalar` (0..q-1, secret) in one column, as a number 0..COMB_SUMS. */
uint64_t comb_digit(const struct residue *scalar, unsigned column);

/* All ones when a == b, both below 2^63. */
uint64_t comb_equal(uint64_t a, uint64_t b);

struct power_comb {
    struct field_element powers[COMB_SUMS];
};

/* Fills the comb for `base` (in its F_p form, of order q); public. */
void power_comb_build(struct power_comb *comb, const struct field_element *base);

/* base^scalar in its F_p form, scalar 0..q-1 and secret. */
void power_comb_raise(struct field_element *out, const struct power_comb *comb,
                      const struct residue *scalar);

#endif
