/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/eight/comb.h"

#include <string.h>

#include "crypto/native/eight/field.h"

enum {
    LOOKED_UP = 4 /* digits of each lane that one walk through a table serves */
};

/* The digits of one place in each lane. */
struct digits {
    lanes index, negative;
};

/* Lane b is block b of one scalar. */
static void digits_of_one(struct digits *out, const struct residue *recoded, unsigned column) {
    for (unsigned block = 0; block < COMB_BLOCKS; block++) {
        struct comb_digit digit = comb_digit(recoded, block, column);
        out->index[block] = digit.index;
        out->negative[block] = digit.negative;
    }
}

/* Lane b is block b of the scalar that is `turn` further than b. */
static void digits_of_each(struct digits *out, const struct residue recoded[EIGHT], unsigned column,
                           unsigned turn) {
    for (unsigned block = 0; block < COMB_BLOCKS; block++) {
        struct comb_digit digit = comb_digit(&recoded[(block + turn) % EIGHT], block, column);
        out->index[block] = digit.index;
        out->negative[block] = digit.negative;
    }
}

/* From the lanes of blocks to those of scalars. */
static lanes turned_back(unsigned turn) {
    lanes from = lanes_all(0);
    for (unsigned i = 0; i < EIGHT; i++) {
        from[i] = (i + EIGHT - turn) % EIGHT;
    }
    return from;
}

/* For `count` digits the element that each lane's index names, out of COMB_SUMS that lie `stride`
 * apart: all are looked at. A few limbs at a time, so that the sums stay in registers. */
static inline __attribute__((always_inline)) void
look_up(struct eight *out, unsigned count, unsigned limbs, const struct eight_element *elements,
        unsigned stride, const struct digits *digits) {
    for (unsigned first = 0; first < EIGHT_LIMBS; first += limbs) {
        lanes sums[EIGHT_LIMBS];
        for (unsigned i = 0; i < count * limbs; i++) {
            sums[i] = lanes_all(0);
        }
#pragma GCC unroll 1
        for (uint64_t i = 0; i < COMB_SUMS; i++) {
            const lanes *element = (const lanes *)elements[i * stride].limbs + first;
#pragma GCC unroll 4
            for (unsigned digit = 0; digit < count; digit++) {
                lanes mask = lanes_equal(digits[digit].index, lanes_all(i));
#pragma GCC unroll 20
                for (unsigned limb = 0; limb < limbs; limb++) {
                    sums[digit * limbs + limb] |= element[limb] & mask;
                }
            }
        }
        for (unsigned digit = 0; digit < count; digit++) {
            for (unsigned limb = 0; limb < limbs; limb++) {
                out[digit].limbs[first + limb] = sums[digit * limbs + limb];
            }
        }
    }
}

static void look_up_one(struct eight *out, const struct eight_element *elements, unsigned stride,
                        const struct digits *digits) {
    look_up(out, 1, EIGHT_LIMBS, elements, stride, digits);
}

static void look_up_more(struct eight out[LOOKED_UP], const struct eight_element *elements,
                         unsigned stride, const struct digits digits[LOOKED_UP]) {
    look_up(out, LOOKED_UP, EIGHT_LIMBS / LOOKED_UP, elements, stride, digits);
}

/* 32p - a in the lanes of the mask, a elsewhere, for a below 32p: at most 32p. */
static void negate_where(struct eight *a, lanes mask) {
    for (unsigned i = 0; i < EIGHT_LIMBS; i++) {
        a->limbs[i] = (a->limbs[i] ^ mask) - mask + (lanes_all(eight_offset[i]) & mask);
    }
    eight_carry(a);
}

/* --- Points, by curve.c's complete formulas --- */

struct eight_point {
    struct eight x, y, z; /* below 2p each */
};

static void set_infinity(struct eight_point *out) {
    memset(out, 0, sizeof *out);
    eight_one(&out->y);
}

/* Inputs: xy below 66p, yz and xz below 4p, xx, yy, zz below 2p. Then plus < 14p, minus < 34p,
 * u < 102p, w < 24p, its negative at most 32p, and the sums of products are below
 * 66 * 14 + 4 * 24 = 1020, 14 * 34 + 102 * 32 = 3740 and 4 * 34 + 66 * 102 = 6868. */
static void addition_finish(struct eight_point *out, const struct eight *xx, const struct eight *yy,
                            const struct eight *zz, const struct eight *xy, const struct eight *yz,
                            const struct eight *xz) {
    struct eight plus, minus, u, w;
    eight_times(&w, xz, 3);
    eight_add(&plus, yy, &w);
    eight_subtract(&minus, yy, &w);
    eight_subtract(&u, xx, zz);
    eight_times(&u, &u, 3);
    eight_times(&w, zz, 3);
    eight_add(&w, &w, xx);
    eight_times(&w, &w, 3);
    eight_multiply_add(&out->x, xy, &plus, yz, &w);
    eight_negate(&w, &w);
    eight_multiply_add(&out->y, &plus, &minus, &u, &w);
    eight_multiply_add(&out->z, yz, &minus, xy, &u);
}

