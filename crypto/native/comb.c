/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/comb.h"

#include <string.h>

#include "crypto/native/arithmetic.h"
#include "crypto/native/eight/comb.h"

/* 2^1064 - 1 modulo q. */
static const struct residue all_places = {{
    0x08b9ab2113b512de,
    0xb9b8d5bc6ba68b7e,
    0x5554190d7fcc85d7,
    0xf7143264f3c1d422,
    0x24cc83ef15cd8722,
    0x430f31f350664393,
    0xcedc76b2e25f5545,
    0xd8a973b03a225fb7,
    0x652311986f347f17,
    0xdefa53602555c16d,
    0xc798e5ba7a810ab1,
    0x0b6d03af452037ef,
    0x1dca487644e22200,
    0x5f22bee57832d2ef,
    0x7d838f443d0ae7a0,
    0x1889a611f15930a0,
}};

/* e = (k + 2^1064 - 1) / 2, where an odd sum gets q, which is odd too: below 2q < 2^1023. */
void comb_recode(struct residue *out, const struct residue *scalar) {
    static const struct residue zero = {{0}};
    struct residue order;
    residue_add(out, scalar, &all_places, &sakke_q);
    residue_select(&order, 0 - (out->limbs[0] & 1), &sakke_q.value, &zero);
    residue_add(out, out, &order, &sakke_p); /* below p: no reduction */
    for (unsigned i = 0; i + 1 < RESIDUE_LIMBS; i++) {
        out->limbs[i] = out->limbs[i] >> 1 | out->limbs[i + 1] << 63;
    }
    out->limbs[RESIDUE_LIMBS - 1] >>= 1;
}

struct comb_digit comb_digit_at(const struct residue *recoded, unsigned place) {
    uint64_t bits = 0;
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++) {
        bits |= residue_bit(recoded, tooth * COMB_SPACING + place) << tooth;
    }
    uint64_t negative = (bits >> (COMB_TEETH - 1)) - 1;
    return (struct comb_digit){(bits ^ negative) & (COMB_SUMS - 1), negative};
}

struct comb_digit comb_digit(const struct residue *recoded, unsigned block, unsigned column) {
    return comb_digit_at(recoded, block * COMB_COLUMNS + column);
}

/* The element at `index` of COMB_SUMS that lie `stride` octets apart; all are read. */
static void look_up(struct field_element *out, const struct field_element *elements, size_t stride,
                    uint64_t index) {
    enum {
        PARTS = 8
    };
    typedef uint64_t pair __attribute__((vector_size(16)));
    pair sum[PARTS] = {{0}}, part;
    for (uint64_t i = 0; i < COMB_SUMS; i++) {
        uint64_t mask = 0 - (((i ^ index) - 1) >> 63);
        const uint8_t *element = (const uint8_t *)elements + i * stride;
#pragma GCC unroll 8
        for (unsigned j = 0; j < PARTS; j++) {
            memcpy(&part, element + j * sizeof part, sizeof part); /* to a register, at once */
            sum[j] |= part & (pair){mask, mask};
        }
    }
    memcpy(out, sum, sizeof *out);
}

static void negate_where(struct field_element *element, uint64_t mask) {
    struct field_element negated;
    field_negate(&negated, element);
    field_select(element, mask, &negated, element);
}

void comb_look_up(struct affine_point *out, const struct affine_point sums[COMB_SUMS],
                  struct comb_digit digit) {
    look_up(&out->x, &sums->x, sizeof *sums, digit.index);
    look_up(&out->y, &sums->y, sizeof *sums, digit.index);
    negate_where(&out->y, digit.negative);
}

/* The teeth of every block, from the first up: [2^(152 t + c b)]base for blocks of c columns. */
static void curve_teeth(struct curve_point (*teeth)[COMB_TEETH], unsigned blocks,
                        const struct affine_point *base) {
    struct curve_point multiple;
    curve_from_affine(&multiple, base);
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++) {
        for (unsigned block = 0; block < blocks; block++) {
            teeth[block][tooth] = multiple;
            for (unsigned i = 0; i < COMB_SPACING / blocks; i++) {
                curve_double(&multiple, &multiple);
            }
        }
    }
}

