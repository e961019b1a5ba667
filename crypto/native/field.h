/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * F_p, the field of SAKKE's curve (RFC 6508 2.1, parameter set 1), in Montgomery form. A type of
 * its own, so that field elements and integers modulo q never meet by mistake. Inputs and outputs
 * are 0..p-1; everything is constant-time. An output may be the same object as an input.
 */
#ifndef MUSTER_CRYPTO_NATIVE_FIELD_H
#define MUSTER_CRYPTO_NATIVE_FIELD_H

#include "crypto/native/parameters.h"

struct field_element {
    struct residue residue;
};

static inline void field_add(struct field_element *out, const struct field_element *a,
                             const struct field_element *b) {
    residue_add(&out->residue, &a->residue, &b->residue, &sakke_p);
}

static inline void field_subtract(struct field_element *out, const struct field_element *a,
                                  const struct field_element *b) {
    residue_subtract(&out->residue, &a->residue, &b->residue, &sakke_p);
}

static inline void field_multiply(struct field_element *out, const struct field_element *a,
                                  const struct field_element *b) {
    residue_multiply(&out->residue, &a->residue, &b->residue, &sakke_p);
}

static inline void field_square(struct field_element *out, const struct field_element *a) {
    residue_square(&out->residue, &a->residue, &sakke_p);
}

/* a b + c d. */
static inline void field_multiply_add(struct field_element *out, const struct field_element *a,
                                      const struct field_element *b, const struct field_element *c,
                                      const struct field_element *d) {
    residue_multiply_add(&out->residue, &a->residue, &b->residue, &c->residue, &d->residue,
                         &sakke_p);
}

static inline void field_double(struct field_element *out, const struct field_element *a) {
    field_add(out, a, a);
}

void field_negate(struct field_element *out, const struct field_element *a);

/* 3a. */
void field_triple(struct field_element *out, const struct field_element *a);

/* 1/a; 0 for 0. */
static inline void field_invert(struct field_element *out, const struct field_element *a) {
    residue_invert(&out->residue, &a->residue, &sakke_p);
}

/* Replaces each of the `count` elements by its inverse at the cost of one inversion and 3 `count`
 * multiplications; `products` is scratch for as many. None may be 0. */
void field_invert_all(struct field_element *elements, struct field_element *products, size_t count);

/* A square root of a in *out and an all-ones mask; the mask 0 when a is not a square, and then *out
 * is a square root of -a. p = 3 mod 4, so that the root is a^((p+1)/4) = a^q. */
uint64_t field_square_root(struct field_element *out, const struct field_element *a);

/* Is a a square other than 0? A mask. The first is constant-time; the second, some 15 times as
 * fast, is not: for public elements. */
uint64_t field_is_square(const struct field_element *a);
uint64_t field_is_square_public(const struct field_element *a);

static inline void field_select(struct field_element *out, uint64_t mask,
                                const struct field_element *a, const struct field_element *b) {
    residue_select(&out->residue, mask, &a->residue, &b->residue);
}

static inline uint64_t field_equal(const struct field_element *a, const struct field_element *b) {
    return residue_equal(&a->residue, &b->residue);
}

static inline uint64_t field_is_zero(const struct field_element *a) {
    return residue_is_zero(&a->residue);
}

/* 1. */
void field_one(struct field_element *out);

/* A plain integer below p to the field. */
void field_from_integer(struct field_element *out, const struct residue *integer);

/* RESIDUE_OCTETS octets, big-endian. Reading gives a mask: 0 when they are not below p, and then
 * *out is 0. */
uint64_t field_from_octets(struct field_element *out, const uint8_t octets[RESIDUE_OCTETS]);
void field_to_octets(uint8_t out[RESIDUE_OCTETS], const struct field_element *a);

#endif
