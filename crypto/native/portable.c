/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Multiplication in C for any 64-bit CPU. Ranges: in residue.h, and at each step below.
 */
#include "crypto/native/arithmetic.h"

__extension__ typedef unsigned __int128 wide;

enum {
    LIMB_BITS = 64
};

/* A sum of limb products: three limbs hold over 2^64 of them. */
struct accumulator {
    wide low;
    uint64_t high;
};

static inline void accumulate(struct accumulator *sum, uint64_t a, uint64_t b) {
    wide product = (wide)a * b;
    sum->low += product;
    sum->high += sum->low < product;
}

/* Takes the lowest limb off the sum. */
static inline uint64_t accumulator_shift(struct accumulator *sum) {
    uint64_t limb = (uint64_t)sum->low;
    sum->low = (sum->low >> LIMB_BITS) | ((wide)sum->high << LIMB_BITS);
    sum->high = 0;
    return limb;
}

/* Adds twice `other`, which must be under 2^191. */
static inline void accumulate_doubled(struct accumulator *sum, const struct accumulator *other) {
    wide doubled = other->low << 1;
    sum->high += (other->high << 1) | (uint64_t)(other->low >> 127);
    sum->low += doubled;
    sum->high += sum->low < doubled;
}

/* What is left of the reduction: the limb that each column below 2^1024 is cleared with. */
static inline void clear_column(struct accumulator *sum, uint64_t multiples[RESIDUE_LIMBS],
                                unsigned i, const struct modulus *m) {
#pragma GCC unroll 16
    for (unsigned j = 0; j < i; j++) {
        accumulate(sum, multiples[j], m->value.limbs[i - j]);
    }
    multiples[i] = (uint64_t)sum->low * m->negated_inverse;
    accumulate(sum, multiples[i], m->value.limbs[0]);
    (void)accumulator_shift(sum);
}

/* Column i from 2^1024 on of the multiples that cleared the others, and the finished limb. */
static inline uint64_t finish_column(struct accumulator *sum,
                                     const uint64_t multiples[RESIDUE_LIMBS], unsigned i,
                                     const struct modulus *m) {
#pragma GCC unroll 16
    for (unsigned j = i - RESIDUE_LIMBS + 1; j < RESIDUE_LIMBS; j++) {
        accumulate(sum, multiples[j], m->value.limbs[i - j]);
    }
    return accumulator_shift(sum);
}

/* Column i of a b: the products a[j] b[i-j] for j from `first` to `last`. */
static inline void accumulate_column(struct accumulator *sum, const struct residue *a,
                                     const struct residue *b, unsigned i, unsigned first,
                                     unsigned last) {
#pragma GCC unroll 16
    for (unsigned j = first; j <= last; j++) {
        accumulate(sum, a->limbs[j], b->limbs[i - j]);
    }
}

/* Column i of a a: each mixed product once, doubled, and the square in the middle. */
static inline void accumulate_square_column(struct accumulator *sum, const struct residue *a,
                                            unsigned i, unsigned first) {
    struct accumulator mixed = {0, 0};
#pragma GCC unroll 16
    for (unsigned j = first; 2 * j < i; j++) {
        accumulate(&mixed, a->limbs[j], a->limbs[i - j]);
    }
    accumulate_doubled(sum, &mixed);
    if (i % 2 == 0) {
        accumulate(sum, a->limbs[i / 2], a->limbs[i / 2]);
    }
}

/* The three functions scan the product by columns, from the lowest; a column's products and the
 * multiples of m that clear the lower half add up in one accumulator. The unrolled loops keep it in
 * registers.
 *
 * Bounds. A column of multiply_add holds up to 48 products below 2^128 and a carry, less than
 * 2^134: three limbs do. With n the multiples, below 2^1024, the columns from 2^1024 on are (a b +
 * c d + n m) / 2^1024. For a below 2^1024 and b below m, c and d absent, that is below 2m; for four
 * factors below m it is below 2 m (m / 2^1024) + m < 3m, and 3m < 2^1026 leaves a carry of at most
 * 2 above the 16 limbs. So m is subtracted once, or twice at most. */
enum {
    LAST = RESIDUE_LIMBS - 1
};

static void multiply(struct residue *out, const struct residue *a, const struct residue *b,
                     const struct modulus *m) {
    struct accumulator sum = {0, 0};
    uint64_t multiples[RESIDUE_LIMBS];
    struct residue result;
#pragma GCC unroll 16
    for (unsigned i = 0; i <= LAST; i++) {
        accumulate_column(&sum, a, b, i, 0, i);
        clear_column(&sum, multiples, i, m);
    }
#pragma GCC unroll 16
    for (unsigned i = LAST + 1; i < 2 * LAST + 1; i++) {
        accumulate_column(&sum, a, b, i, i - LAST, LAST);
        result.limbs[i - RESIDUE_LIMBS] = finish_column(&sum, multiples, i, m);
    }
    result.limbs[LAST] = accumulator_shift(&sum);
    (void)residue_subtract_modulus(out, (uint64_t)sum.low, &result, m);
}

static void square(struct residue *out, const struct residue *a, const struct modulus *m) {
    struct accumulator sum = {0, 0};
    uint64_t multiples[RESIDUE_LIMBS];
    struct residue result;
#pragma GCC unroll 16
    for (unsigned i = 0; i <= LAST; i++) {
        accumulate_square_column(&sum, a, i, 0);
        clear_column(&sum, multiples, i, m);
    }
#pragma GCC unroll 16
    for (unsigned i = LAST + 1; i < 2 * LAST + 1; i++) {
        accumulate_square_column(&sum, a, i, i - LAST);
        result.limbs[i - RESIDUE_LIMBS] = finish_column(&sum, multiples, i, m);
    }
    result.limbs[LAST] = accumulator_shift(&sum);
    (void)residue_subtract_modulus(out, (uint64_t)sum.low, &result, m);
}

static void multiply_add(struct residue *out, const struct residue *a, const struct residue *b,
                         const struct residue *c, const struct residue *d,
                         const struct modulus *m) {
    struct accumulator sum = {0, 0};
    uint64_t multiples[RESIDUE_LIMBS];
    struct residue result;
#pragma GCC unroll 16
    for (unsigned i = 0; i <= LAST; i++) {
        accumulate_column(&sum, a, b, i, 0, i);
        accumulate_column(&sum, c, d, i, 0, i);
        clear_column(&sum, multiples, i, m);
    }
#pragma GCC unroll 16
    for (unsigned i = LAST + 1; i < 2 * LAST + 1; i++) {
        accumulate_column(&sum, a, b, i, i - LAST, LAST);
        accumulate_column(&sum, c, d, i, i - LAST, LAST);
        result.limbs[i - RESIDUE_LIMBS] = finish_column(&sum, multiples, i, m);
    }
    result.limbs[LAST] = accumulator_shift(&sum);
    uint64_t carry = residue_subtract_modulus(&result, (uint64_t)sum.low, &result, m);
    (void)residue_subtract_modulus(out, carry, &result, m);
}

const struct arithmetic portable_arithmetic = {
    .name = "portable", .multiply = multiply, .square = square, .multiply_add = multiply_add};