/* For y at most 32p, x below 2p. */
static void add_affine(struct eight_point *total, const struct eight *x, const struct eight *y) {
    struct eight xx, yy, xy, yz, xz, sum;
    eight_multiply(&xx, &total->x, x);
    eight_multiply(&yy, &total->y, y);
    eight_add(&xy, &total->x, &total->y);
    eight_add(&sum, x, y);
    eight_multiply(&xy, &xy, &sum); /* 4 * 34 */
    eight_subtract(&xy, &xy, &xx);
    eight_subtract(&xy, &xy, &yy); /* below 66p */
    eight_multiply(&yz, &total->z, y);
    eight_add(&yz, &yz, &total->y);
    eight_multiply(&xz, &total->z, x);
    eight_add(&xz, &xz, &total->x);
    addition_finish(total, &xx, &yy, &total->z, &xy, &yz, &xz);
}

static void double_point(struct eight_point *point) {
    struct eight xx, yy, zz, xy, yz, xz, plus, minus, w;
    eight_square(&xx, &point->x);
    eight_square(&yy, &point->y);
    eight_square(&zz, &point->z);
    eight_multiply(&xy, &point->x, &point->y);
    eight_multiply(&yz, &point->y, &point->z);
    eight_multiply(&xz, &point->x, &point->z);
    eight_times(&xy, &xy, 2);
    eight_times(&yz, &yz, 2);
    eight_times(&w, &xz, 6); /* below 12p */
    eight_add(&plus, &yy, &w);
    eight_subtract(&minus, &yy, &w);
    eight_times(&w, &zz, 3);
    eight_add(&w, &w, &xx);
    eight_times(&w, &w, 3); /* below 24p */
    eight_subtract(&xx, &xx, &zz);
    eight_times(&xx, &xx, 3); /* below 102p */
    eight_multiply_add(&point->x, &xy, &plus, &yz, &w);
    eight_negate(&w, &w);
    eight_multiply_add(&point->y, &plus, &minus, &xx, &w);
    eight_times(&yz, &yz, 4);
    eight_multiply(&point->z, &yy, &yz);
}

static void unpack_points(struct curve_point out[EIGHT], const struct eight_point *points) {
    struct field_element x[EIGHT], y[EIGHT], z[EIGHT];
    eight_unpack(x, &points->x);
    eight_unpack(y, &points->y);
    eight_unpack(z, &points->z);
    for (unsigned i = 0; i < EIGHT; i++) {
        out[i] = (struct curve_point){x[i], y[i], z[i]};
    }
}

void eight_curve_comb_pack(struct curve_comb *comb) {
    struct affine_point sums[COMB_BLOCKS][COMB_SUMS];
    struct field_element x[EIGHT], y[EIGHT];
    memcpy(sums, comb->table.sums, sizeof sums);
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        for (unsigned block = 0; block < COMB_BLOCKS; block++) {
            x[block] = sums[block][i].x;
            y[block] = sums[block][i].y;
        }
        eight_pack((struct eight *)comb->table.eight[i][0].limbs, x);
        eight_pack((struct eight *)comb->table.eight[i][1].limbs, y);
    }
    comb->eight = true;
}

void eight_curve_multiply(struct curve_point *out, unsigned bases,
                          const struct curve_comb *const combs[], const struct residue recoded[]) {
    struct eight_point total;
    struct eight x, y;
    struct digits digits;
    struct curve_point parts[EIGHT];
    set_infinity(&total);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        double_point(&total);
        for (unsigned base = 0; base < bases; base++) {
            digits_of_one(&digits, &recoded[base], column);
            look_up_one(&x, &combs[base]->table.eight[0][0], 2, &digits);
            look_up_one(&y, &combs[base]->table.eight[0][1], 2, &digits);
            negate_where(&y, digits.negative);
            add_affine(&total, &x, &y);
        }
    }
    unpack_points(parts, &total);
    *out = parts[0];
    for (unsigned i = 1; i < EIGHT; i++) {
        curve_add(out, out, &parts[i]);
    }
}

