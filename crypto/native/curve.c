/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/curve.h"

#include <string.h>

#include "crypto/native/answer.h"

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
    return answer(field_equal(&left, &right));
}

/* The subgroup of order q, which is 4E(F_p) as E(F_p) is cyclic of order 4q, by a pairing of
 * order 4.
 *
 * 3 is no square in F_p: F_p^2 = F_p(e) with e^2 = 3, and N(u + v e) = u^2 - 3 v^2. An element of
 * F_p^2 is a square there just when its norm is one in F_p. Let S be the point of order 4 over
 * F_p^2 with x = e + k, where k^2 = 6, and y = l k, where l^2 = 2k + 3e: then 2S = (e, 0), and the
 * tangent at S is y - l (x - e). Let f = (y - l (x - e))^2 / (x - e), the function with the divisor
 * 4(S) - 4(O). For points R of E(F_p), where f has neither zeros nor poles, R -> f(R)^((p^2 - 1)/4)
 * is the Tate pairing with S: a homomorphism to the fourth roots of unity, which is 1 on 4E(F_p).
 * At a point of order 4 (which generates E(F_p) modulo 4E(F_p)) its value has order 4, which the
 * tests confirm. So R = (x, y) is in 4E(F_p) just when f(R) is a fourth power in F_p^2.
 *
 * It must be a square first: x - e must be one, so N(x - e) = x^2 - 3 = y^2 / x, so x. Say x = s^2
 * and x - e = c^2. Then N(c) is one of the roots of y^2 / x, which are +-y/s. As the trace of c^2
 * is 2x, 2(x + N(c)) is the square of the trace of c, while 2(x - N(c)) is no square: (x + N(c))(x
 * - N(c)) is x^2 - y^2/x = 3. So s is chosen such that 2(x + y/s) is a square; then N(c) = y/s. And
 * f(R) is
 * ((y - l (x - e)) / c)^2, a fourth power just when that quotient or its negative is a square, and
 * with -1 being one in F_p^2, when N(y - l (x - e)) y/s is a square in F_p. With l = l0 + l1 e that
 * norm is (y - l0 x + 3 l1)^2 - 3 (l0 - l1 x)^2. For x = 0 or y = 0, which is (0, 0) alone, of
 * order 2, the last value is 0 and no square. */
static uint64_t in_subgroup(const struct affine_point *point,
                            uint64_t (*is_square)(const struct field_element *)) {
    struct field_element s, other, ys, l0, l1, a, b;
    uint64_t is_in = field_square_root(&s, &point->x);
    /* 2(x + y/s), times s^2. */
    field_multiply(&ys, &point->y, &s);
    field_square(&a, &s);
    field_multiply(&a, &a, &point->x);
    field_add(&a, &a, &ys);
    field_double(&a, &a);
    field_negate(&other, &ys);
    field_select(&ys, is_square(&a), &ys, &other);

    field_from_integer(&l0, &sakke_slope_0);
    field_from_integer(&l1, &sakke_slope_1);
    field_multiply(&a, &l0, &point->x);
    field_subtract(&a, &point->y, &a);
    field_triple(&b, &l1);
    field_add(&a, &a, &b);
    field_square(&a, &a);
    field_multiply(&b, &l1, &point->x);
    field_subtract(&b, &l0, &b);
    field_square(&b, &b);
    field_triple(&b, &b);
    field_subtract(&a, &a, &b);
    field_multiply(&a, &a, &ys);
    return is_in & is_square(&a);
}

bool curve_in_subgroup(const struct affine_point *point) {
    return answer(in_subgroup(point, field_is_square));
}

bool curve_in_subgroup_public(const struct affine_point *point) {
    return answer(in_subgroup(point, field_is_square_public));
}

static enum status read_if(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out,
                           bool (*is_taken)(const struct affine_point *)) {
    uint64_t in_range = field_from_octets(&out->x, octets + 1);
    in_range &= field_from_octets(&out->y, octets + 1 + RESIDUE_OCTETS);
    in_range &= 0 - (uint64_t)(octets[0] == UNCOMPRESSED);
    if (answer(in_range) && curve_is_on(out) && is_taken(out)) {
        return STATUS_OK;
    }
    memset(out, 0, sizeof *out);
    return STATUS_POINT_INVALID;
}

static bool is_any(const struct affine_point *point) {
    (void)point;
    return true;
}

enum status curve_read_any(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out) {
    return read_if(octets, out, is_any);
}

enum status curve_read(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out) {
    return read_if(octets, out, curve_in_subgroup);
}

enum status curve_read_public(const uint8_t octets[SAKKE_POINT_SIZE], struct affine_point *out) {
    return read_if(octets, out, curve_in_subgroup_public);
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
    struct field_element plus, minus, u, w;
    field_triple(&w, &sum->xz);
    field_add(&plus, &sum->yy, &w);
    field_subtract(&minus, &sum->yy, &w);
    field_subtract(&u, &sum->xx, &sum->zz);
    field_triple(&u, &u);
    field_triple(&w, &sum->zz);
    field_add(&w, &w, &sum->xx);
    field_triple(&w, &w);

    field_multiply_add(&out->x, &sum->xy, &plus, &sum->yz, &w);
    field_negate(&w, &w);
    field_multiply_add(&out->y, &plus, &minus, &u, &w);
    field_multiply_add(&out->z, &sum->yz, &minus, &sum->xy, &u);
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

void curve_add_chord(struct affine_point *out, const struct affine_point *a,
                     const struct affine_point *b, const struct field_element *inverse) {
    struct field_element slope, x, y;
    field_subtract(&slope, &b->y, &a->y);
    field_multiply(&slope, &slope, inverse);
    field_square(&x, &slope);
    field_subtract(&x, &x, &a->x);
    field_subtract(&x, &x, &b->x);
    field_subtract(&y, &a->x, &x);
    field_multiply(&y, &y, &slope);
    field_subtract(&out->y, &y, &a->y);
    out->x = x;
}

/* curve_add for two equal points, where z comes out as 8 y^3 z by the curve's equation. */
void curve_double(struct curve_point *out, const struct curve_point *point) {
    struct field_element xx, yy, zz, xy, yz, xz, plus, minus, w;
    field_square(&xx, &point->x);
    field_square(&yy, &point->y);
    field_square(&zz, &point->z);
    field_multiply(&xy, &point->x, &point->y);
    field_multiply(&yz, &point->y, &point->z);
    field_multiply(&xz, &point->x, &point->z);
    field_double(&xy, &xy);
    field_double(&yz, &yz);
    field_double(&xz, &xz);

    field_triple(&w, &xz);
    field_add(&plus, &yy, &w);
    field_subtract(&minus, &yy, &w);
    field_triple(&w, &zz);
    field_add(&w, &w, &xx);
    field_triple(&w, &w);
    field_subtract(&xx, &xx, &zz);
    field_triple(&xx, &xx);

    field_multiply_add(&out->x, &xy, &plus, &yz, &w);
    field_negate(&w, &w);
    field_multiply_add(&out->y, &plus, &minus, &xx, &w);
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
