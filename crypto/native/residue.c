/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/residue.h"

#include <string.h>

#include "crypto/native/divsteps.h"
#include "crypto/secret.h"

__extension__ typedef unsigned __int128 wide;

enum {
    LIMB_BITS = 64,
    WINDOW_BITS = 4,
    WINDOW_ENTRIES = 1 << WINDOW_BITS
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

/* out = carry:a - m when that is not negative, else a. Requires carry:a < 2m. */
static void subtract_once(struct residue *out, const struct residue *a, uint64_t carry,
                          const struct modulus *m) {
    struct residue difference;
    uint64_t borrow = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)a->limbs[i] - m->value.limbs[i] - borrow;
        difference.limbs[i] = (uint64_t)limb;
        borrow = (uint64_t)(limb >> LIMB_BITS) & 1;
    }
    residue_select(out, 0 - (uint64_t)(carry < borrow), a, &difference);
}

void residue_add(struct residue *out, const struct residue *a, const struct residue *b,
                 const struct modulus *m) {
    struct residue sum;
    uint64_t carry = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)a->limbs[i] + b->limbs[i] + carry;
        sum.limbs[i] = (uint64_t)limb;
        carry = (uint64_t)(limb >> LIMB_BITS);
    }
    subtract_once(out, &sum, carry, m);
}

void residue_subtract(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m) {
    struct residue difference;
    uint64_t borrow = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)a->limbs[i] - b->limbs[i] - borrow;
        difference.limbs[i] = (uint64_t)limb;
        borrow = (uint64_t)(limb >> LIMB_BITS) & 1;
    }
    uint64_t mask = 0 - borrow, carry = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)difference.limbs[i] + (m->value.limbs[i] & mask) + carry;
        out->limbs[i] = (uint64_t)limb;
        carry = (uint64_t)(limb >> LIMB_BITS);
    }
}

/* Product scanning: column i collects a[j] b[i-j] and the multiples of m that clear the columns
 * below 2^1024. With a < 2^1024 and b < m the result before the last subtraction is below 2m. The
 * unrolled loops keep the accumulator in registers. */
void residue_multiply(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m) {
    struct accumulator sum = {0, 0};
    uint64_t multiples[RESIDUE_LIMBS];
    struct residue result;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
#pragma GCC unroll 16
        for (unsigned j = 0; j < i; j++) {
            accumulate(&sum, a->limbs[j], b->limbs[i - j]);
            accumulate(&sum, multiples[j], m->value.limbs[i - j]);
        }
        accumulate(&sum, a->limbs[i], b->limbs[0]);
        multiples[i] = (uint64_t)sum.low * m->negated_inverse;
        accumulate(&sum, multiples[i], m->value.limbs[0]);
        (void)accumulator_shift(&sum);
    }
#pragma GCC unroll 16
    for (unsigned i = RESIDUE_LIMBS; i < 2 * RESIDUE_LIMBS; i++) {
#pragma GCC unroll 16
        for (unsigned j = i - RESIDUE_LIMBS + 1; j < RESIDUE_LIMBS; j++) {
            accumulate(&sum, a->limbs[j], b->limbs[i - j]);
            accumulate(&sum, multiples[j], m->value.limbs[i - j]);
        }
        result.limbs[i - RESIDUE_LIMBS] = accumulator_shift(&sum);
    }
    subtract_once(out, &result, (uint64_t)sum.low, m);
}

/* Adds column i of a * a: each mixed product once, doubled, and the square in the middle. */
static inline void accumulate_square_column(struct accumulator *sum, const struct residue *a,
                                            unsigned i, unsigned first) {
    struct accumulator mixed = {0, 0};
#pragma GCC unroll 16
    for (unsigned j = first; 2 * j < i; j++)
        accumulate(&mixed, a->limbs[j], a->limbs[i - j]);
    accumulate_doubled(sum, &mixed);
    if (i % 2 == 0)
        accumulate(sum, a->limbs[i / 2], a->limbs[i / 2]);
}

void residue_square(struct residue *out, const struct residue *a, const struct modulus *m) {
    struct accumulator sum = {0, 0};
    uint64_t multiples[RESIDUE_LIMBS];
    struct residue result;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        accumulate_square_column(&sum, a, i, 0);
#pragma GCC unroll 16
        for (unsigned j = 0; j < i; j++)
            accumulate(&sum, multiples[j], m->value.limbs[i - j]);
        multiples[i] = (uint64_t)sum.low * m->negated_inverse;
        accumulate(&sum, multiples[i], m->value.limbs[0]);
        (void)accumulator_shift(&sum);
    }
