/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/eight/field.h"

#define LIMB_MASK ((UINT64_C(1) << EIGHT_LIMB_BITS) - 1)

static const uint64_t modulus[EIGHT_LIMBS] = {
    0xd807afea85feb, 0x10ac7ace87666, 0x9857db080c5df, 0x1f1ffce3e8238, 0xa9f94d6af5697,
    0xcf3c521c3c09a, 0x4a831852a82a7, 0x65681ce1b6aff, 0xb4cd4512ac5cd, 0xd0e26c6487326,
    0x56d27f4a666a6, 0xb39ff7c88a193, 0x531a59cb0e791, 0xfc0f1b228730d, 0xa2ef40aab27e2,
    0xbe9ae358b3e01, 0xc0ce19cb48261, 0x98dad0657a416, 0xa563fda65c611, 0x0000997abb1f0,
};

static const uint64_t negated_inverse = 0x420077c8f2f3d; /* -1/p mod 2^52 */

const uint64_t eight_offset[EIGHT_LIMBS] = {
    0x00f5fd50bfd60, 0x158f59d0eccdb, 0x0afb61018bbe2, 0xe3ff9c7d04713, 0x3f29ad5ead2e3,
    0xe78a438781355, 0x50630a55054f9, 0xad039c36d5fe9, 0x99a8a2558b9ac, 0x1c4d8c90e64d6,
    0xda4fe94ccd4da, 0x73fef9114326a, 0x634b3961cf236, 0x81e36450e61aa, 0x5de815564fc5f,
    0xd35c6b167c034, 0x19c3396904c37, 0x1b5a0caf482d8, 0xac7fb4cb8c233, 0x00132f5763e14,
};

/* 2^1056, 2^1024 and 2^1040 modulo p. The product with the first brings a form with radix 2^1024 to
 * one with 2^1040, that with the second back. */
static const uint64_t inwards[EIGHT_LIMBS] = {
    0xcf1de7422dc16, 0x9b612e47b16df, 0x77db650ee3620, 0xf38bf9e30bac2, 0xa615fb20410a1,
    0xbbcc6cb8a36be, 0x191186c441dd4, 0xef31117aac3cd, 0x709a73275c05b, 0xf19459b8e218b,
    0xbd08e8df75270, 0x24dc96f75f948, 0x8555b0749171d, 0x1acf6314fc812, 0xde43d93f515a9,
    0x773a866b72174, 0x3659848b71c8a, 0x95f5a67578ed4, 0x6ad3adb3a99b2, 0x00001620e802c,
};
static const uint64_t outwards[EIGHT_LIMBS] = {
    0x27f850157a015, 0xef53853178999, 0x67a824f7f3a20, 0xe0e0031c17dc7, 0x5606b2950a968,
    0x30c3ade3c3f65, 0xb57ce7ad57d58, 0x9a97e31e49500, 0x4b32baed53a32, 0x2f1d939b78cd9,
    0xa92d80b599959, 0x4c60083775e6c, 0xace5a634f186e, 0x03f0e4dd78cf2, 0x5d10bf554d81d,
    0x41651ca74c1fe, 0x3f31e634b7d9e, 0x67252f9a85be9, 0x5a9c0259a39ee, 0x0000668544e0f,
};
static const uint64_t one[EIGHT_LIMBS] = {
    0x2d93d28030700, 0x4f298428275ab, 0x75a9935f4ef30, 0xa52fdbccb99e5, 0x2bde98a91ef15,
    0x630ae7dbe067d, 0x566e218121956, 0x57d3844882eb7, 0x9dc9da81267db, 0x5534527ee706d,
    0xe5aee72c7c196, 0x2db481a7f3e2e, 0x0c3a4edbff964, 0xcdbd68818c663, 0xef23484786592,
    0xa6cb0bf93453a, 0x3af9eea86f713, 0x0666bd14e0c68, 0x37eb83ea0a60b, 0x000049e339c22,
};

static void broadcast(struct eight *out, const uint64_t limbs[EIGHT_LIMBS]) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] = lanes_all(limbs[i]);
    }
}

void eight_one(struct eight *out) {
    broadcast(out, one);
}

/* sum += a b. The low halves of the products a[j] b go to limb j, the high ones to limb j + 1. */
static inline __attribute__((always_inline)) void accumulate(lanes sum[EIGHT_LIMBS + 1],
                                                             const struct eight *a, lanes b) {
#pragma GCC unroll 20
    for (unsigned j = 0; j < EIGHT_LIMBS; j++) {
        sum[j] = lanes_multiply_low(sum[j], a->limbs[j], b);
    }
#pragma GCC unroll 20
    for (unsigned j = 0; j < EIGHT_LIMBS; j++) {
        sum[j + 1] = lanes_multiply_high(sum[j + 1], a->limbs[j], b);
    }
}

