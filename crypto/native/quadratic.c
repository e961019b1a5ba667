/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/quadratic.h"

#include "crypto/secret.h"

/* Karatsuba: 3 multiplications. */
void quadratic_multiply(struct quadratic *out, const struct quadratic *a,
                        const struct quadratic *b) {
    struct field_element real, imaginary, sum_a, sum_b;
    field_add(&sum_a, &a->real, &a->imaginary);
    field_add(&sum_b, &b->real, &b->imaginary);
    field_multiply(&real, &a->real, &b->real);
    field_multiply(&imaginary, &a->imaginary, &b->imaginary);
    field_multiply(&sum_a, &sum_a, &sum_b);
    field_subtract(&sum_a, &sum_a, &real);
    field_subtract(&out->imaginary, &sum_a, &imaginary);
    field_subtract(&out->real, &real, &imaginary);
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

uint64_t comb_digit(const struct residue *scalar, unsigned column) {
    uint64_t digit = 0;
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++)
        digit |= residue_bit(scalar, column + tooth * COMB_COLUMNS) << tooth;
    return digit;
}

uint64_t comb_equal(uint64_t a, uint64_t b) {
    return 0 - (((a ^ b) - 1) >> 63);
}

void power_comb_build(struct power_comb *comb, const struct field_element *base) {
    struct quadratic powers[COMB_SUMS], power;
    struct field_element reals[COMB_SUMS], products[COMB_SUMS];
    field_one(&power.real);
    power.imaginary = *base;
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++) {
        unsigned first = 1U << tooth;
        powers[first - 1] = power;
        for (unsigned lower = 1; lower < first; lower++)
            quadratic_multiply(&powers[first + lower - 1], &powers[lower - 1], &power);
        for (unsigned i = 0; i < COMB_COLUMNS; i++)
            quadratic_square(&power, &power);
    }
    for (unsigned i = 0; i < COMB_SUMS; i++)
        reals[i] = powers[i].real;
    field_invert_all(reals, products, COMB_SUMS);
    for (unsigned i = 0; i < COMB_SUMS; i++)
        field_multiply(&comb->powers[i], &powers[i].imaginary, &reals[i]);
}

/* out *= 1 + ratio * i. */
static void multiply_by_ratio(struct quadratic *out, const struct field_element *ratio) {
    struct field_element real, imaginary;
    field_multiply(&real, &out->imaginary, ratio);
    field_multiply(&imaginary, &out->real, ratio);
    field_subtract(&out->real, &out->real, &real);
    field_add(&out->imaginary, &out->imaginary, &imaginary);
}

void power_comb_raise(struct field_element *out, const struct power_comb *comb,
                      const struct residue *scalar) {
    struct quadratic power = {.imaginary = {{{0}}}};
    struct field_element ratio;
    field_one(&power.real);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        quadratic_square(&power, &power);
        uint64_t digit = comb_digit(scalar, column);
        /* 0 is the ratio of 1, which is what digit 0 multiplies by. */
        ratio = (struct field_element){{{0}}};
        for (unsigned i = 1; i <= COMB_SUMS; i++)
            field_select(&ratio, comb_equal(digit, i), &comb->powers[i - 1], &ratio);
        multiply_by_ratio(&power, &ratio);
    }
    quadratic_ratio(out, &power);
    secret_wipe(&power, sizeof power);
    secret_wipe(&ratio, sizeof ratio);
}
