/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/residue.h"

enum {
    LIMB_BITS = 64
};

/* An integer that shrinks: limbs from `length` on are 0. */
struct shrinking {
    struct residue integer;
    unsigned length;
};

static void trim(struct shrinking *a) {
    while (a->length > 0 && a->integer.limbs[a->length - 1] == 0) {
        a->length--;
    }
}

/* Takes all factors 2 out of a, which is not 0: how many there were. */
static unsigned halve(struct shrinking *a) {
    uint64_t *limbs = a->integer.limbs;
    unsigned whole = 0;
    while (limbs[whole] == 0) {
        whole++;
    }
    unsigned bits = (unsigned)__builtin_ctzll(limbs[whole]);
    for (unsigned i = 0; i < a->length; i++) {
        uint64_t low = i + whole < a->length ? limbs[i + whole] : 0;
        uint64_t high = i + whole + 1 < a->length ? limbs[i + whole + 1] : 0;
        limbs[i] = bits > 0 ? low >> bits | high << (LIMB_BITS - bits) : low;
    }
    trim(a);
    return whole * LIMB_BITS + bits;
}

static bool is_below(const struct shrinking *a, const struct shrinking *b) {
    if (a->length != b->length) {
        return a->length < b->length;
    }
    for (unsigned i = a->length; i-- > 0;) {
        if (a->integer.limbs[i] != b->integer.limbs[i]) {
            return a->integer.limbs[i] < b->integer.limbs[i];
        }
    }
    return false;
}

/* a -= b, which is not above a. */
static void subtract(struct shrinking *a, const struct shrinking *b) {
    uint64_t borrow = 0;
    for (unsigned i = 0; i < a->length; i++) {
        uint64_t limb = a->integer.limbs[i], taken = b->integer.limbs[i];
        uint64_t difference = limb - taken;
        a->integer.limbs[i] = difference - borrow;
        borrow = (limb < taken) | (difference < borrow);
    }
    trim(a);
}

/* As one finds a greatest common divisor by halving and subtracting, with the two laws that a sign
 * follows: (2/m) is -1 just for m = 3 and 5 mod 8, and (a/m) and (m/a) differ just when both are
 * 3 mod 4. */
int residue_jacobi_public(const struct residue *a, const struct residue *m) {
    struct shrinking x = {*a, RESIDUE_LIMBS}, y = {*m, RESIDUE_LIMBS};
    int symbol = 1;
    trim(&x);
    trim(&y);
    while (x.length > 0) {
        uint64_t low = y.integer.limbs[0];
        if (halve(&x) % 2 == 1 && (low % 8 == 3 || low % 8 == 5)) {
            symbol = -symbol;
        }
        if (is_below(&x, &y)) {
            struct shrinking smaller = x;
            if (x.integer.limbs[0] % 4 == 3 && low % 4 == 3) {
                symbol = -symbol;
            }
            x = y;
            y = smaller;
        }
        subtract(&x, &y);
    }
    return y.length == 1 && y.integer.limbs[0] == 1 ? symbol : 0;
}
