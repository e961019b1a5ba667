/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/curve.h"

#include <string.h>

#include "crypto/secret.h"

enum {
    UNCOMPRESSED = 0x04
};

void curve_generator(struct affine_point *out) {
    field_from_integer(&out->x, &sakke_generator_x);
    field_from_integer(&out->y, &sakke_generator_y);
}

bool curve_is_on(const struct affine_point *point) {
    struct field_element left, right, three_x;
    field_square(&left, &point->y);
    field_square(&right, &point->x);
    field_multiply(&right, &right, &point->x);
    field_triple(&three_x, &point->x);
    field_subtract(&right, &right, &three_x);
    return field_equal(&left, &right) != 0;
}

/* Since E(F_p) is cyclic of order 4q with the one point (0,0) of order 2, the subgroup of order q
 * holds the points that can be halved twice over F_p. A point can be halved just when its x is a
 * non-zero square (2-descent), x = s^2 say. The halves S of (x, y) solve
 * X^2 - w X - 3 = 0 with w = 2(x + y/s), where the sign of s is the one that makes w a square (the
 * two w have the product 12, not a square). With v^2 = w x = 2(x^2 + y s) the x of a half is
 * (w x + 2 x v) / (2 x): it is a square in its turn just when w x + 2 x v = v (2 x + v) is not one,
 * as 2 is not. For (0,0) that last value is 0, which is a square.
 *
 * Which sign of s it is must not show, as the point may be a secret key. For the wrong one the
 * square root t of -2(x^2 + y s) gives v = c x / t with c^2 = -12, and v (2 x + v) is
 * c (2 t + c) times the square (x / t)^2. This takes 3 exponentiations instead of a multiplication
 * by q. */
bool curve_in_subgroup(const struct affine_point *point) {
    struct field_element s, root, minus_12_root, radicand, a, b;
    uint64_t can_be_halved = field_square_root(&s, &point->x);
    field_square(&radicand, &point->x);
    field_multiply(&a, &point->y, &s);
    field_add(&radicand, &radicand, &a);
    field_double(&radicand, &radicand);
    uint64_t is_sign = field_square_root(&root, &radicand);
    field_from_integer(&minus_12_root, &sakke_root_of_minus_12);
    field_select(&a, is_sign, &point->x, &root);
    field_select(&b, is_sign, &root, &minus_12_root);
    field_double(&a, &a);
    field_add(&a, &a, &b);
    field_multiply(&a, &a, &b);
    uint64_t is_in = can_be_halved & ~field_square_root(&s, &a);
    secret_wipe(&s, sizeof s);
    secret_wipe(&root, sizeof root);
    secret_wipe(&radicand, sizeof radicand);
    secret_wipe(&a, sizeof a);
    secret_wipe(&b, sizeof b);
    return is_in != 0;
}

enum status curve_read(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out) {
    uint64_t in_range = field_from_octets(&out->x, octets + 1);
    in_range &= field_from_octets(&out->y, octets + 1 + RESIDUE_OCTETS);
    if (octets[0] == UNCOMPRESSED && in_range && curve_is_on(out) && curve_in_subgroup(out))
        return STATUS_OK;
    memset(out, 0, sizeof *out);
    return STATUS_POINT_INVALID;
}

void curve_write(uint8_t out[SAKKE_POINT_SIZE], const struct affine_point *point) {
    out[0] = UNCOMPRESSED;
    field_to_octets(out + 1, &point->x);
    field_to_octets(out + 1 + RESIDUE_OCTETS, &point->y);
}

void curve_from_affine(struct curve_point *out, const struct affine_point *point) {
    out->x = point->x;
    out->y = point->y;
    field_one(&out->z);
}

/* What the complete formulas of Renes, Costello and Batina (EUROCRYPT 2016) make of two points,
 * for a = -3 and b = 0, before the last six products. They fail only where a - b has order 2. */
struct addition {
    struct field_element xx, yy, zz; /* x1 x2, y1 y2, z1 z2 */
    struct field_element xy, yz, xz; /* x1 y2 + x2 y1, y1 z2 + y2 z1, x1 z2 + x2 z1 */
};

