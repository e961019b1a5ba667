/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ways to multiply residues: one for every CPU, faster ones for some. They give the same
 * results to the bit and are constant-time in their operands. One of them is chosen when the
 * program starts, the fastest that this CPU has.
 */
#ifndef MUSTER_CRYPTO_NATIVE_ARITHMETIC_H
#define MUSTER_CRYPTO_NATIVE_ARITHMETIC_H

#include "crypto/native/residue.h"

struct arithmetic {
    const char *name; /* "portable", "adx", "ifma" */

    /* What residue_multiply, residue_square and residue_multiply_add are. */
    void (*multiply)(struct residue *out, const struct residue *a, const struct residue *b,
                     const struct modulus *m);
    void (*square)(struct residue *out, const struct residue *a, const struct modulus *m);
    void (*multiply_add)(struct residue *out, const struct residue *a, const struct residue *b,
                         const struct residue *c, const struct residue *d, const struct modulus *m);

    bool eight; /* is there arithmetic eight at a time (eight.h) beside it? */
};

/* In use; never NULL. */
const struct arithmetic *arithmetic_chosen(void);

/* The arithmetic of that name, or NULL when there is none or when this CPU lacks what it needs. */
const struct arithmetic *arithmetic_find(const char *name);

/* The name of the n-th arithmetic that this program was built with, present or not, the slowest
 * first; NULL after the last. */
const char *arithmetic_name(unsigned n);

/* Takes another one: for tests and measurements, while nobody computes. Keys and domains that were
 * loaded before go on working. */
void arithmetic_choose(const struct arithmetic *arithmetic);

extern const struct arithmetic portable_arithmetic;
#if defined(__x86_64__)
extern const struct arithmetic adx_arithmetic;
extern const struct arithmetic ifma_arithmetic;
#endif

#endif
