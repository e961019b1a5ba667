/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/field.h"

#include "crypto/secret.h"

void field_negate(struct field_element *out, const struct field_element *a) {
    static const struct field_element zero = {{{0}}};
    field_subtract(out, &zero, a);
}

void field_triple(struct field_element *out, const struct field_element *a) {
    struct field_element doubled;
    field_double(&doubled, a);
    field_add(out, &doubled, a);
}

void field_invert_all(struct field_element *elements, struct field_element *products,
                      size_t count) {
    struct field_element inverse, next;
    field_one(&inverse);
    for (size_t i = 0; i < count; i++) {
        products[i] = inverse;
        field_multiply(&inverse, &inverse, &elements[i]);
    }
    field_invert(&inverse, &inverse);
    for (size_t i = count; i-- > 0;) {
        field_multiply(&next, &inverse, &elements[i]);
        field_multiply(&elements[i], &inverse, &products[i]);
        inverse = next;
    }
}

uint64_t field_square_root(struct field_element *out, const struct field_element *a) {
    struct field_element root, square;
    residue_power(&root.residue, &a->residue, &sakke_q.value, &sakke_p);
    field_square(&square, &root);
    uint64_t is_root = field_equal(&square, a);
    *out = root;
    return is_root;
}

uint64_t field_is_square(const struct field_element *a) {
    struct field_element root;
    return field_square_root(&root, a) & ~field_is_zero(a);
}

/* The Montgomery form of a is a times 2^1024, a square: it need not be left. */
uint64_t field_is_square_public(const struct field_element *a) {
    return residue_jacobi_public(&a->residue, &sakke_p.value) == 1 ? UINT64_MAX : 0;
}

void field_one(struct field_element *out) {
    out->residue = sakke_p.radix;
}

void field_from_integer(struct field_element *out, const struct residue *integer) {
    residue_to_montgomery(&out->residue, integer, &sakke_p);
}

uint64_t field_from_octets(struct field_element *out, const uint8_t octets[RESIDUE_OCTETS]) {
    static const struct residue zero = {{0}};
    struct residue integer;
    residue_from_octets(&integer, (struct span){octets, RESIDUE_OCTETS});
    uint64_t in_range = residue_is_below(&integer, &sakke_p.value);
    residue_select(&integer, in_range, &integer, &zero);
    field_from_integer(out, &integer);
    secret_wipe(&integer, sizeof integer);
    return in_range;
}

void field_to_octets(uint8_t out[RESIDUE_OCTETS], const struct field_element *a) {
    struct residue integer;
    residue_from_montgomery(&integer, &a->residue, &sakke_p);
    residue_to_octets(out, RESIDUE_OCTETS, &integer);
    secret_wipe(&integer, sizeof integer);
}