static void addition_finish(struct curve_point *out, const struct addition *sum) {
    struct field_element plus, minus, u, w, product;
    field_triple(&product, &sum->xz);
    field_add(&plus, &sum->yy, &product);
    field_subtract(&minus, &sum->yy, &product);
    field_subtract(&u, &sum->xx, &sum->zz);
    field_triple(&u, &u);
    field_triple(&w, &sum->zz);
    field_add(&w, &w, &sum->xx);
    field_triple(&w, &w);

    field_multiply(&out->x, &sum->xy, &plus);
    field_multiply(&product, &sum->yz, &w);
    field_add(&out->x, &out->x, &product);
    field_multiply(&out->y, &plus, &minus);
    field_multiply(&product, &u, &w);
    field_subtract(&out->y, &out->y, &product);
    field_multiply(&out->z, &sum->yz, &minus);
    field_multiply(&product, &sum->xy, &u);
    field_add(&out->z, &out->z, &product);
}

/* a1 b2 + a2 b1 from the products a1 a2 and b1 b2. */
static void cross_product(struct field_element *out, const struct field_element *a1,
                          const struct field_element *b1, const struct field_element *a2,
                          const struct field_element *b2, const struct field_element *aa,
                          const struct field_element *bb) {
    struct field_element sum1, sum2;
    field_add(&sum1, a1, b1);
    field_add(&sum2, a2, b2);
    field_multiply(&sum1, &sum1, &sum2);
    field_subtract(&sum1, &sum1, aa);
    field_subtract(out, &sum1, bb);
}

void curve_add(struct curve_point *out, const struct curve_point *a, const struct curve_point *b) {
    struct addition sum;
    field_multiply(&sum.xx, &a->x, &b->x);
    field_multiply(&sum.yy, &a->y, &b->y);
    field_multiply(&sum.zz, &a->z, &b->z);
    cross_product(&sum.xy, &a->x, &a->y, &b->x, &b->y, &sum.xx, &sum.yy);
    cross_product(&sum.yz, &a->y, &a->z, &b->y, &b->z, &sum.yy, &sum.zz);
    cross_product(&sum.xz, &a->x, &a->z, &b->x, &b->z, &sum.xx, &sum.zz);
    addition_finish(out, &sum);
}

void curve_add_affine(struct curve_point *out, const struct curve_point *a,
                      const struct affine_point *b) {
    struct addition sum;
    field_multiply(&sum.xx, &a->x, &b->x);
    field_multiply(&sum.yy, &a->y, &b->y);
    sum.zz = a->z;
    cross_product(&sum.xy, &a->x, &a->y, &b->x, &b->y, &sum.xx, &sum.yy);
    field_multiply(&sum.yz, &a->z, &b->y);
    field_add(&sum.yz, &sum.yz, &a->y);
    field_multiply(&sum.xz, &a->z, &b->x);
    field_add(&sum.xz, &sum.xz, &a->x);
    addition_finish(out, &sum);
}

/* The same sum for two equal points, where z comes out as 8 y^3 z by the curve's equation. */
void curve_double(struct curve_point *out, const struct curve_point *point) {
    struct field_element xx, yy, zz, xy, yz, xz, plus, minus, w, product;
    field_square(&xx, &point->x);
    field_square(&yy, &point->y);
    field_square(&zz, &point->z);
    field_multiply(&xy, &point->x, &point->y);
    field_multiply(&yz, &point->y, &point->z);
    field_multiply(&xz, &point->x, &point->z);
    field_double(&xy, &xy);
    field_double(&yz, &yz);
    field_double(&xz, &xz);

    field_triple(&product, &xz);
    field_add(&plus, &yy, &product);
    field_subtract(&minus, &yy, &product);
    field_triple(&w, &zz);
    field_add(&w, &w, &xx);
    field_triple(&w, &w);
    field_subtract(&xx, &xx, &zz);
    field_triple(&xx, &xx);

    field_multiply(&out->x, &xy, &plus);
    field_multiply(&product, &yz, &w);
    field_add(&out->x, &out->x, &product);
    field_multiply(&out->y, &plus, &minus);
    field_multiply(&product, &xx, &w);
    field_subtract(&out->y, &out->y, &product);
    field_multiply(&out->z, &yy, &yz);
    field_double(&out->z, &out->z);
    field_double(&out->z, &out->z);
}

