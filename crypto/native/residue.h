/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Integers modulo a fixed odd modulus of at most 1024 bits, at the fixed width of 16 limbs, in
 * plain or in Montgomery form (x is held as x * 2^1024 mod m). Everything here is constant-time in
 * the values; moduli and exponents are public. An output may be the same object as an input.
 *
 * Ranges: unless a comment says otherwise inputs are 0..m-1 and so are outputs. A mask is all ones
 * for yes and 0 for no.
 */
#ifndef MUSTER_CRYPTO_NATIVE_RESIDUE_H
#define MUSTER_CRYPTO_NATIVE_RESIDUE_H

#include "crypto/bytes.h"

enum {
    RESIDUE_LIMBS = 16,
    RESIDUE_BITS = 1024,
    RESIDUE_OCTETS = 128
};

/* Limbs of 64 bits, the least significant first. */
struct residue {
    uint64_t limbs[RESIDUE_LIMBS];
};

struct modulus {
    struct residue value;         /* m: odd, over 3 */
    struct residue radix;         /* 2^1024 mod m: 1 in Montgomery form */
    struct residue radix_squared; /* 2^2048 mod m */
    uint64_t negated_inverse;     /* -1/m mod 2^64 */
    unsigned bits;                /* how many m has */
};

/* a + b, a - b modulo m; in either form. */
void residue_add(struct residue *out, const struct residue *a, const struct residue *b,
                 const struct modulus *m);
void residue_subtract(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m);

/* The Montgomery product a * b / 2^1024 mod m. One of a and b may be any 1024-bit value. */
void residue_multiply(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m);

/* The Montgomery square a * a / 2^1024 mod m. */
void residue_square(struct residue *out, const struct residue *a, const struct modulus *m);

/* The Montgomery form of a sum of products, (a * b + c * d) / 2^1024 mod m, reduced once. For
 * 2 m^2 < 2^2048. */
void residue_multiply_add(struct residue *out, const struct residue *a, const struct residue *b,
                          const struct residue *c, const struct residue *d,
                          const struct modulus *m);

/* The last step of those: out = carry 2^1024 + a - m when that is not negative, else a; the carry
 * that is left is returned. */
uint64_t residue_subtract_modulus(struct residue *out, uint64_t carry, const struct residue *a,
                                  const struct modulus *m);

/* a^exponent, a and the result in Montgomery form; the exponent is any 1024-bit value, over 0, and
 * public. */
void residue_power(struct residue *out, const struct residue *a, const struct residue *exponent,
                   const struct modulus *m);

/* 1/a for a prime m, in Montgomery form; 0 for 0. */
void residue_invert(struct residue *out, const struct residue *a, const struct modulus *m);

/* The Jacobi symbol (a/m) of a plain integer and an odd one: 1, -1, or 0 when they have a divisor
 * in common. Not constant-time: for public integers. */
int residue_jacobi_public(const struct residue *a, const struct residue *m);

/* Into and out of Montgomery form. The input may be any 1024-bit value: out and back reduces. */
void residue_to_montgomery(struct residue *out, const struct residue *a, const struct modulus *m);
void residue_from_montgomery(struct residue *out, const struct residue *a, const struct modulus *m);

/* a where the mask is set, b where it is not. Any 1024-bit values. */
void residue_select(struct residue *out, uint64_t mask, const struct residue *a,
                    const struct residue *b);

/* Masks for a == 0, a == b, a < b. Any 1024-bit values. */
uint64_t residue_is_zero(const struct residue *a);
uint64_t residue_equal(const struct residue *a, const struct residue *b);
uint64_t residue_is_below(const struct residue *a, const struct residue *b);

/* Bit `index` of a; 0 from RESIDUE_BITS on. Constant-time in a, not in the index. */
uint64_t residue_bit(const struct residue *a, unsigned index);

/* Big-endian octets to an integer and back. `octets` holds at most RESIDUE_OCTETS; nothing is
 * reduced. Writing keeps leading zeros and the low 8 * `length` bits, `length` at most
 * RESIDUE_OCTETS. */
void residue_from_octets(struct residue *out, struct span octets);
void residue_to_octets(uint8_t *out, size_t length, const struct residue *a);

#endif
