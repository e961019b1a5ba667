/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Eight 64-bit numbers side by side, and the two AVX-512 IFMA instructions that multiply them.
 * Sums, shifts and logic are the compiler's own on vectors. With EIGHT_EMULATED defined the rest is
 * C too, for any CPU: slow, for tools that do not know these instructions.
 */
#ifndef MUSTER_CRYPTO_NATIVE_EIGHT_LANES_H
#define MUSTER_CRYPTO_NATIVE_EIGHT_LANES_H

#include "crypto/native/eight/tables.h"

typedef uint64_t lanes __attribute__((vector_size(64), may_alias));
typedef int64_t signed_lanes __attribute__((vector_size(64)));

static inline lanes lanes_all(uint64_t value) {
    return (lanes){value, value, value, value, value, value, value, value};
}

/* Shifts each lane as a signed number. */
static inline lanes lanes_shift_signed(lanes a, int bits) {
    return (lanes)((signed_lanes)a >> bits);
}

/* All ones in each lane where a == b. */
static inline lanes lanes_equal(lanes a, lanes b) {
    return (lanes)(a == b);
}

#if defined(EIGHT_EMULATED)

__extension__ typedef unsigned __int128 lanes_product;

static inline lanes lanes_multiply(lanes sum, lanes a, lanes b, unsigned shift) {
    const uint64_t mask = (UINT64_C(1) << 52) - 1;
    for (unsigned i = 0; i < EIGHT; i++) {
        sum[i] += (uint64_t)((lanes_product)(a[i] & mask) * (b[i] & mask) >> shift) & mask;
    }
    return sum;
}

/* sum + the low and the high 52 bits of the product of the low 52 bits of a and of b. */
static inline lanes lanes_multiply_low(lanes sum, lanes a, lanes b) {
    return lanes_multiply(sum, a, b, 0);
}

static inline lanes lanes_multiply_high(lanes sum, lanes a, lanes b) {
    return lanes_multiply(sum, a, b, 52);
}

/* Lane i of the result is lane from[i] of a; `from` is public. */
static inline lanes lanes_permute(lanes a, lanes from) {
    lanes out = a;
    for (unsigned i = 0; i < EIGHT; i++) {
        out[i] = a[from[i]];
    }
    return out;
}

#else

#include <immintrin.h>

static inline lanes lanes_multiply_low(lanes sum, lanes a, lanes b) {
    return (lanes)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline lanes lanes_multiply_high(lanes sum, lanes a, lanes b) {
    return (lanes)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

static inline lanes lanes_permute(lanes a, lanes from) {
    return (lanes)_mm512_permutexvar_epi64((__m512i)from, (__m512i)a);
}

#endif

#endif
