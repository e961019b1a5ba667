/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SAKKE's curve E: y^2 = x^3 - 3x over F_p (RFC 6508 2.1, parameter set 1). E(F_p) is cyclic of
 * order 4q; keys and encapsulations are points of its subgroup of order q.
 *
 * All coordinates are 0..p-1. Everything is constant-time in scalars and coordinates. An output may
 * be the same object as an input.
 */
#ifndef MUSTER_CRYPTO_NATIVE_CURVE_H
#define MUSTER_CRYPTO_NATIVE_CURVE_H

#include "crypto/native/quadratic.h"
#include "crypto/provider.h"

/* A point that is not at infinity. */
struct affine_point {
    struct field_element x, y;
};

/* The point (x/z, y/z); infinity has z = 0 and y not 0. */
struct curve_point {
    struct field_element x, y, z;
};

/* The generator P of the subgroup. */
void curve_generator(struct affine_point *out);

/* Is the point on the curve, and is it in the subgroup of order q? Only the answer is public.
 * curve_in_subgroup takes points on the curve only. */
bool curve_is_on(const struct affine_point *point);
bool curve_in_subgroup(const struct affine_point *point);

/* 04 || x || y (RFC 6509 appendix A, SEC1 uncompressed) and back. Reading gives
 * STATUS_POINT_INVALID, and zeros in *out, for anything but a point of order q in its one spelling;
 * of a point that is one, which may be a secret key, nothing shows. */
MUST_CHECK enum status curve_read(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out);
void curve_write(uint8_t out[SAKKE_POINT_SIZE], const struct affine_point *point);

/* Complete sums for points of the subgroup: no pair is an exception, infinity included. */
void curve_from_affine(struct curve_point *out, const struct affine_point *point);
void curve_double(struct curve_point *out, const struct curve_point *point);
void curve_add(struct curve_point *out, const struct curve_point *a, const struct curve_point *b);
void curve_add_affine(struct curve_point *out, const struct curve_point *a,
                      const struct affine_point *b);

/* (0, 0) for infinity; curve_is_infinity gives a mask. */
void curve_to_affine(struct affine_point *out, const struct curve_point *point);
uint64_t curve_is_infinity(const struct curve_point *point);

/* Is it the same point? A mask. */
uint64_t curve_equals_affine(const struct curve_point *a, const struct affine_point *b);

/* Multiples of one base point, read like power_comb. */
struct curve_comb {
    struct affine_point sums[COMB_SUMS];
};

/* Fills the comb for a point of the subgroup; the base is public. */
void curve_comb_build(struct curve_comb *comb, const struct affine_point *base);

/* [scalar]base, scalar 0..q-1 and secret. */
void curve_comb_multiply(struct curve_point *out, const struct curve_comb *comb,
                         const struct residue *scalar);

/* [scalar_a]base_a + [scalar_b]base_b, scalars 0..q-1 and secret. */
void curve_comb_multiply_pair(struct curve_point *out, const struct curve_comb *comb_a,
                              const struct residue *scalar_a, const struct curve_comb *comb_b,
                              const struct residue *scalar_b);

#endif
