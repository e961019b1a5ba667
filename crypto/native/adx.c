/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multiplication for x86-64 CPUs with BMI2 and ADX, by limbs_adx.S.
 */
#include "crypto/native/arithmetic.h"

#if defined(__x86_64__)

#include "crypto/native/limbs_adx.h"

enum {
    PRODUCT_LIMBS = 2 * RESIDUE_LIMBS
};

/* The bounds are portable.c's: (t + n m) / 2^1024 is below 2m for t below 2^1024 m, so that m goes
 * off at most once, and below 3m for t below 2 m^2. */
static void multiply(struct residue *out, const struct residue *a, const struct residue *b,
                     const struct modulus *m) {
    uint64_t product[PRODUCT_LIMBS];
    adx_product(product, a->limbs, b->limbs);
    uint64_t carry = adx_reduce(out->limbs, product, m->value.limbs, &m->negated_inverse);
    (void)residue_subtract_modulus(out, carry, out, m);
}

static void square(struct residue *out, const struct residue *a, const struct modulus *m) {
    multiply(out, a, a, m);
}

static void multiply_add(struct residue *out, const struct residue *a, const struct residue *b,
                         const struct residue *c, const struct residue *d,
                         const struct modulus *m) {
    uint64_t product[PRODUCT_LIMBS], other[PRODUCT_LIMBS];
    adx_product(product, a->limbs, b->limbs);
    adx_product(other, c->limbs, d->limbs);
    adx_add(product, other);
    uint64_t carry = adx_reduce(out->limbs, product, m->value.limbs, &m->negated_inverse);
    carry = residue_subtract_modulus(out, carry, out, m);
    (void)residue_subtract_modulus(out, carry, out, m);
}

const struct arithmetic adx_arithmetic = {
    .name = "adx", .multiply = multiply, .square = square, .multiply_add = multiply_add};

/* Beside the eight at a time of AVX-512 IFMA, one at a time is done as before. */
const struct arithmetic ifma_arithmetic = {.name = "ifma",
                                           .multiply = multiply,
                                           .square = square,
                                           .multiply_add = multiply_add,
                                           .eight = true};

#endif
