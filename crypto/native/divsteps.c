/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Numbers here are signed, in limbs of 62 bits: value = sum limbs[i] 2^(62 i), all limbs but the
 * last 0..2^62-1, the last one signed. 17 limbs hold -2^1053..2^1053-1.
 *
 * Bounds. f and g stay within -m..m: a divstep makes (f + g)/2, g/2 or (g - f)/2 of them. d and e
 * stay within -2m..m (exclusive): see matrix_apply_modular. A batch of 62 divsteps is a matrix with
 * |u| + |v| <= 2^62 and |q| + |r| <= 2^62 (each step adds or doubles within that bound), so that
 * u x + v y of one pair of limbs is below 2^62 2^62 = 2^124 in absolute value (the top limbs, below
 * 2^62 too, included); a multiple of a limb of m, by a number within +-2^63, is below 2^125; and
 * with a carry below 2^66 the sum stays below 2^126.
 */
#include "crypto/native/divsteps.h"

#include "crypto/secret.h"

__extension__ typedef __int128 wide;

enum {
    LIMB_BITS = 62,
    LIMBS_MAX = 17
};

static const uint64_t limb_mask = (UINT64_C(1) << LIMB_BITS) - 1;

struct number {
    int64_t limbs[LIMBS_MAX];
};

/* 2^62 times the divsteps' own transition matrix: (f, g) becomes (u f + v g, q f + r g) / 2^62. */
struct matrix {
    int64_t u, v, q, r;
};

struct divsteps {
    const struct modulus *modulus;
    struct number m, f, g, d, e;
    uint64_t inverse; /* 1/m mod 2^62 */
    unsigned limbs;
    int64_t delta;
};

static void number_from_residue(struct number *out, const struct residue *a, unsigned limbs) {
    for (unsigned i = 0; i < limbs; i++) {
        unsigned bit = i * LIMB_BITS, word = bit / 64, shift = bit % 64;
        uint64_t low = word < RESIDUE_LIMBS ? a->limbs[word] >> shift : 0;
        uint64_t high =
            shift > 0 && word + 1 < RESIDUE_LIMBS ? a->limbs[word + 1] << (64 - shift) : 0;
        out->limbs[i] = (int64_t)((low | high) & limb_mask);
    }
}

/* For a number in 0..2^1024-1. */
static void number_to_residue(struct residue *out, const struct number *a, unsigned limbs) {
    *out = (struct residue){{0}};
    for (unsigned i = 0; i < limbs; i++) {
        unsigned bit = i * LIMB_BITS, word = bit / 64, shift = bit % 64;
        if (word < RESIDUE_LIMBS) {
            out->limbs[word] |= (uint64_t)a->limbs[i] << shift;
        }
        if (shift > 2 && word + 1 < RESIDUE_LIMBS) {
            out->limbs[word + 1] |= (uint64_t)a->limbs[i] >> (64 - shift);
        }
    }
}

/* 62 divsteps on the low limbs of f and g. Going through them needs no more than those: each step
 * looks at one more bit. The masks say: delta > 0, and g odd. */
