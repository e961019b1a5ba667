/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A KMS's side of SAKKE (sakke.h): the master secret, and the keys that are made of it. */
#include <string.h>

#include "crypto/native/answer.h"
#include "crypto/native/arithmetic.h"
#include "crypto/native/generator.h"
#include "crypto/native/sakke.h"
#include "crypto/secret.h"

enum {
    ORDER_TOP_MASK = 0x3F, /* q has 2 bits less than RESIDUE_OCTETS */
    DRAWS_MAX = 256
};

static bool master_in_range(const struct residue *z) {
    static const struct residue one = {{1}};
    return answer(residue_is_below(&one, z) & residue_is_below(z, &sakke_q.value));
}

enum status sakke_master_draw(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE]) {
    struct residue integer;
    enum status status = STATUS_LIBRARY_FAILED;
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        status = entropy_draw(entropy, z, SAKKE_FIELD_SIZE);
        if (status != STATUS_OK) {
            break;
        }
        z[0] &= ORDER_TOP_MASK;
        residue_from_octets(&integer, (struct span){z, SAKKE_FIELD_SIZE});
        if (master_in_range(&integer)) {
            break;
        }
        status = STATUS_LIBRARY_FAILED;
    }
    if (status != STATUS_OK) {
        secret_wipe(z, SAKKE_FIELD_SIZE);
    }
    secret_wipe(&integer, sizeof integer);
    return status;
}

enum status sakke_master_load(const uint8_t z[SAKKE_FIELD_SIZE], struct sakke_master *out) {
    residue_from_octets(&out->z, (struct span){z, SAKKE_FIELD_SIZE});
    if (!master_in_range(&out->z)) {
        secret_wipe(out, sizeof *out);
        return STATUS_KEY_INVALID;
    }
    return STATUS_OK;
}

static void write_generator_multiple(const struct residue *scalar, uint8_t out[SAKKE_POINT_SIZE]) {
    struct curve_point point;
    struct affine_point affine;
    curve_comb_multiply(&point, generator_comb(), scalar);
    curve_to_affine(&affine, &point);
    curve_write(out, &affine);
    secret_wipe(&point, sizeof point);
    secret_wipe(&affine, sizeof affine);
}

void sakke_public_key(const struct sakke_master *master, uint8_t z_point[SAKKE_POINT_SIZE]) {
    write_generator_multiple(&master->z, z_point);
}

/* a + z_T in Montgomery form. */
static void denominator(struct residue *out, const struct sakke_master *master,
                        struct span identifier) {
    sakke_identifier_scalar(out, identifier);
    residue_add(out, out, &master->z, &sakke_q);
    residue_to_montgomery(out, out, &sakke_q);
}

enum status sakke_issue(const struct sakke_master *master, struct span identifier,
                        uint8_t rsk[SAKKE_POINT_SIZE]) {
    struct residue scalar;
    denominator(&scalar, master, identifier);
    residue_invert(&scalar, &scalar, &sakke_q);
    if (answer(residue_is_zero(&scalar))) {
        memset(rsk, 0, SAKKE_POINT_SIZE);
        return STATUS_KEY_INVALID;
    }
    residue_from_montgomery(&scalar, &scalar, &sakke_q);
    write_generator_multiple(&scalar, rsk);
    secret_wipe(&scalar, sizeof scalar);
    return STATUS_OK;
}

/* (a + z_T)^-1 of each identifier, in Montgomery form, with one inversion for all; `products` is
 * scratch for as many. */
static enum status receiver_scalars(const struct sakke_master *master, size_t count,
                                    const struct span identifiers[], struct residue scalars[],
                                    struct residue products[]) {
    struct residue inverse = sakke_q.radix, next;
    for (size_t i = 0; i < count; i++) {
        denominator(&scalars[i], master, identifiers[i]);
        products[i] = inverse;
        residue_multiply(&inverse, &inverse, &scalars[i], &sakke_q);
    }
    residue_invert(&inverse, &inverse, &sakke_q);
    bool good = !answer(residue_is_zero(&inverse));
    for (size_t i = count; i-- > 0;) {
        residue_multiply(&next, &inverse, &scalars[i], &sakke_q);
        residue_multiply(&scalars[i], &inverse, &products[i], &sakke_q);
        inverse = next;
    }
    secret_wipe(&inverse, sizeof inverse);
    secret_wipe(&next, sizeof next);
    return good ? STATUS_OK : STATUS_KEY_INVALID;
}

/* --- Many issued at once --------------------------------------------------------------------- */

struct issuing {
    struct residue scalars[WIDE_SCALARS], products[WIDE_SCALARS];
    struct affine_point points[WIDE_SCALARS];
    struct wide_work work;
};

/* One by one: also what the chord has no answer for. */
static enum status issue_singly(const struct sakke_master *master, size_t count,
                                const struct span identifiers[], uint8_t *const rsks[]) {
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = sakke_issue(master, identifiers[i], rsks[i]);
    }
    return status;
}

/* WIDE_SCALARS at most. */
static enum status issue_some(const struct sakke_master *master, size_t count,
                              const struct span identifiers[], uint8_t *const rsks[],
                              struct issuing *issuing) {
    struct residue *scalars = issuing->scalars;
    enum status status = receiver_scalars(master, count, identifiers, scalars, issuing->products);
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        residue_from_montgomery(&scalars[i], &scalars[i], &sakke_q);
    }
    if (status != STATUS_OK) {
        return status;
    }
    if (!wide_comb_multiply(count, issuing->points, generator_wide_comb(), scalars,
                            &issuing->work)) {
        return issue_singly(master, count, identifiers, rsks);
    }
    for (size_t i = 0; i < count; i++) {
        curve_write(rsks[i], &issuing->points[i]);
    }
    return STATUS_OK;
}

