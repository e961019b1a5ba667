/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/quadratic.h"

void quadratic_multiply(struct quadratic *out, const struct quadratic *a,
                        const struct quadratic *b) {
    struct field_element negated, real;
    field_negate(&negated, &b->imaginary);
    field_multiply_add(&real, &a->real, &b->real, &a->imaginary, &negated);
    field_multiply_add(&out->imaginary, &a->real, &b->imaginary, &a->imaginary, &b->real);
    out->real = real;
}

void quadratic_square(struct quadratic *out, const struct quadratic *a) {
    struct field_element sum, difference, product;
    field_add(&sum, &a->real, &a->imaginary);
    field_subtract(&difference, &a->real, &a->imaginary);
    field_multiply(&product, &a->real, &a->imaginary);
    field_multiply(&out->real, &sum, &difference);
    field_double(&out->imaginary, &product);
}

void quadratic_ratio(struct field_element *out, const struct quadratic *a) {
    struct field_element inverse;
    field_invert(&inverse, &a->real);
    field_multiply(out, &a->imaginary, &inverse);
}

void quadratic_multiply_by_ratio(struct quadratic *out, const struct field_element *ratio) {
    struct field_element real, imaginary;
    field_multiply(&real, &out->imaginary, ratio);
    field_multiply(&imaginary, &out->real, ratio);
    field_subtract(&out->real, &out->real, &real);
    field_add(&out->imaginary, &out->imaginary, &imaginary);
}
