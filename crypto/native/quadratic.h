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

/* out *= 1 + ratio * i. */
void quadratic_multiply_by_ratio(struct quadratic *out, const struct field_element *ratio);

#endif
