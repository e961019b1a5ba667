/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The Tate-Lichtenbaum pairing <K, R> of RFC 6508 3.2 with a fixed first point: a table holds what
 * depends on K alone. As <K, R> == <R, K>, a receiver key, which is secret, is K.
 *
 * Miller's loop multiplies functions of the multiples of K. In PF_p factors in F_p do not count, so
 * that lines go without denominators and vertical lines can be left out, or taken out: a step of
 * two doublings and an addition of d K, d = -2..2, multiplies f^4 by the one function with the
 * zeros 4(T) + |d|(+-K) + (-4T - d K), which has a pole of order 5 + |d| at infinity. It is a(x) +
 * y b(x) with polynomials as short as that pole says, and one leading coefficient 1:
 *
 *   |d| = 0   a of degree 2                  b of degree 1, leading 1
 *   |d| = 1   a of degree 3, leading 1       b of degree 1
 *   |d| = 2   a of degree 3                  b of degree 2, leading 1
 */
#ifndef MUSTER_CRYPTO_NATIVE_PAIRING_H
#define MUSTER_CRYPTO_NATIVE_PAIRING_H

#include "crypto/native/curve.h"
#include "crypto/native/eight/tables.h"
#include "crypto/native/quadratic.h"

enum {
    PAIRING_STEPS = (SAKKE_ORDER_BITS - 2) / 2 /* of two doublings; one doubling comes before */
};

struct pairing_step {
    struct field_element a[4],
        b[2]; /* from the lowest power; those that are 1 or absent are such */
};

/* The functions of all steps, and of the doubling before them: y + tangent[1] x + tangent[0]. */
struct pairing_steps {
    struct field_element tangent[2];
    struct pairing_step steps[PAIRING_STEPS];
    uint8_t order[PAIRING_STEPS]; /* |d|: public */
};

/* For arithmetic eight at a time the steps lie in four segments, which are gone through side by
 * side: eight/pairing.c. */
enum {
    PAIRING_SEGMENTS = EIGHT / 2,
    PAIRING_SEGMENT_STEPS = (PAIRING_STEPS + 2) / PAIRING_SEGMENTS
};

struct eight_pairing_steps {
    struct eight_element coefficients[PAIRING_SEGMENT_STEPS][3];
    uint8_t order[PAIRING_SEGMENT_STEPS][PAIRING_SEGMENTS];
};

/* Secret as a whole when K is. In the form of the arithmetic that was chosen when it was built. */
struct pairing_table {
    bool eight;
    union {
        struct pairing_steps plain;
        struct eight_pairing_steps eight;
    } form;
};

/* Fills the table for a point K of order q. STATUS_NO_MEMORY. Constant-time in K. */
MUST_CHECK enum status pairing_table_build(struct pairing_table *table,
                                           const struct affine_point *k);

/* <K, R> as an element of PF_p in its F_p form, for R on the curve; for one outside the subgroup of
 * order q it is that of R's part in it. Constant-time in both points. */
void pairing(struct field_element *out, const struct pairing_table *table,
             const struct affine_point *r);

#endif