static void batch(struct divsteps *state, struct matrix *out) {
    uint64_t u = 1, v = 0, q = 0, r = 1;
    uint64_t f = (uint64_t)state->f.limbs[0], g = (uint64_t)state->g.limbs[0];
    uint64_t delta = (uint64_t)state->delta;
    for (unsigned i = 0; i < LIMB_BITS; i++) {
        uint64_t positive = 0 - ((0 - delta) >> 63), odd = 0 - (g & 1);
        g += ((f ^ positive) - positive) & odd;
        q += ((u ^ positive) - positive) & odd;
        r += ((v ^ positive) - positive) & odd;
        uint64_t swap = positive & odd;
        delta = (delta ^ swap) - swap + 1;
        f += g & swap;
        u += q & swap;
        v += r & swap;
        g >>= 1;
        u <<= 1;
        v <<= 1;
    }
    state->delta = (int64_t)delta;
    *out = (struct matrix){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
}

/* (f, g) = (u f + v g, q f + r g) / 2^62, exactly. */
static void matrix_apply(struct divsteps *state, const struct matrix *t) {
    struct number *f = &state->f, *g = &state->g;
    wide cf = (wide)t->u * f->limbs[0] + (wide)t->v * g->limbs[0];
    wide cg = (wide)t->q * f->limbs[0] + (wide)t->r * g->limbs[0];
    cf >>= LIMB_BITS;
    cg >>= LIMB_BITS;
    for (unsigned i = 1; i < state->limbs; i++) {
        cf += (wide)t->u * f->limbs[i] + (wide)t->v * g->limbs[i];
        cg += (wide)t->q * f->limbs[i] + (wide)t->r * g->limbs[i];
        f->limbs[i - 1] = (int64_t)((uint64_t)cf & limb_mask);
        g->limbs[i - 1] = (int64_t)((uint64_t)cg & limb_mask);
        cf >>= LIMB_BITS;
        cg >>= LIMB_BITS;
    }
    f->limbs[state->limbs - 1] = (int64_t)cf;
    g->limbs[state->limbs - 1] = (int64_t)cg;
}

/* How often m goes into a row: once for each negative factor, which brings d and e from -2m..m into
 * -m..m and the row's sum within 2^62 m; and then as often (0..2^62-1 times, subtracted) as makes
 * its low limb 0. */
static int64_t multiple_of_modulus(const struct divsteps *state, int64_t a, int64_t b) {
    unsigned top = state->limbs - 1;
    int64_t correction = (a & (state->d.limbs[top] >> 63)) + (b & (state->e.limbs[top] >> 63));
    uint64_t low =
        (uint64_t)a * (uint64_t)state->d.limbs[0] + (uint64_t)b * (uint64_t)state->e.limbs[0];
    return correction - (int64_t)((state->inverse * low + (uint64_t)correction) & limb_mask);
}

/* (d, e) = (u d + v e, q d + r e) / 2^62 modulo m, within -2m..m: the sum is within 2^62 m and less
 * than 2^62 m is subtracted. */
static void matrix_apply_modular(struct divsteps *state, const struct matrix *t) {
    struct number *d = &state->d, *e = &state->e;
    int64_t md = multiple_of_modulus(state, t->u, t->v),
            me = multiple_of_modulus(state, t->q, t->r);
    wide cd = 0, ce = 0;
    for (unsigned i = 0; i < state->limbs; i++) {
        cd += (wide)t->u * d->limbs[i] + (wide)t->v * e->limbs[i] + (wide)md * state->m.limbs[i];
        ce += (wide)t->q * d->limbs[i] + (wide)t->r * e->limbs[i] + (wide)me * state->m.limbs[i];
        if (i > 0) {
            d->limbs[i - 1] = (int64_t)((uint64_t)cd & limb_mask);
            e->limbs[i - 1] = (int64_t)((uint64_t)ce & limb_mask);
        }
        cd >>= LIMB_BITS;
        ce >>= LIMB_BITS;
    }
    d->limbs[state->limbs - 1] = (int64_t)cd;
    e->limbs[state->limbs - 1] = (int64_t)ce;
}

/* d = sign d + add m, for a sign of 1 or -1 and masks all ones or 0. */
static void negate_and_add(struct divsteps *state, int64_t negative, int64_t add) {
    struct number *d = &state->d;
    int64_t carry = 0;
    for (unsigned i = 0; i < state->limbs; i++) {
        carry += ((d->limbs[i] ^ negative) - negative) + (state->m.limbs[i] & add);
        d->limbs[i] = i + 1 < state->limbs ? carry & (int64_t)limb_mask : carry;
        carry >>= LIMB_BITS;
    }
}

/* At the end f is 1 or -1 (m when a is 0, and then d is 0) and d is f/a: first -2m..m, then -m..m,
 * then with f's sign, then 0..m-1. */
static void finish(struct divsteps *state) {
    unsigned top = state->limbs - 1;
    negate_and_add(state, 0, state->d.limbs[top] >> 63);
    negate_and_add(state, state->f.limbs[top] >> 63, 0);
    negate_and_add(state, 0, state->d.limbs[top] >> 63);
}

void divsteps_invert(struct residue *out, const struct residue *a, const struct modulus *m) {
    /* Theorem 11.2 of the paper: for moduli of 46 bits and more this many steps suffice. */
    unsigned steps = (49 * m->bits + 57) / 17;
    struct matrix matrix;
    /* The limbs of m, or one more where m fills its top limb: there is room for -2m..m. */
    struct divsteps state = {.modulus = m, .limbs = m->bits / LIMB_BITS + 1, .delta = 1};
    state.inverse = (0 - m->negated_inverse) & limb_mask;
    number_from_residue(&state.m, &m->value, state.limbs);
    state.f = state.m;
    number_from_residue(&state.g, a, state.limbs);
    state.e.limbs[0] = 1;
    for (unsigned done = 0; done < steps; done += LIMB_BITS) {
        batch(&state, &matrix);
        matrix_apply(&state, &matrix);
        matrix_apply_modular(&state, &matrix);
    }
    finish(&state);
    number_to_residue(out, &state.d, state.limbs);
    secret_wipe(&state, sizeof state);
    secret_wipe(&matrix, sizeof matrix);
}
