/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plain ways, without tables: what the fast ones must agree with, on random scalars.
 */
#ifndef MUSTER_TESTS_CRYPTO_PLAIN_H
#define MUSTER_TESTS_CRYPTO_PLAIN_H

#include "crypto/native/curve.h"
#include "crypto/native/quadratic.h"

/* A random scalar, 0..q-1. */
void plain_scalar(const struct entropy *entropy, struct residue *out);

/* <a, b>, bit by bit in Jacobian coordinates, for points of order q. */
void plain_pairing(struct field_element *out, const struct affine_point *a,
                   const struct affine_point *b);

/* [scalar]base by doubling and adding, out = infinity for 0. */
void plain_multiply(struct curve_point *out, const struct affine_point *base,
                    const struct residue *scalar);

/* base^scalar in PF_p by squaring and multiplying. */
void plain_power(struct field_element *out, const struct field_element *base,
                 const struct residue *scalar);

#endif
