/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * F_p eight elements at a time, one a lane, in 20 limbs of 52 bits and with 2^1040 as the radix of
 * Montgomery's form. Constant-time. An output may be the same object as an input.
 *
 * Elements are not reduced. At each function stands how large its inputs may be and its output is,
 * as a multiple of p. p is below 0.6 * 2^1024, so that 1040 bits have room for 100 000 p.
 */
#ifndef MUSTER_CRYPTO_NATIVE_EIGHT_FIELD_H
#define MUSTER_CRYPTO_NATIVE_EIGHT_FIELD_H

#include "crypto/native/eight/lanes.h"
#include "crypto/native/field.h"

enum {
    EIGHT_OFFSET = 32 /* what differences are kept positive with, times p */
};

struct eight {
    lanes limbs[EIGHT_LIMBS];
};

extern const uint64_t eight_offset[EIGHT_LIMBS]; /* 32p */

/* Between the forms. Packed elements are below 2p; unpacked ones are taken below 100 000 p. */
void eight_pack(struct eight *out, const struct field_element elements[EIGHT]);
void eight_unpack(struct field_element out[EIGHT], const struct eight *a);

/* 1 in every lane. Below p. */
void eight_one(struct eight *out);

/* For inputs a < A p and so on with A B (and A B + C D) < 100 000: below 2p. Montgomery's reduction
 * makes at most (A B p^2 + 2^1040 p) / 2^1040 < (A B 2^-16 * 0.6 + 1) p < 2p of them. */
void eight_multiply(struct eight *out, const struct eight *a, const struct eight *b);
void eight_multiply_add(struct eight *out, const struct eight *a, const struct eight *b,
                        const struct eight *c, const struct eight *d);

static inline void eight_square(struct eight *out, const struct eight *a) {
    eight_multiply(out, a, a);
}

/* Limbs that were added and taken away, at most a few, back to 52 bits each. The value must be in
 * 0..2^1040-1; single limbs may be negative. */
static inline void eight_carry(struct eight *a) {
    const lanes mask = lanes_all((UINT64_C(1) << EIGHT_LIMB_BITS) - 1);
    lanes carry = lanes_all(0);
#pragma GCC unroll 20
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        lanes limb = a->limbs[i] + carry;
        carry = lanes_shift_signed(limb, EIGHT_LIMB_BITS);
        a->limbs[i] = limb & mask;
    }
}

/* a + b: below (A + B) p. */
static inline void eight_add(struct eight *out, const struct eight *a, const struct eight *b) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = a->limbs[i] + b->limbs[i];
    }
    eight_carry(out);
}

/* a - b + 32p for b <= 32p: below (A + 32) p. */
static inline void eight_subtract(struct eight *out, const struct eight *a, const struct eight *b) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = a->limbs[i] - b->limbs[i] + lanes_all(eight_offset[i]);
    }
    eight_carry(out);
}

/* 32p - a for a <= 32p: at most 32p. */
static inline void eight_negate(struct eight *out, const struct eight *a) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = lanes_all(eight_offset[i]) - a->limbs[i];
    }
    eight_carry(out);
}

/* A small multiple: below factor A p. The factor is below 2^11, so that limbs stay below 2^63. */
static inline void eight_times(struct eight *out, const struct eight *a, uint64_t factor) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = a->limbs[i] * factor;
    }
    eight_carry(out);
}

/* a where the lane's mask is all ones, b where it is 0. */
static inline void eight_select(struct eight *out, lanes mask, const struct eight *a,
                                const struct eight *b) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = (a->limbs[i] & mask) | (b->limbs[i] & ~mask);
    }
}

/* Lane i of the result is lane from[i] of a. */
static inline void eight_permute(struct eight *out, const struct eight *a, lanes from) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = lanes_permute(a->limbs[i], from);
    }
}

#endif
