/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/crypto/plain.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

void plain_scalar(const struct entropy *entropy, struct residue *out) {
    uint8_t octets[RESIDUE_OCTETS];
    assert_int_equal(entropy_draw(entropy, octets, sizeof octets), STATUS_OK);
    residue_from_octets(out, SPAN_OF(octets));
    residue_to_montgomery(out, out, &sakke_q);
    residue_from_montgomery(out, out, &sakke_q);
}

/* Miller's loop: `f` is the value so far and (x/z^2, y/z^3) the multiple of `a` that it has
 * reached. Factors in F_p do not count in PF_p, so that lines are kept without their denominators,
 * and the vertical lines, which lie in F_p, are left out. Each line is evaluated at the image
 * (-x, i y) of `b` under the distortion map. */
struct miller {
    const struct affine_point *a, *b;
    struct field_element x_sum; /* a's x + b's x */
    struct field_element x, y, z;
    struct quadratic f, line;
};

/* The tangent, of slope m / z' with m = 3(x - z^2)(x + z^2) and z' = 2 y z, times z' z^2:
 * m (z^2 x_b + x) - 2 y^2 + i z' z^2 y_b. Doubles the multiple and multiplies f^2 by it. */
static void miller_double(struct miller *miller) {
    struct field_element zz, yy, m, s, t;
    field_square(&zz, &miller->z);
    field_square(&yy, &miller->y);
    field_subtract(&m, &miller->x, &zz);
    field_add(&t, &miller->x, &zz);
    field_multiply(&m, &m, &t);
    field_triple(&m, &m);
    field_multiply(&s, &miller->x, &yy);
    field_double(&s, &s);
    field_double(&s, &s);
    field_multiply(&miller->z, &miller->y, &miller->z);
    field_double(&miller->z, &miller->z);
    field_double(&yy, &yy); /* 2 y^2 from here on */

    field_multiply(&t, &zz, &miller->b->x);
    field_add(&t, &t, &miller->x);
    field_multiply(&t, &t, &m);
    field_subtract(&miller->line.real, &t, &yy);
    field_multiply(&t, &miller->z, &zz);
    field_multiply(&miller->line.imaginary, &t, &miller->b->y);

    field_square(&t, &m);
    field_subtract(&t, &t, &s);
    field_subtract(&miller->x, &t, &s);
    field_subtract(&s, &s, &miller->x);
    field_multiply(&s, &s, &m);
    field_square(&yy, &yy);
    field_double(&yy, &yy);
    field_subtract(&miller->y, &s, &yy);

    quadratic_square(&miller->f, &miller->f);
    quadratic_multiply(&miller->f, &miller->f, &miller->line);
}

/* The line through the multiple and a, of slope r / z' with h = x_a z^2 - x,
 * r = y_a z^3 - y and z' = z h, times z': r (x_b + x_a) - z' y_a + i z' y_b. The multiple is never
 * +-a itself here, as the loop's prefixes of q - 1 are not +-1 mod q. */
static void miller_add(struct miller *miller) {
    struct field_element h, r, hh, v, t;
    field_square(&hh, &miller->z);
    field_multiply(&h, &miller->a->x, &hh);
    field_subtract(&h, &h, &miller->x);
    field_multiply(&hh, &hh, &miller->z);
    field_multiply(&r, &miller->a->y, &hh);
    field_subtract(&r, &r, &miller->y);
    field_multiply(&miller->z, &miller->z, &h);

    field_multiply(&t, &r, &miller->x_sum);
    field_multiply(&v, &miller->z, &miller->a->y);
    field_subtract(&miller->line.real, &t, &v);
    field_multiply(&miller->line.imaginary, &miller->z, &miller->b->y);

    field_square(&hh, &h);
    field_multiply(&v, &miller->x, &hh);
    field_multiply(&hh, &hh, &h); /* h^3 from here on */
    field_square(&t, &r);
    field_subtract(&t, &t, &hh);
    field_subtract(&t, &t, &v);
    field_subtract(&miller->x, &t, &v);
    field_subtract(&v, &v, &miller->x);
    field_multiply(&v, &v, &r);
    field_multiply(&hh, &hh, &miller->y);
    field_subtract(&miller->y, &v, &hh);

    quadratic_multiply(&miller->f, &miller->f, &miller->line);
}

void plain_pairing(struct field_element *out, const struct affine_point *a,
                   const struct affine_point *b) {
    struct miller miller = {.a = a, .b = b, .x = a->x, .y = a->y};
    struct residue order = sakke_q.value;
    field_add(&miller.x_sum, &a->x, &b->x);
    field_one(&miller.z);
    field_one(&miller.f.real);

    order.limbs[0] -= 1;
    for (unsigned i = SAKKE_ORDER_BITS - 1; i-- > 0;) {
        miller_double(&miller);
        if (residue_bit(&order, i) != 0) {
            miller_add(&miller);
        }
    }
    /* The final power is (p + 1) / q = 4. */
    quadratic_square(&miller.f, &miller.f);
    quadratic_square(&miller.f, &miller.f);
    quadratic_ratio(out, &miller.f);
}

void plain_multiply(struct curve_point *out, const struct affine_point *base,
                    const struct residue *scalar) {
    *out = (struct curve_point){.x = {{{0}}}};
    field_one(&out->y);
    for (unsigned i = RESIDUE_BITS; i-- > 0;) {
        curve_double(out, out);
        if (residue_bit(scalar, i) != 0) {
            curve_add_affine(out, out, base);
        }
    }
}

void plain_power(struct field_element *out, const struct field_element *base,
                 const struct residue *scalar) {
    struct quadratic power = {.imaginary = {{{0}}}}, factor = {.imaginary = *base};
    field_one(&power.real);
    field_one(&factor.real);
    for (unsigned i = RESIDUE_BITS; i-- > 0;) {
        quadratic_square(&power, &power);
        if (residue_bit(scalar, i) != 0) {
            quadratic_multiply(&power, &power, &factor);
        }
    }
    quadratic_ratio(out, &power);
}
