/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The public numbers: SAKKE parameter set 1 (RFC 6509 appendix A) and the order of NIST P-256.
 */
#ifndef MUSTER_CRYPTO_NATIVE_PARAMETERS_H
#define MUSTER_CRYPTO_NATIVE_PARAMETERS_H

#include "crypto/native/residue.h"

/* p = 4q - 1 and the order q of the subgroup; p fills 1024 bits, q has 1022. */
extern const struct modulus sakke_p;
extern const struct modulus sakke_q;

enum {
    SAKKE_ORDER_BITS = 1022
};

/* The generator P of the subgroup and g = <P, P>, in plain form. */
extern const struct residue sakke_generator_x;
extern const struct residue sakke_generator_y;
extern const struct residue sakke_g;

/* The slope l0 + l1 e of a tangent over F_p^2 that tells points of order q (curve.c), in plain
 * form: l0^2 + 3 l1^2 is twice a root of 6 and l0 l1 is 3/2. */
extern const struct residue sakke_slope_0;
extern const struct residue sakke_slope_1;

/* The order n of P-256 (RFC 6507 calls it q). */
extern const struct modulus p256_order;

#endif