void curve_to_affine(struct affine_point *out, const struct curve_point *point) {
    struct field_element inverse;
    field_invert(&inverse, &point->z);
    field_multiply(&out->x, &point->x, &inverse);
    field_multiply(&out->y, &point->y, &inverse);
}

uint64_t curve_is_infinity(const struct curve_point *point) {
    return field_is_zero(&point->z);
}

uint64_t curve_equals_affine(const struct curve_point *a, const struct affine_point *b) {
    struct field_element x, y;
    field_multiply(&x, &b->x, &a->z);
    field_multiply(&y, &b->y, &a->z);
    /* Infinity has z = 0 and y not 0: never equal. */
    return field_equal(&x, &a->x) & field_equal(&y, &a->y);
}

void curve_comb_build(struct curve_comb *comb, const struct affine_point *base) {
    struct curve_point sums[COMB_SUMS], multiple;
    struct field_element denominators[COMB_SUMS], products[COMB_SUMS];
    curve_from_affine(&multiple, base);
    for (unsigned tooth = 0; tooth < COMB_TEETH; tooth++) {
        unsigned first = 1U << tooth;
        sums[first - 1] = multiple;
        for (unsigned lower = 1; lower < first; lower++)
            curve_add(&sums[first + lower - 1], &sums[lower - 1], &multiple);
        for (unsigned i = 0; tooth + 1 < COMB_TEETH && i < COMB_COLUMNS; i++)
            curve_double(&multiple, &multiple);
    }
    for (unsigned i = 0; i < COMB_SUMS; i++)
        denominators[i] = sums[i].z;
    field_invert_all(denominators, products, COMB_SUMS);
    for (unsigned i = 0; i < COMB_SUMS; i++) {
        field_multiply(&comb->sums[i].x, &sums[i].x, &denominators[i]);
        field_multiply(&comb->sums[i].y, &sums[i].y, &denominators[i]);
    }
}

/* Adds the comb's sum for one column, in the same time for every digit. */
static void comb_accumulate(struct curve_point *total, const struct curve_comb *comb,
                            const struct residue *scalar, unsigned column) {
    uint64_t digit = comb_digit(scalar, column);
    struct affine_point chosen = comb->sums[0];
    for (unsigned i = 2; i <= COMB_SUMS; i++) {
        uint64_t mask = comb_equal(digit, i);
        field_select(&chosen.x, mask, &comb->sums[i - 1].x, &chosen.x);
        field_select(&chosen.y, mask, &comb->sums[i - 1].y, &chosen.y);
    }
    struct curve_point sum;
    curve_add_affine(&sum, total, &chosen);
    uint64_t nothing = comb_equal(digit, 0);
    field_select(&total->x, nothing, &total->x, &sum.x);
    field_select(&total->y, nothing, &total->y, &sum.y);
    field_select(&total->z, nothing, &total->z, &sum.z);
    secret_wipe(&chosen, sizeof chosen);
    secret_wipe(&sum, sizeof sum);
}

static void set_infinity(struct curve_point *out) {
    memset(out, 0, sizeof *out);
    field_one(&out->y);
}

void curve_comb_multiply(struct curve_point *out, const struct curve_comb *comb,
                         const struct residue *scalar) {
    set_infinity(out);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        curve_double(out, out);
        comb_accumulate(out, comb, scalar, column);
    }
}

void curve_comb_multiply_pair(struct curve_point *out, const struct curve_comb *comb_a,
                              const struct residue *scalar_a, const struct curve_comb *comb_b,
                              const struct residue *scalar_b) {
    set_infinity(out);
    for (unsigned column = COMB_COLUMNS; column-- > 0;) {
        curve_double(out, out);
        comb_accumulate(out, comb_a, scalar_a, column);
        comb_accumulate(out, comb_b, scalar_b, column);
    }
}
