/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <assert.h>
#include <string.h>

#include "crypto/native/arithmetic.h"
#include "crypto/native/eight/pairing.h"
#include "crypto/native/pairing.h"
#include "crypto/secret.h"

/* a(x) + y b(x). Degrees are public, coefficients secret; a product of the lines of one step has
 * degrees 5 and 4 at most before its vertical lines are taken out. */
enum {
    A_MAX = 6,
    B_MAX = 5
};

struct function {
    struct field_element a[A_MAX], b[B_MAX];
    unsigned a_degree, b_degree;
};

static void accumulate(struct field_element *sum, const struct field_element *a,
                       const struct field_element *b) {
    struct field_element product;
    field_multiply(&product, a, b);
    field_add(sum, sum, &product);
}

/* out += factor * polynomial * x^shift. */
static void accumulate_all(struct field_element *out, const struct field_element *factor,
                           const struct field_element *polynomial, unsigned degree,
                           unsigned shift) {
    for (unsigned i = 0; i <= degree; i++) {
        accumulate(&out[i + shift], factor, &polynomial[i]);
    }
}

/* out += polynomial * y^2 = polynomial * (x^3 - 3x). */
static void accumulate_times_yy(struct field_element *out, const struct field_element *polynomial,
                                unsigned degree) {
    struct field_element triple;
    for (unsigned i = 0; i <= degree; i++) {
        field_add(&out[i + 3], &out[i + 3], &polynomial[i]);
        field_triple(&triple, &polynomial[i]);
        field_subtract(&out[i + 1], &out[i + 1], &triple);
    }
}

/* f *= y + line[1] x + line[0]: (a L + b y^2) + y (a + b L). */
static void multiply_by_line(struct function *f, const struct field_element line[2]) {
    struct function product;
    memset(&product, 0, sizeof product);
    for (unsigned i = 0; i < 2; i++) {
        accumulate_all(product.a, &line[i], f->a, f->a_degree, i);
        accumulate_all(product.b, &line[i], f->b, f->b_degree, i);
    }
    accumulate_times_yy(product.a, f->b, f->b_degree);
    for (unsigned i = 0; i <= f->a_degree; i++) {
        field_add(&product.b[i], &product.b[i], &f->a[i]);
    }
    unsigned al = f->a_degree + 1, byy = f->b_degree + 3, bl = f->b_degree + 1;
    product.a_degree = al > byy ? al : byy;
    product.b_degree = bl > f->a_degree ? bl : f->a_degree;
    *f = product;
}

/* (a^2 + b^2 y^2) + y 2 a b. */
static void square(struct function *f) {
    struct function product;
    struct field_element bb[2 * B_MAX];
    memset(&product, 0, sizeof product);
    memset(bb, 0, sizeof bb);
    for (unsigned i = 0; i <= f->a_degree; i++) {
        accumulate_all(product.a, &f->a[i], f->a, f->a_degree, i);
        accumulate_all(product.b, &f->a[i], f->b, f->b_degree, i);
    }
    for (unsigned i = 0; i <= f->b_degree; i++) {
        accumulate_all(bb, &f->b[i], f->b, f->b_degree, i);
    }
    accumulate_times_yy(product.a, bb, 2 * f->b_degree);
    product.b_degree = f->a_degree + f->b_degree;
    for (unsigned i = 0; i <= product.b_degree; i++) {
        field_double(&product.b[i], &product.b[i]);
    }
    unsigned aa = 2 * f->a_degree, bbyy = 2 * f->b_degree + 3;
    product.a_degree = aa > bbyy ? aa : bbyy;
    *f = product;
}

/* Divides by x - root, which must go without remainder. */
static void divide(struct field_element *polynomial, unsigned *degree,
                   const struct field_element *root) {
    struct field_element quotient = polynomial[*degree], next;
    for (unsigned i = *degree; i-- > 0;) {
        next = polynomial[i];
        accumulate(&next, &quotient, root);
        polynomial[i] = quotient;
        quotient = next;
    }
    memset(&polynomial[*degree], 0, sizeof *polynomial);
    (*degree)--;
}

static void take_out_vertical(struct function *f, const struct affine_point *through) {
    divide(f->a, &f->a_degree, &through->x);
    divide(f->b, &f->b_degree, &through->x);
}

/* The signed binary digits of q - 1 that have no two neighbours other than 0: digit i is the
 * difference of the bits i + 1 of 3(q - 1) and of q - 1. The first two are 1 and 0. */
static void order_digits(int digits[SAKKE_ORDER_BITS]) {
    struct residue order = sakke_q.value, tripled;
    order.limbs[0] -= 1;
    /* 3(q - 1) is below p, so that adding modulo p adds. */
    residue_add(&tripled, &order, &order, &sakke_p);
    residue_add(&tripled, &tripled, &order, &sakke_p);
    for (unsigned i = 0; i < SAKKE_ORDER_BITS; i++) {
        digits[i] = (int)residue_bit(&tripled, i + 1) - (int)residue_bit(&order, i + 1);
    }
}

/* A few steps are made at once, so that they share inversions. A double step goes through at most
 * five multiples of K: T, 2T, 2T +- K, twice that, and that +- K. A move is from one multiple to
 * the next, along a tangent or a chord through it. */
enum {
    STEPS_AT_ONCE = 30,
    MOVES_MAX = 4 * STEPS_AT_ONCE
};
static_assert(PAIRING_STEPS % STEPS_AT_ONCE == 0, "the last batch is a whole one");

struct move {
    struct affine_point from;
    int digit; /* 0: doubled; else: digit K was added */
    struct field_element line[2];
};