/* The multiple of p that clears the low 52 bits of a limb. */
static inline lanes clearing_multiple(lanes limb) {
    return lanes_multiply_low(lanes_all(0), limb, lanes_all(negated_inverse));
}

/* Adds that multiple, and moves all limbs down by one. */
static inline __attribute__((always_inline)) void clear_limb(lanes sum[EIGHT_LIMBS + 1],
                                                             lanes multiple) {
#pragma GCC unroll 20
    for (unsigned j = 0; j < EIGHT_LIMBS; j++) {
        sum[j] = lanes_multiply_low(sum[j], lanes_all(modulus[j]), multiple);
    }
    sum[1] += sum[0] >> EIGHT_LIMB_BITS;
#pragma GCC unroll 20
    for (unsigned j = 0; j < EIGHT_LIMBS; j++) {
        sum[j] = lanes_multiply_high(sum[j + 1], lanes_all(modulus[j]), multiple);
    }
    sum[EIGHT_LIMBS] = lanes_all(0);
}

static inline __attribute__((always_inline)) void finish(struct eight *out,
                                                         const lanes sum[EIGHT_LIMBS + 1]) {
#pragma GCC unroll 20
    for (unsigned j = 0; j < EIGHT_LIMBS; j++) {
        out->limbs[j] = sum[j];
    }
    eight_carry(out);
}

/* Limb by limb of b, the multiple first, which all else waits for. A limb of the sum lives for 21
 * rounds at most and gets 4 numbers below 2^52 in each, and once a carry: below 2^59. */
void eight_multiply(struct eight *out, const struct eight *a, const struct eight *b) {
    lanes sum[EIGHT_LIMBS + 1] = {{0}};
#pragma GCC unroll 1
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        lanes limb = lanes_multiply_low(sum[0], a->limbs[0], b->limbs[i]);
        lanes multiple = clearing_multiple(limb);
        accumulate(sum, a, b->limbs[i]);
        clear_limb(sum, multiple);
    }
    finish(out, sum);
}

/* The same with 6 numbers below 2^52 in each round: below 2^59 too. */
void eight_multiply_add(struct eight *out, const struct eight *a, const struct eight *b,
                        const struct eight *c, const struct eight *d) {
    lanes sum[EIGHT_LIMBS + 1] = {{0}};
#pragma GCC unroll 1
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        lanes limb = lanes_multiply_low(sum[0], a->limbs[0], b->limbs[i]);
        lanes multiple = clearing_multiple(lanes_multiply_low(limb, c->limbs[0], d->limbs[i]));
        accumulate(sum, a, b->limbs[i]);
        accumulate(sum, c, d->limbs[i]);
        clear_limb(sum, multiple);
    }
    finish(out, sum);
}

void eight_pack(struct eight *out, const struct field_element elements[EIGHT]) {
    struct eight factor;
    for (unsigned lane = 0; lane < EIGHT; lane++) {
        for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
            unsigned bit = i * EIGHT_LIMB_BITS, word = bit / 64, shift = bit % 64;
            const uint64_t *limbs = elements[lane].residue.limbs;
            uint64_t limb = limbs[word] >> shift;
            if (shift > 64 - EIGHT_LIMB_BITS && word + 1 < RESIDUE_LIMBS) {
                limb |= limbs[word + 1] << (64 - shift);
            }
            out->limbs[i][lane] = limb & LIMB_MASK;
        }
    }
    broadcast(&factor, inwards);
    eight_multiply(out, out, &factor);
}

/* The product with something below p is at most 100 000 p * 2^-16 * 0.6 + p < 2^1024, and less p at
 * most once below p. */
void eight_unpack(struct field_element out[EIGHT], const struct eight *a) {
    struct eight factor;
    broadcast(&factor, outwards);
    eight_multiply(&factor, a, &factor);
    for (unsigned lane = 0; lane < EIGHT; lane++) {
        struct residue integer = {{0}};
        for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
            unsigned bit = i * EIGHT_LIMB_BITS, word = bit / 64, shift = bit % 64;
            uint64_t limb = factor.limbs[i][lane];
            integer.limbs[word] |= limb << shift;
            if (shift > 64 - EIGHT_LIMB_BITS && word + 1 < RESIDUE_LIMBS) {
                integer.limbs[word + 1] = limb >> (64 - shift);
            }
        }
        (void)residue_subtract_modulus(&out[lane].residue, 0, &integer, &sakke_p);
    }
}