static enum status issue_together(const struct sakke_master *master, size_t count,
                                  const struct span identifiers[], uint8_t *const rsks[]) {
    struct issuing *issuing = secret_object_new(sizeof *issuing);
    enum status status = issuing == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t done = 0, some; status == STATUS_OK && done < count; done += some) {
        some = count - done < WIDE_SCALARS ? count - done : WIDE_SCALARS;
        status = issue_some(master, some, &identifiers[done], &rsks[done], issuing);
    }
    secret_object_free(issuing);
    return status;
}

enum status sakke_issue_each(const struct sakke_master *master, size_t count,
                             const struct span identifiers[], uint8_t *const rsks[]) {
    /* Eight at a time is how one key is made there already. */
    enum status status = count < 2 || arithmetic_chosen()->eight
                             ? issue_singly(master, count, identifiers, rsks)
                             : issue_together(master, count, identifiers, rsks);
    for (size_t i = 0; status != STATUS_OK && i < count; i++) {
        secret_wipe(rsks[i], SAKKE_POINT_SIZE);
    }
    return status;
}

/* --- What was issued, checked ---------------------------------------------------------------- */

/* Points that should be known multiples of P. Each has a random weight, which is odd so that also a
 * part of order 2 or 4 shows: then the sum of the weighted points is P times that of the weighted
 * scalars, and if a point is wrong, it is so for at most one weight of the 2^31. */
enum {
    CHECKED_AT_ONCE = 32,
    WEIGHT_BITS = 32
};

struct weighted {
    size_t count;
    struct affine_point points[CHECKED_AT_ONCE];
    uint32_t weights[CHECKED_AT_ONCE];
    struct residue scalars[CHECKED_AT_ONCE], products[CHECKED_AT_ONCE]; /* of those to be weighed */
    struct residue sum; /* of the weighted scalars, in plain form */
};

/* `scalar` is in Montgomery form. Weights are no secret: nothing else is made of them. */
static enum status weigh(struct weighted *all, const struct affine_point *point,
                         const struct residue *scalar) {
    uint32_t weight;
    enum status status = entropy_draw(&entropy_system, (uint8_t *)&weight, sizeof weight);
    struct residue product = {{weight |= 1}};
    residue_multiply(&product, scalar, &product, &sakke_q); /* Montgomery times plain: plain */
    residue_add(&all->sum, &all->sum, &product, &sakke_q);
    secret_wipe(&product, sizeof product);
    all->points[all->count] = *point;
    all->weights[all->count++] = weight;
    return status;
}

static void weighted_sum(const struct weighted *all, struct curve_point *out) {
    memset(out, 0, sizeof *out);
    field_one(&out->y);
    for (unsigned bit = WEIGHT_BITS; bit-- > 0;) {
        curve_double(out, out);
        for (size_t i = 0; i < all->count; i++) {
            if ((all->weights[i] >> bit & 1) != 0) {
                curve_add_affine(out, out, &all->points[i]);
            }
        }
    }
}

static bool balances(const struct weighted *all) {
    struct curve_point sum, expected;
    struct affine_point affine;
    weighted_sum(all, &sum);
    curve_comb_multiply(&expected, generator_comb(), &all->sum);
    curve_to_affine(&affine, &expected);
    bool good = answer(~curve_is_infinity(&sum) & curve_equals_affine(&sum, &affine));
    secret_wipe(&sum, sizeof sum);
    secret_wipe(&expected, sizeof expected);
    secret_wipe(&affine, sizeof affine);
    return good;
}

static enum status weigh_key(struct weighted *all, const struct residue *scalar,
                             const uint8_t rsk[SAKKE_POINT_SIZE]) {
    struct affine_point point;
    enum status status = curve_read_any(rsk, &point);
    if (status == STATUS_OK) {
        status = weigh(all, &point, scalar);
    }
    secret_wipe(&point, sizeof point);
    return status;
}

static enum status check_some(const struct sakke_master *master, const struct sakke_domain *domain,
                              size_t count, const struct span identifiers[],
                              const uint8_t *const rsks[], struct weighted *all) {
    struct residue z;
    memset(all, 0, sizeof *all);
    residue_to_montgomery(&z, &master->z, &sakke_q);
    enum status status = weigh(all, &domain->z, &z);
    if (status == STATUS_OK) {
        status = receiver_scalars(master, count, identifiers, all->scalars, all->products);
    }
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = weigh_key(all, &all->scalars[i], rsks[i]);
    }
    secret_wipe(&z, sizeof z);
    if (status == STATUS_POINT_INVALID || (status == STATUS_OK && !balances(all))) {
        return STATUS_KEY_INVALID;
    }
    return status;
}

enum status sakke_check_issued(const struct sakke_master *master, const struct sakke_domain *domain,
                               size_t count, const struct span identifiers[],
                               const uint8_t *const rsks[]) {
    struct weighted *all = secret_object_new(sizeof *all);
    enum status status = all == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t done = 0; status == STATUS_OK && done < count;) {
        size_t left = count - done;
        size_t some = left < CHECKED_AT_ONCE - 1 ? left : CHECKED_AT_ONCE - 1;
        status = check_some(master, domain, some, &identifiers[done], &rsks[done], all);
        done += some;
    }
    secret_object_free(all);
    return status;
}
