/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Miller's loop in four segments side by side. Segment j has the lanes 2j, for real parts, and
 * 2j + 1, for imaginary ones, and goes through a quarter of the steps, each of which makes f^4
 * times the step's function of f. With s steps in a segment the whole is then
 * ((F_0^(4^s) F_1)^(4^s) F_2)^(4^s) F_3.
 *
 * There are two steps more than in pairing.h: one that does nothing, and the tangent. Of a step's
 * function a(x) + i y b(x) the lanes hold
 *
 *   coefficients   [0]  [1]  [2]
 *   real lane      a1   a2   a3
 *   imaginary      b0   b1   a0
 */
#include "crypto/native/eight/pairing.h"

#include <string.h>

#include "crypto/native/eight/field.h"

static const lanes real_lanes = {UINT64_MAX, 0, UINT64_MAX, 0, UINT64_MAX, 0, UINT64_MAX, 0};
static const lanes swapped = {1, 0, 3, 2, 5, 4, 7, 6};
static const lanes reals_twice = {0, 0, 2, 2, 4, 4, 6, 6};
static const lanes imaginaries_twice = {1, 1, 3, 3, 5, 5, 7, 7};

/* The n-th step of all. */
static void step_at(struct pairing_step *out, uint8_t *order, const struct pairing_steps *steps,
                    unsigned n) {
    memset(out, 0, sizeof *out);
    *order = 0;
    if (n == 0) {
        field_one(&out->a[0]);
    } else if (n == 1) {
        out->a[0] = steps->tangent[0];
        out->a[1] = steps->tangent[1];
        field_one(&out->b[0]);
    } else {
        *out = steps->steps[n - 2];
        *order = steps->order[n - 2];
    }
}

void eight_pairing_steps_pack(struct eight_pairing_steps *out, const struct pairing_steps *steps) {
    for (unsigned i = 0; i < PAIRING_SEGMENT_STEPS; i++) {
        struct field_element elements[3][EIGHT];
        for (unsigned j = 0; j < PAIRING_SEGMENTS; j++) {
            struct pairing_step step;
            step_at(&step, &out->order[i][j], steps, j * PAIRING_SEGMENT_STEPS + i);
            elements[0][2 * j] = step.a[1];
            elements[1][2 * j] = step.a[2];
            elements[2][2 * j] = step.a[3];
            elements[0][2 * j + 1] = step.b[0];
            elements[1][2 * j + 1] = step.b[1];
            elements[2][2 * j + 1] = step.a[0];
        }
        for (unsigned k = 0; k < 3; k++) {
            eight_pack((struct eight *)out->coefficients[i][k].limbs, elements[k]);
        }
    }
}

/* What coefficients are multiplied by: powers of -x in real lanes, times y in imaginary ones. */
struct evaluation {
    struct eight first, second, third; /* x and y, xx and xy, xxx and 0: below 2p */
    struct eight xxy;                  /* in imaginary lanes */
};

static void interleave(struct eight *out, const struct field_element *real,
                       const struct field_element *imaginary) {
    struct field_element elements[EIGHT];
    for (unsigned i = 0; i < EIGHT; i++) {
        elements[i] = i % 2 == 0 ? *real : *imaginary;
    }
    eight_pack(out, elements);
}

static void evaluation_at(struct evaluation *out, const struct affine_point *r) {
    static const struct field_element zero;
    struct field_element x, xx, xxx, xy, xxy;
    field_negate(&x, &r->x);
    field_square(&xx, &x);
    field_multiply(&xxx, &xx, &x);
    field_multiply(&xy, &x, &r->y);
    field_multiply(&xxy, &xx, &r->y);
    interleave(&out->first, &x, &r->y);
    interleave(&out->second, &xx, &xy);
    interleave(&out->third, &xxx, &zero);
    interleave(&out->xxy, &zero, &xxy);
}

/* The steps' functions at R: below 8p. */
static void step_function(struct eight *out, const struct eight_element coefficients[3],
                          const uint8_t order[PAIRING_SEGMENTS], const struct evaluation *at) {
    const struct eight *first = (const struct eight *)coefficients[0].limbs,
                       *second = (const struct eight *)coefficients[1].limbs,
                       *third = (const struct eight *)coefficients[2].limbs;
    struct eight product;
    lanes with_xxy = lanes_all(0);
    for (unsigned j = 0; j < PAIRING_SEGMENTS; j++) {
        with_xxy[2 * j + 1] = 0 - (uint64_t)(order[j] == 2);
    }
    eight_multiply_add(out, first, &at->first, second, &at->second);
    eight_multiply(&product, third, &at->third);
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        out->limbs[i] += product.limbs[i] + (lanes_permute(third->limbs[i], swapped) & real_lanes) +
                         (at->xxy.limbs[i] & with_xxy);
    }
    eight_carry(out);
}

/* (re + im)(re - im) and im 2re: factors below 4p and 34p. f is below 2p before and after. */
static void square(struct eight *f) {
    struct eight a, b;
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        lanes own = f->limbs[i], other = lanes_permute(own, swapped);
        a.limbs[i] = own + (other & real_lanes);
        b.limbs[i] = (((own - other) + lanes_all(eight_offset[i])) & real_lanes) |
                     ((other + other) & ~real_lanes);
    }
    eight_carry(&a);
    eight_carry(&b);
    eight_multiply(f, &a, &b);
}

/* re re' + im (-im') and re im' + im re', for g below 8p: products 2 * 8 + 2 * 32. */
static void multiply(struct eight *f, const struct eight *g) {
    struct eight reals, imaginaries, turned;
    eight_permute(&reals, f, reals_twice);
    eight_permute(&imaginaries, f, imaginaries_twice);
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        lanes other = lanes_permute(g->limbs[i], swapped);
        turned.limbs[i] =
            ((lanes_all(eight_offset[i]) - other) & real_lanes) | (other & ~real_lanes);
    }
    eight_carry(&turned);
    eight_multiply_add(f, &reals, g, &imaginaries, &turned);
}

/* 1 in every segment. */
static void set_one(struct eight *f) {
    eight_one(f);
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        f->limbs[i] &= real_lanes;
    }
}

/* f^(4^s) times what segment j has, in the lanes of segment 0. */
static void join(struct eight *f, const struct eight *segments, unsigned j) {
    struct eight segment;
    for (unsigned i = 0; i < 2 * PAIRING_SEGMENT_STEPS; i++) {
        square(f);
    }
    lanes from = {2 * j, 2 * j + 1, 2, 3, 4, 5, 6, 7};
    eight_permute(&segment, segments, from);
    multiply(f, &segment);
}

void eight_miller_loop(struct quadratic *f, const struct eight_pairing_steps *steps,
                       const struct affine_point *r) {
    struct evaluation at;
    struct eight segments, function, whole;
    struct field_element elements[EIGHT];
    evaluation_at(&at, r);
    set_one(&segments);
    for (unsigned i = 0; i < PAIRING_SEGMENT_STEPS; i++) {
        square(&segments);
        square(&segments);
        step_function(&function, steps->coefficients[i], steps->order[i], &at);
        multiply(&segments, &function);
    }
    whole = segments;
    for (unsigned j = 1; j < PAIRING_SEGMENTS; j++) {
        join(&whole, &segments, j);
    }
    eight_unpack(elements, &whole);
    f->real = elements[0];
    f->imaginary = elements[1];
}