/* The last tooth less all others, and from there up: where bit t is set, tooth t counts twice. */
static void curve_sums(struct affine_point out[COMB_SUMS],
                       const struct curve_point teeth[COMB_TEETH]) {
    struct curve_point sums[COMB_SUMS], doubled;
    struct field_element denominators[COMB_SUMS], products[COMB_SUMS];
    sums[0] = teeth[COMB_TEETH - 1];
    for (unsigned tooth = 0; tooth + 1 < COMB_TEETH; tooth++) {
        doubled = teeth[tooth];
        field_negate(&doubled.y, &doubled.y);
        curve_add(&sums[0], &sums[0], &doubled);
    }
    for (unsigned tooth = 0; tooth + 1 < COMB_TEETH; tooth++) {
        curve_double(&doubled, &teeth[tooth]);
        for (unsigned i = 0; i < 1U << tooth; i++) {
            curve_add(&sums[i + (1U << tooth)], &sums[i], &doubled);
        }
    }
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        denominators[i] = sums[i].z;
    }
    field_invert_all(denominators, products, COMB_SUMS);
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        field_multiply(&out[i].x, &sums[i].x, &denominators[i]);
        field_multiply(&out[i].y, &sums[i].y, &denominators[i]);
    }
}

void comb_sums(struct affine_point (*sums)[COMB_SUMS], unsigned blocks,
               const struct affine_point *base) {
    struct curve_point teeth[COMB_BLOCKS_MAX][COMB_TEETH];
    curve_teeth(teeth, blocks, base);
    for (unsigned block = 0; block < blocks; block++) {
        curve_sums(sums[block], teeth[block]);
    }
}

void curve_comb_build(struct curve_comb *comb, const struct affine_point *base) {
    comb->eight = false;
    comb_sums(comb->table.sums, COMB_BLOCKS, base);
    if (arithmetic_chosen()->eight) {
        eight_curve_comb_pack(comb);
    }
}

static void set_infinity(struct curve_point *out) {
    memset(out, 0, sizeof *out);
    field_one(&out->y);
}

/* Adds the digits of one column. */
static void curve_comb_accumulate(struct curve_point *total, const struct curve_comb *comb,
                                  const struct residue *recoded, unsigned column) {
    for (unsigned block = 0; block < COMB_BLOCKS; block++) {
        struct comb_digit digit = comb_digit(recoded, block, column);
        struct affine_point sum;
        comb_look_up(&sum, comb->table.sums[block], digit);
        curve_add_affine(total, total, &sum);
    }
}

/* The sum of recoded[i] times the base of combs[i], which are all of one form. */
static void multiply_recoded(struct curve_point *out, unsigned bases,
                             const struct curve_comb *const combs[],
                             const struct residue recoded[]) {
    if (combs[0]->eight) {
        eight_curve_multiply(out, bases, combs, recoded);
        return;
    }
    set_infinity(out);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        curve_double(out, out);
        for (unsigned i = 0; i < bases; i++) {
            curve_comb_accumulate(out, combs[i], &recoded[i], column);
        }
    }
}

void curve_comb_multiply(struct curve_point *out, const struct curve_comb *comb,
                         const struct residue *scalar) {
    struct residue recoded;
    comb_recode(&recoded, scalar);
    multiply_recoded(out, 1, &comb, &recoded);
}

void curve_comb_multiply_pair(struct curve_point *out, const struct curve_comb *comb_a,
                              const struct residue *scalar_a, const struct curve_comb *comb_b,
                              const struct residue *scalar_b) {
    struct residue recoded[2];
    comb_recode(&recoded[0], scalar_a);
    comb_recode(&recoded[1], scalar_b);
    multiply_recoded(out, 2, (const struct curve_comb *const[]){comb_a, comb_b}, recoded);
}

