/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SAKKE's curve E: y^2 = x^3 - 3x over F_p (RFC 6508 2.1, parameter set 1). E(F_p) is cyclic of
 * order 4q; keys and encapsulations are points of its subgroup of order q.
 *
 * All coordinates are 0..p-1. Everything is constant-time in coordinates but what is named public.
 * An output may be the same object as an input.
 */
#ifndef MUSTER_CRYPTO_NATIVE_CURVE_H
#define MUSTER_CRYPTO_NATIVE_CURVE_H

#include "crypto/native/field.h"
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

/* Is the point on the curve, and is it in the subgroup of order q? Only the answer is public, but
 * with the third function the point must be too. The last two take points on the curve only. */
bool curve_is_on(const struct affine_point *point);
bool curve_in_subgroup(const struct affine_point *point);
bool curve_in_subgroup_public(const struct affine_point *point);

/* 04 || x || y (RFC 6509 appendix A, SEC1 uncompressed) and back. Reading gives
 * STATUS_POINT_INVALID, and zeros in *out, for anything but a point of order q in its one spelling.
 * Nothing shows of a point that curve_read takes, which may be a secret key. curve_read_any takes
 * points of any order and shows as little. curve_read_public is for public points, and more than
 * twice as fast as curve_read. */
MUST_CHECK enum status curve_read(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out);
MUST_CHECK enum status curve_read_any(const uint8_t octets[SAKKE_POINT_SIZE],
                                      struct affine_point *out);
MUST_CHECK enum status curve_read_public(const uint8_t octets[SAKKE_POINT_SIZE],
                                         struct affine_point *out);
void curve_write(uint8_t out[SAKKE_POINT_SIZE], const struct affine_point *point);

/* Complete sums for points of the subgroup: no pair is an exception, infinity included. */
void curve_from_affine(struct curve_point *out, const struct affine_point *point);
void curve_double(struct curve_point *out, const struct curve_point *point);
void curve_add(struct curve_point *out, const struct curve_point *a, const struct curve_point *b);
void curve_add_affine(struct curve_point *out, const struct curve_point *a,
                      const struct affine_point *b);

/* a + b by the chord, given 1/(xb - xa): not for points of the same x. With the inversion shared
 * by many it costs little more than half of what curve_add_affine does. */
void curve_add_chord(struct affine_point *out, const struct affine_point *a,
                     const struct affine_point *b, const struct field_element *inverse);

/* (0, 0) for infinity; curve_is_infinity gives a mask. */
void curve_to_affine(struct affine_point *out, const struct curve_point *point);
uint64_t curve_is_infinity(const struct curve_point *point);

/* Is it the same point? A mask. */
uint64_t curve_equals_affine(const struct curve_point *a, const struct affine_point *b);

#endif