#pragma GCC unroll 16
    for (unsigned i = RESIDUE_LIMBS; i < 2 * RESIDUE_LIMBS - 1; i++) {
        accumulate_square_column(&sum, a, i, i - RESIDUE_LIMBS + 1);
#pragma GCC unroll 16
        for (unsigned j = i - RESIDUE_LIMBS + 1; j < RESIDUE_LIMBS; j++)
            accumulate(&sum, multiples[j], m->value.limbs[i - j]);
        result.limbs[i - RESIDUE_LIMBS] = accumulator_shift(&sum);
    }
    result.limbs[RESIDUE_LIMBS - 1] = accumulator_shift(&sum);
    subtract_once(out, &result, (uint64_t)sum.low, m);
}

static unsigned window_of(const struct residue *exponent, unsigned window) {
    unsigned windows_per_limb = LIMB_BITS / WINDOW_BITS;
    return exponent->limbs[window / windows_per_limb] >> (window % windows_per_limb * WINDOW_BITS) &
           (WINDOW_ENTRIES - 1);
}

void residue_power(struct residue *out, const struct residue *a, const struct residue *exponent,
                   const struct modulus *m) {
    struct residue powers[WINDOW_ENTRIES], result;
    powers[0] = m->radix;
    for (unsigned i = 1; i < WINDOW_ENTRIES; i++)
        residue_multiply(&powers[i], &powers[i - 1], a, m);

    unsigned window = RESIDUE_BITS / WINDOW_BITS - 1;
    while (window > 0 && window_of(exponent, window) == 0)
        window--;
    result = powers[window_of(exponent, window)];
    while (window-- > 0) {
        for (unsigned i = 0; i < WINDOW_BITS; i++)
            residue_square(&result, &result, m);
        unsigned digit = window_of(exponent, window);
        if (digit != 0)
            residue_multiply(&result, &result, &powers[digit], m);
    }
    *out = result;
    secret_wipe(powers, sizeof powers);
    secret_wipe(&result, sizeof result);
}

void residue_invert(struct residue *out, const struct residue *a, const struct modulus *m) {
    /* From a 2^1024 the divsteps make 1/(a 2^1024): two factors of 2^1024 are missing. */
    struct residue inverse;
    divsteps_invert(&inverse, a, m);
    residue_to_montgomery(&inverse, &inverse, m);
    residue_to_montgomery(out, &inverse, m);
    secret_wipe(&inverse, sizeof inverse);
}

void residue_to_montgomery(struct residue *out, const struct residue *a, const struct modulus *m) {
    residue_multiply(out, a, &m->radix_squared, m);
}

void residue_from_montgomery(struct residue *out, const struct residue *a,
                             const struct modulus *m) {
    static const struct residue one = {{1}};
    residue_multiply(out, a, &one, m);
}

void residue_select(struct residue *out, uint64_t mask, const struct residue *a,
                    const struct residue *b) {
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++)
        out->limbs[i] = (a->limbs[i] & mask) | (b->limbs[i] & ~mask);
}

uint64_t residue_is_zero(const struct residue *a) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++)
        bits |= a->limbs[i];
    return ((bits | (0 - bits)) >> (LIMB_BITS - 1)) - 1;
}

uint64_t residue_equal(const struct residue *a, const struct residue *b) {
    struct residue difference;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++)
        difference.limbs[i] = a->limbs[i] ^ b->limbs[i];
    return residue_is_zero(&difference);
}

uint64_t residue_is_below(const struct residue *a, const struct residue *b) {
    uint64_t borrow = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++)
        borrow = (uint64_t)(((wide)a->limbs[i] - b->limbs[i] - borrow) >> LIMB_BITS) & 1;
    return 0 - borrow;
}

uint64_t residue_bit(const struct residue *a, unsigned index) {
    return index < RESIDUE_BITS ? a->limbs[index / LIMB_BITS] >> (index % LIMB_BITS) & 1 : 0;
}

void residue_from_octets(struct residue *out, struct span octets) {
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < octets.length; i++)
        out->limbs[i / 8] |= (uint64_t)octets.octets[octets.length - 1 - i] << (i % 8 * 8);
}

void residue_to_octets(uint8_t *out, size_t length, const struct residue *a) {
    for (size_t i = 0; i < length; i++)
        out[length - 1 - i] = (uint8_t)(a->limbs[i / 8] >> (i % 8 * 8));
}
