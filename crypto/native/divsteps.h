/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_DIVSTEPS_H
#define MUSTER_CRYPTO_NATIVE_DIVSTEPS_H

#include "crypto/native/residue.h"

/* The inverse of a modulo m, both in plain form; 0 for 0. a is 0..m-1 and may be secret, m is
 * prime. By the divsteps of Bernstein and Yang ("Fast constant-time gcd computation and modular
 * inversion", CHES 2019), in a number of steps that depends on the size of m alone: constant-time
 * in a. */
void divsteps_invert(struct residue *out, const struct residue *a, const struct modulus *m);

#endif
