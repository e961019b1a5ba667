/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What limbs_adx.S gives to adx.c. Limbs of 64 bits, the least significant first; constant-time.
 */
#ifndef MUSTER_CRYPTO_NATIVE_LIMBS_ADX_H
#define MUSTER_CRYPTO_NATIVE_LIMBS_ADX_H

#include <stdint.h>

/* out = a b; out is neither. */
void adx_product(uint64_t out[32], const uint64_t a[16], const uint64_t b[16]);

/* a += b; what carries out of the 32 limbs is lost: a sum of two products of residues has none
 * where 2 m^2 < 2^2048, as for p, q and n. */
void adx_add(uint64_t a[32], const uint64_t b[32]);

/* (t + n m) / 2^1024 for the n in 0..2^1024-1 that makes it exact: its low 1024 bits to out, what
 * is above them returned. t is used up. */
uint64_t adx_reduce(uint64_t out[16], uint64_t t[32], const uint64_t m[16],
                    const uint64_t *negated_inverse);

#endif