struct builder {
    struct affine_point k, negated_k;
    struct curve_point multiples[MOVES_MAX + 1]; /* where each move starts, and the last ends */
    struct affine_point last;
    struct move moves[MOVES_MAX];
    unsigned count;
    struct field_element denominators[MOVES_MAX + 1], products[MOVES_MAX + 1];
    struct pairing_steps steps;
};

static void move(struct builder *b, int digit) {
    struct curve_point *next = &b->multiples[b->count + 1];
    b->moves[b->count].digit = digit;
    if (digit == 0) {
        curve_double(next, &b->multiples[b->count]);
    } else {
        curve_add_affine(next, &b->multiples[b->count], digit > 0 ? &b->k : &b->negated_k);
    }
    b->count++;
}

static void make_affine(struct builder *b) {
    for (unsigned i = 0; i <= b->count; i++) {
        b->denominators[i] = b->multiples[i].z;
    }
    field_invert_all(b->denominators, b->products, b->count + 1);
    for (unsigned i = 0; i <= b->count; i++) {
        struct affine_point *point = i < b->count ? &b->moves[i].from : &b->last;
        field_multiply(&point->x, &b->multiples[i].x, &b->denominators[i]);
        field_multiply(&point->y, &b->multiples[i].y, &b->denominators[i]);
    }
}

/* Slope 3(x^2 - 1) / 2y or (y - y_K) / (x - x_K); no denominator is 0, as no multiple has order 2
 * and none that K is added to is K or -K. The line is y - slope x + (slope x_1 - y_1). */
static void make_lines(struct builder *b) {
    struct field_element one, slope;
    field_one(&one);
    for (unsigned i = 0; i < b->count; i++) {
        const struct move *m = &b->moves[i];
        if (m->digit == 0) {
            field_double(&b->denominators[i], &m->from.y);
        } else {
            field_subtract(&b->denominators[i], &m->from.x, &b->k.x);
        }
    }
    field_invert_all(b->denominators, b->products, b->count);
    for (unsigned i = 0; i < b->count; i++) {
        struct move *m = &b->moves[i];
        if (m->digit == 0) {
            field_square(&slope, &m->from.x);
            field_subtract(&slope, &slope, &one);
            field_triple(&slope, &slope);
        } else {
            field_subtract(&slope, &m->from.y, m->digit > 0 ? &b->k.y : &b->negated_k.y);
        }
        field_multiply(&slope, &slope, &b->denominators[i]);
        field_multiply(&m->line[0], &slope, &m->from.x);
        field_subtract(&m->line[0], &m->line[0], &m->from.y);
        field_negate(&m->line[1], &slope);
    }
}

/* Multiplies f by the next move's line and, when the move is an addition, takes out the vertical
 * line through where it starts. */
static const struct move *follow(struct function *f, const struct move *next) {
    multiply_by_line(f, next->line);
    if (next->digit != 0) {
        take_out_vertical(f, &next->from);
    }
    return next + 1;
}

/* The function of one step from its two to four moves; returns what follows them. */
static const struct move *make_step(struct pairing_step *out, const struct move *next,
                                    const int digits[2]) {
    struct function f;
    memset(&f, 0, sizeof f);
    f.a[0] = next->line[0];
    f.a[1] = next->line[1];
    field_one(&f.b[0]);
    f.a_degree = 1;
    next++;
    if (digits[1] != 0) {
        next = follow(&f, next);
    }
    square(&f);
    const struct affine_point *between = &next->from;
    next = follow(&f, next);
    take_out_vertical(&f, between);
    take_out_vertical(&f, between);
    if (digits[0] != 0) {
        next = follow(&f, next);
    }
    memcpy(out->a, f.a, sizeof out->a);
    memcpy(out->b, f.b, sizeof out->b);
    return next;
}

/* `digits` are those of the steps, the highest last. */
static void make_steps(struct builder *b, unsigned first, const int *digits) {
    b->multiples[0] = b->multiples[b->count];
    b->count = 0;
    for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
        for (unsigned j = 2; j-- > 0;) {
            int digit = digits[2 * (PAIRING_STEPS - 1 - first - i) + j];
            move(b, 0);
            if (digit != 0) {
                move(b, digit);
            }
        }
    }
    make_affine(b);
    make_lines(b);
    const struct move *next = b->moves;
    for (unsigned i = 0; i < STEPS_AT_ONCE; i++) {
        const int *pair = &digits[2 * (PAIRING_STEPS - 1 - first - i)];
        next = make_step(&b->steps.steps[first + i], next, pair);
        b->steps.order[first + i] = (uint8_t)(pair[1] != 0 ? 2 : pair[0] != 0);
    }
}

static void make_all_steps(struct builder *b, const struct affine_point *k) {
    int digits[SAKKE_ORDER_BITS];
    b->k = b->negated_k = *k;
    field_negate(&b->negated_k.y, &k->y);
    curve_from_affine(&b->multiples[0], k);
    order_digits(digits);
    move(b, 0);
    make_affine(b);
    make_lines(b);
    memcpy(b->steps.tangent, b->moves[0].line, sizeof b->steps.tangent);
    for (unsigned first = 0; first < PAIRING_STEPS; first += STEPS_AT_ONCE) {
        make_steps(b, first, digits);
    }
}

enum status pairing_table_build(struct pairing_table *table, const struct affine_point *k) {
    struct builder *b = secret_object_new(sizeof *b);
    if (b == NULL) {
        return STATUS_NO_MEMORY;
    }
    make_all_steps(b, k);
    table->eight = arithmetic_chosen()->eight;
    if (table->eight) {
        eight_pairing_steps_pack(&table->form.eight, &b->steps);
    } else {
        table->form.plain = b->steps;
    }
    secret_object_free(b);
    return STATUS_OK;
}