/* Adds the digits of one column of one base, LOOKED_UP turns at a time. */
static void accumulate_each(struct eight_point *total, const struct curve_comb *comb,
                            const struct residue recoded[EIGHT], unsigned column) {
    struct eight x[LOOKED_UP], y[LOOKED_UP];
    struct digits digits[LOOKED_UP];
    for (unsigned first = 0; first < EIGHT; first += LOOKED_UP) {
        for (unsigned i = 0; i < LOOKED_UP; i++) {
            digits_of_each(&digits[i], recoded, column, first + i);
        }
        look_up_more(x, &comb->table.eight[0][0], 2, digits);
        look_up_more(y, &comb->table.eight[0][1], 2, digits);
        for (unsigned i = 0; i < LOOKED_UP; i++) {
            lanes from = turned_back(first + i);
            negate_where(&y[i], digits[i].negative);
            eight_permute(&x[i], &x[i], from);
            eight_permute(&y[i], &y[i], from);
            add_affine(total, &x[i], &y[i]);
        }
    }
}

void eight_curve_multiply_each(struct curve_point out[EIGHT], unsigned bases,
                               const struct curve_comb *const combs[],
                               const struct residue recoded[]) {
    struct eight_point total;
    set_infinity(&total);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        double_point(&total);
        for (unsigned base = 0; base < bases; base++) {
            accumulate_each(&total, combs[base], &recoded[base * EIGHT], column);
        }
    }
    unpack_points(out, &total);
}

/* --- Powers --- */

/* Below 2p and 4p after a squaring. Each of the eight factors before the next one adds 32p to the
 * real part and 2p to the imaginary one: below 258p and 20p. */
struct eight_quadratic {
    struct eight real, imaginary;
};

static void set_one(struct eight_quadratic *out) {
    memset(out, 0, sizeof *out);
    eight_one(&out->real);
}

/* The factors are below 278p and 290p. */
static void square_power(struct eight_quadratic *power) {
    struct eight sum, difference;
    eight_add(&sum, &power->real, &power->imaginary);
    eight_subtract(&difference, &power->real, &power->imaginary);
    eight_multiply(&power->imaginary, &power->real, &power->imaginary);
    eight_times(&power->imaginary, &power->imaginary, 2);
    eight_multiply(&power->real, &sum, &difference);
}

/* power *= 1 + ratio i, for a ratio of at most 32p. */
static void multiply_by_ratio(struct eight_quadratic *power, const struct eight *ratio) {
    struct eight real, imaginary;
    eight_multiply(&real, &power->imaginary, ratio);
    eight_multiply(&imaginary, &power->real, ratio);
    eight_subtract(&power->real, &power->real, &real);
    eight_add(&power->imaginary, &power->imaginary, &imaginary);
}

static void unpack_powers(struct quadratic out[EIGHT], const struct eight_quadratic *powers) {
    struct field_element real[EIGHT], imaginary[EIGHT];
    eight_unpack(real, &powers->real);
    eight_unpack(imaginary, &powers->imaginary);
    for (unsigned i = 0; i < EIGHT; i++) {
        out[i] = (struct quadratic){real[i], imaginary[i]};
    }
}

void eight_power_comb_pack(struct power_comb *comb) {
    struct field_element powers[COMB_BLOCKS][COMB_SUMS], ratios[EIGHT];
    memcpy(powers, comb->table.powers, sizeof powers);
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        for (unsigned block = 0; block < COMB_BLOCKS; block++) {
            ratios[block] = powers[block][i];
        }
        eight_pack((struct eight *)comb->table.eight[i].limbs, ratios);
    }
    comb->eight = true;
}

void eight_power_raise(struct quadratic *out, const struct power_comb *comb,
                       const struct residue *recoded) {
    struct eight_quadratic power;
    struct eight ratio;
    struct digits digits;
    struct quadratic parts[EIGHT];
    set_one(&power);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        square_power(&power);
        digits_of_one(&digits, recoded, column);
        look_up_one(&ratio, comb->table.eight, 1, &digits);
        negate_where(&ratio, digits.negative);
        multiply_by_ratio(&power, &ratio);
    }
    unpack_powers(parts, &power);
    *out = parts[0];
    for (unsigned i = 1; i < EIGHT; i++) {
        quadratic_multiply(out, out, &parts[i]);
    }
}

void eight_power_raise_each(struct quadratic out[EIGHT], const struct power_comb *comb,
                            const struct residue recoded[EIGHT]) {
    struct eight_quadratic power;
    struct eight ratios[LOOKED_UP];
    struct digits digits[LOOKED_UP];
    set_one(&power);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        square_power(&power);
        for (unsigned first = 0; first < EIGHT; first += LOOKED_UP) {
            for (unsigned i = 0; i < LOOKED_UP; i++) {
                digits_of_each(&digits[i], recoded, column, first + i);
            }
            look_up_more(ratios, comb->table.eight, 1, digits);
            for (unsigned i = 0; i < LOOKED_UP; i++) {
                negate_where(&ratios[i], digits[i].negative);
                eight_permute(&ratios[i], &ratios[i], turned_back(first + i));
                multiply_by_ratio(&power, &ratios[i]);
            }
        }
    }
    unpack_powers(out, &power);
}
