/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/residue.h"

#include <string.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include "crypto/native/arithmetic.h"
#include "crypto/native/divsteps.h"
#include "crypto/secret.h"

__extension__ typedef unsigned __int128 wide;

enum {
    LIMB_BITS = 64,
    WINDOW_BITS = 4,
    WINDOW_ENTRIES = 1 << WINDOW_BITS
};

/* out = a + b and out = a - b on all limbs; what carries out of them is returned. Every x86-64 CPU
 * has a carry flag, of which the compiler makes nothing by itself. */
#if defined(__x86_64__)

static inline uint64_t limbs_add(uint64_t out[RESIDUE_LIMBS], const uint64_t a[RESIDUE_LIMBS],
                                 const uint64_t b[RESIDUE_LIMBS]) {
    unsigned char carry = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        unsigned long long limb;
        carry = _addcarry_u64(carry, a[i], b[i], &limb);
        out[i] = limb;
    }
    return carry;
}

static inline uint64_t limbs_subtract(uint64_t out[RESIDUE_LIMBS], const uint64_t a[RESIDUE_LIMBS],
                                      const uint64_t b[RESIDUE_LIMBS]) {
    unsigned char borrow = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        unsigned long long limb;
        borrow = _subborrow_u64(borrow, a[i], b[i], &limb);
        out[i] = limb;
    }
    return borrow;
}
#else
static inline uint64_t limbs_add(uint64_t out[RESIDUE_LIMBS], const uint64_t a[RESIDUE_LIMBS],
                                 const uint64_t b[RESIDUE_LIMBS]) {
    uint64_t carry = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)a[i] + b[i] + carry;
        out[i] = (uint64_t)limb;
        carry = (uint64_t)(limb >> LIMB_BITS);
    }
    return carry;
}

static inline uint64_t limbs_subtract(uint64_t out[RESIDUE_LIMBS], const uint64_t a[RESIDUE_LIMBS],
                                      const uint64_t b[RESIDUE_LIMBS]) {
    uint64_t borrow = 0;
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        wide limb = (wide)a[i] - b[i] - borrow;
        out[i] = (uint64_t)limb;
        borrow = (uint64_t)(limb >> LIMB_BITS) & 1;
    }
    return borrow;
}
#endif

/* out = a + m where the mask is set, else a; the carry is returned. */
static uint64_t add_masked(struct residue *out, const struct residue *a, const struct modulus *m,
                           uint64_t mask) {
    uint64_t masked[RESIDUE_LIMBS];
#pragma GCC unroll 16
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        masked[i] = m->value.limbs[i] & mask;
    }
    return limbs_add(out->limbs, a->limbs, masked);
}

/* The difference is negative just when it borrows more than there is to carry; then m goes back on.
 */
uint64_t residue_subtract_modulus(struct residue *out, uint64_t carry, const struct residue *a,
                                  const struct modulus *m) {
    struct residue difference;
    uint64_t borrow = limbs_subtract(difference.limbs, a->limbs, m->value.limbs);
    return carry - borrow + add_masked(out, &difference, m, 0 - (uint64_t)(carry < borrow));
}

/* a + b is 0..2m-2, below 2^1025: a carry of 0 or 1, and m goes off at most once. */
void residue_add(struct residue *out, const struct residue *a, const struct residue *b,
                 const struct modulus *m) {
    struct residue sum;
    uint64_t carry = limbs_add(sum.limbs, a->limbs, b->limbs);
    (void)residue_subtract_modulus(out, carry, &sum, m);
}

/* a - b is 1-m..m-1: m goes on once where it borrows, and what carries out is that borrow back. */
void residue_subtract(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m) {
    struct residue difference;
    uint64_t borrow = limbs_subtract(difference.limbs, a->limbs, b->limbs);
    (void)add_masked(out, &difference, m, 0 - borrow);
}

void residue_multiply(struct residue *out, const struct residue *a, const struct residue *b,
                      const struct modulus *m) {
    arithmetic_chosen()->multiply(out, a, b, m);
}

void residue_square(struct residue *out, const struct residue *a, const struct modulus *m) {
    arithmetic_chosen()->square(out, a, m);
}

void residue_multiply_add(struct residue *out, const struct residue *a, const struct residue *b,
                          const struct residue *c, const struct residue *d,
                          const struct modulus *m) {
    arithmetic_chosen()->multiply_add(out, a, b, c, d, m);
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
    for (unsigned i = 1; i < WINDOW_ENTRIES; i++) {
        residue_multiply(&powers[i], &powers[i - 1], a, m);
    }

    unsigned window = RESIDUE_BITS / WINDOW_BITS - 1;
    while (window > 0 && window_of(exponent, window) == 0) {
        window--;
    }
    result = powers[window_of(exponent, window)];
    while (window-- > 0) {
        for (unsigned i = 0; i < WINDOW_BITS; i++) {
            residue_square(&result, &result, m);
        }
        unsigned digit = window_of(exponent, window);
        if (digit != 0) {
            residue_multiply(&result, &result, &powers[digit], m);
        }
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
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        out->limbs[i] = (a->limbs[i] & mask) | (b->limbs[i] & ~mask);
    }
}

uint64_t residue_is_zero(const struct residue *a) {
    uint64_t bits = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        bits |= a->limbs[i];
    }
    return ((bits | (0 - bits)) >> (LIMB_BITS - 1)) - 1;
}

uint64_t residue_equal(const struct residue *a, const struct residue *b) {
    struct residue difference;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        difference.limbs[i] = a->limbs[i] ^ b->limbs[i];
    }
    return residue_is_zero(&difference);
}

uint64_t residue_is_below(const struct residue *a, const struct residue *b) {
    uint64_t borrow = 0;
    for (unsigned i = 0; i < RESIDUE_LIMBS; i++) {
        borrow = (uint64_t)(((wide)a->limbs[i] - b->limbs[i] - borrow) >> LIMB_BITS) & 1;
    }
    return 0 - borrow;
}

uint64_t residue_bit(const struct residue *a, unsigned index) {
    return index < RESIDUE_BITS ? a->limbs[index / LIMB_BITS] >> (index % LIMB_BITS) & 1 : 0;
}

void residue_from_octets(struct residue *out, struct span octets) {
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < octets.length; i++) {
        out->limbs[i / 8] |= (uint64_t)octets.octets[octets.length - 1 - i] << (i % 8 * 8);
    }
}

void residue_to_octets(uint8_t *out, size_t length, const struct residue *a) {
    for (size_t i = 0; i < length; i++) {
        out[length - 1 - i] = (uint8_t)(a->limbs[i / 8] >> (i % 8 * 8));
    }
}