void curve_comb_multiply_pair_each(struct curve_point out[EIGHT], const struct curve_comb *comb_a,
                                   const struct residue scalars_a[EIGHT],
                                   const struct curve_comb *comb_b,
                                   const struct residue scalars_b[EIGHT]) {
    if (comb_a->eight) {
        struct residue recoded[2 * EIGHT];
        for (unsigned i = 0; i < EIGHT; i++) {
            comb_recode(&recoded[i], &scalars_a[i]);
            comb_recode(&recoded[EIGHT + i], &scalars_b[i]);
        }
        eight_curve_multiply_each(out, 2, (const struct curve_comb *const[]){comb_a, comb_b},
                                  recoded);
        return;
    }
    for (unsigned i = 0; i < EIGHT; i++) {
        curve_comb_multiply_pair(&out[i], comb_a, &scalars_a[i], comb_b, &scalars_b[i]);
    }
}

/* As for points; the inverse of an element of PF_p is its conjugate. */
static void power_teeth(struct quadratic teeth[COMB_BLOCKS][COMB_TEETH],
                        const struct field_element *base) {
    struct quadratic power;
    field_one(&power.real);
    power.imaginary = *base;
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++) {
        for (unsigned block = 0; block < COMB_BLOCKS; block++) {
            teeth[block][tooth] = power;
            for (unsigned i = 0; i < COMB_COLUMNS; i++) {
                quadratic_square(&power, &power);
            }
        }
    }
}

/* The real part of an element of odd order is never 0: i itself has order 2. */
static void power_sums(struct field_element out[COMB_SUMS],
                       const struct quadratic teeth[COMB_TEETH]) {
    struct quadratic sums[COMB_SUMS], squared;
    struct field_element reals[COMB_SUMS], products[COMB_SUMS];
    sums[0] = teeth[COMB_TEETH - 1];
    for (unsigned tooth = 0; tooth + 1 < COMB_TEETH; tooth++) {
        squared = teeth[tooth];
        field_negate(&squared.imaginary, &squared.imaginary);
        quadratic_multiply(&sums[0], &sums[0], &squared);
    }
    for (unsigned tooth = 0; tooth + 1 < COMB_TEETH; tooth++) {
        quadratic_square(&squared, &teeth[tooth]);
        for (unsigned i = 0; i < 1U << tooth; i++) {
            quadratic_multiply(&sums[i + (1U << tooth)], &sums[i], &squared);
        }
    }
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        reals[i] = sums[i].real;
    }
    field_invert_all(reals, products, COMB_SUMS);
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        field_multiply(&out[i], &sums[i].imaginary, &reals[i]);
    }
}

void power_comb_build(struct power_comb *comb, const struct field_element *base) {
    struct quadratic teeth[COMB_BLOCKS][COMB_TEETH];
    comb->eight = false;
    power_teeth(teeth, base);
    for (unsigned block = 0; block < COMB_BLOCKS; block++) {
        power_sums(comb->table.powers[block], teeth[block]);
    }
    if (arithmetic_chosen()->eight) {
        eight_power_comb_pack(comb);
    }
}

void power_comb_raise(struct quadratic *out, const struct power_comb *comb,
                      const struct residue *scalar) {
    struct residue recoded;
    struct field_element ratio;
    comb_recode(&recoded, scalar);
    if (comb->eight) {
        eight_power_raise(out, comb, &recoded);
        return;
    }
    memset(out, 0, sizeof *out);
    field_one(&out->real);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        quadratic_square(out, out);
        for (unsigned block = 0; block < COMB_BLOCKS; block++) {
            struct comb_digit digit = comb_digit(&recoded, block, column);
            look_up(&ratio, comb->table.powers[block], sizeof ratio, digit.index);
            negate_where(&ratio, digit.negative);
            quadratic_multiply_by_ratio(out, &ratio);
        }
    }
}

void power_comb_raise_each(struct quadratic out[EIGHT], const struct power_comb *comb,
                           const struct residue scalars[EIGHT]) {
    if (comb->eight) {
        struct residue recoded[EIGHT];
        for (unsigned i = 0; i < EIGHT; i++) {
            comb_recode(&recoded[i], &scalars[i]);
        }
        eight_power_raise_each(out, comb, recoded);
        return;
    }
    for (unsigned i = 0; i < EIGHT; i++) {
        power_comb_raise(&out[i], comb, &scalars[i]);
    }
}
