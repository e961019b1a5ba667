/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/pairing.h"

#include "crypto/native/eight/pairing.h"

/* The distortion map sends R to (-x, i y): there a function is a(-x) + i y b(-x). */
struct evaluation {
    struct field_element x, xx, xxx; /* powers of -x */
    struct field_element y, xy, xxy;
};

static void evaluation_at(struct evaluation *out, const struct affine_point *r) {
    field_negate(&out->x, &r->x);
    field_square(&out->xx, &out->x);
    field_multiply(&out->xxx, &out->xx, &out->x);
    out->y = r->y;
    field_multiply(&out->xy, &out->x, &out->y);
    field_multiply(&out->xxy, &out->xx, &out->y);
}

static void step_at(struct quadratic *out, const struct pairing_step *step, unsigned order,
                    const struct evaluation *at) {
    struct field_element product;
    field_multiply_add(&out->real, &step->a[1], &at->x, &step->a[2], &at->xx);
    field_add(&out->real, &out->real, &step->a[0]);
    if (order == 0) {
        field_multiply(&out->imaginary, &step->b[0], &at->y);
        field_add(&out->imaginary, &out->imaginary, &at->xy);
        return;
    }
    field_multiply_add(&out->imaginary, &step->b[0], &at->y, &step->b[1], &at->xy);
    if (order == 1) {
        field_add(&out->real, &out->real, &at->xxx);
    } else {
        field_multiply(&product, &step->a[3], &at->xxx);
        field_add(&out->real, &out->real, &product);
        field_add(&out->imaginary, &out->imaginary, &at->xxy);
    }
}

static void miller_loop(struct quadratic *f, const struct pairing_steps *steps,
                        const struct affine_point *r) {
    struct evaluation at;
    struct quadratic step;
    evaluation_at(&at, r);
    field_multiply(&f->real, &steps->tangent[1], &at.x);
    field_add(&f->real, &f->real, &steps->tangent[0]);
    f->imaginary = at.y;
    for (unsigned i = 0; i < PAIRING_STEPS; i++) {
        step_at(&step, &steps->steps[i], steps->order[i], &at);
        quadratic_square(f, f);
        quadratic_square(f, f);
        quadratic_multiply(f, f, &step);
    }
}

void pairing(struct field_element *out, const struct pairing_table *table,
             const struct affine_point *r) {
    struct quadratic f;
    if (table->eight) {
        eight_miller_loop(&f, &table->form.eight, r);
    } else {
        miller_loop(&f, &table->form.plain, r);
    }
    /* The final power is (p + 1) / q = 4. */
    quadratic_square(&f, &f);
    quadratic_square(&f, &f);
    quadratic_ratio(out, &f);
}
