/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/sakke.h"

#include <string.h>

#include "crypto/native/answer.h"
#include "crypto/native/digest.h"
#include "crypto/native/generator.h"
#include "crypto/secret.h"

enum {
    ORDER_BLOCKS = RESIDUE_OCTETS / DIGEST_SIZE, /* SHA-256 blocks that cover 0..q-1 */
    ORDER_TOP_MASK = 0x3F,                       /* q has 2 bits less than RESIDUE_OCTETS */
    DRAWS_MAX = 256,
};

/* RFC 6508 5.1 before its reduction: v = SHA-256(h_1 || A) || SHA-256(h_2 || A) ... for A the hash
 * of the parts, h_0 zeros and h_i the hash of h_(i-1). Fills out[blocks * DIGEST_SIZE]. */
static enum status hash_blocks(const struct span *parts, size_t count, uint8_t *out,
                               size_t blocks) {
    struct {
        uint8_t h[DIGEST_SIZE], a[DIGEST_SIZE];
    } input = {{0}, {0}};
    enum status status = digest_of(parts, count, input.a);
    for (size_t i = 0; status == STATUS_OK && i < blocks; i++) {
        status = digest_of(&SPAN_OF(input.h), 1, input.h);
        if (status == STATUS_OK) {
            status = digest_of(&(struct span){input.h, sizeof input}, 1, out + i * DIGEST_SIZE);
        }
    }
    secret_wipe(&input, sizeof input);
    return status;
}

/* r = HashToIntegerRange(SSV || b, q). */
static enum status hash_to_order(const uint8_t ssv[SSV_SIZE], struct span identifier,
                                 struct residue *r) {
    uint8_t octets[ORDER_BLOCKS * DIGEST_SIZE];
    enum status status =
        hash_blocks((struct span[]){{ssv, SSV_SIZE}, identifier}, 2, octets, ORDER_BLOCKS);
    if (status == STATUS_OK) {
        residue_from_octets(r, SPAN_OF(octets));
        residue_to_montgomery(r, r, &sakke_q);
        residue_from_montgomery(r, r, &sakke_q);
    }
    secret_wipe(octets, sizeof octets);
    return status;
}

/* out = in XOR HashToIntegerRange(w, 2^n): it masks and unmasks the SSV. */
static enum status mask_ssv(const struct field_element *w, const uint8_t in[SSV_SIZE],
                            uint8_t out[SSV_SIZE]) {
    uint8_t w_octets[SAKKE_FIELD_SIZE], mask[DIGEST_SIZE];
    field_to_octets(w_octets, w);
    enum status status = hash_blocks(&SPAN_OF(w_octets), 1, mask, 1);
    for (size_t i = 0; status == STATUS_OK && i < SSV_SIZE; i++) {
        out[i] = in[i] ^ mask[DIGEST_SIZE - SSV_SIZE + i];
    }
    secret_wipe(w_octets, sizeof w_octets);
    secret_wipe(mask, sizeof mask);
    return status;
}

/* The identifier as an integer modulo q (6.1.1, 6.2.1). Going into Montgomery form multiplies by
 * 2^1024, which is what the next 128 octets shift by. */
static void identifier_scalar(struct residue *out, struct span identifier) {
    size_t first = identifier.length % RESIDUE_OCTETS;
    struct residue chunk;
    residue_from_octets(out, (struct span){identifier.octets, first});
    for (size_t at = first; at < identifier.length; at += RESIDUE_OCTETS) {
        residue_from_octets(&chunk, (struct span){identifier.octets + at, RESIDUE_OCTETS});
        residue_to_montgomery(&chunk, &chunk, &sakke_q);
        residue_from_montgomery(&chunk, &chunk, &sakke_q);
        residue_to_montgomery(out, out, &sakke_q);
        residue_add(out, out, &chunk, &sakke_q);
    }
}

enum status sakke_domain_load(const uint8_t z[SAKKE_POINT_SIZE], struct sakke_domain *out) {
    enum status status = curve_read_public(z, &out->z);
    if (status != STATUS_OK) {
        return status;
    }
    curve_comb_build(&out->z_comb, &out->z);
    out->generator_comb = generator_comb();
    out->g_comb = generator_power_comb();
    return STATUS_OK;
}

/* <[a]P + Z, K> == g for the right key. */
static bool key_belongs(const struct sakke_domain *domain, struct span identifier,
                        const struct pairing_table *key) {
    struct residue a;
    struct curve_point identity_point;
    struct affine_point affine;
    struct field_element g, value;
    identifier_scalar(&a, identifier);
    curve_comb_multiply(&identity_point, generator_comb(), &a);
    curve_add_affine(&identity_point, &identity_point, &domain->z);
    if (curve_is_infinity(&identity_point)) {
        return false;
    }
    curve_to_affine(&affine, &identity_point);
    field_from_integer(&g, &sakke_g);
    pairing(&value, key, &affine);
    return answer(field_equal(&value, &g));
}

enum status sakke_key_load(const struct sakke_domain *domain, struct span identifier,
                           const uint8_t rsk[SAKKE_POINT_SIZE], struct pairing_table *out) {
    struct affine_point point;
    enum status status = curve_read(rsk, &point);
    if (status == STATUS_OK) {
        status = pairing_table_build(out, &point);
    }
    if (status == STATUS_OK && !key_belongs(domain, identifier, out)) {
        status = STATUS_KEY_INVALID;
    }
    if (status != STATUS_OK) {
        secret_wipe(out, sizeof *out);
    }
    return status;
}

/* R = [r]([b]P + Z) is [b r]P + [r]Z. */
struct scalars {
    struct residue product, r;
};

static enum status scalars_of(const uint8_t ssv[SSV_SIZE], struct span identifier,
                              struct scalars *out) {
    struct residue b;
    enum status status = hash_to_order(ssv, identifier, &out->r);
    if (status == STATUS_OK) {
        identifier_scalar(&b, identifier);
        residue_to_montgomery(&b, &b, &sakke_q);
        residue_multiply(&out->product, &b, &out->r, &sakke_q);
    }
    return status;
}

/* R || H, given 1/z and 1/real. */
static enum status write_data(const struct curve_point *point, const struct quadratic *power,
                              const struct field_element inverses[2], const uint8_t ssv[SSV_SIZE],
                              uint8_t data[SAKKE_DATA_SIZE]) {
    struct affine_point affine;
    struct field_element w;
    field_multiply(&affine.x, &point->x, &inverses[0]);
    field_multiply(&affine.y, &point->y, &inverses[0]);
    curve_write(data, &affine);
    field_multiply(&w, &power->imaginary, &inverses[1]);
    return mask_ssv(&w, ssv, data + SAKKE_POINT_SIZE);
}

/* R || H for `count` points R and powers g^r, EIGHT at most: with one inversion for all. */
static enum status write_all(size_t count, const struct curve_point points[],
                             const struct quadratic powers[], const uint8_t (*ssvs)[SSV_SIZE],
                             uint8_t (*data)[SAKKE_DATA_SIZE]) {
    struct field_element inverses[EIGHT][2], products[2 * EIGHT];
    uint64_t infinite = 0;
    for (size_t i = 0; i < count; i++) {
        infinite |= curve_is_infinity(&points[i]);
        inverses[i][0] = points[i].z;
        inverses[i][1] = powers[i].real;
    }
    if (answer(infinite)) {
        return STATUS_KEY_INVALID;
    }
    field_invert_all(&inverses[0][0], products, 2 * count);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        status = write_data(&points[i], &powers[i], inverses[i], ssvs[i], data[i]);
    }
    return status;
}

static enum status encapsulate_one(const struct sakke_domain *domain, struct span identifier,
                                   const uint8_t (*ssv)[SSV_SIZE],
                                   uint8_t (*data)[SAKKE_DATA_SIZE]) {
    struct scalars scalars;
    struct curve_point point;
    struct quadratic power;
    enum status status = scalars_of(*ssv, identifier, &scalars);
    if (status != STATUS_OK) {
        return status;
    }
    curve_comb_multiply_pair(&point, domain->generator_comb, &scalars.product, &domain->z_comb,
                             &scalars.r);
    power_comb_raise(&power, domain->g_comb, &scalars.r);
    return write_all(1, &point, &power, ssv, data);
}

static enum status encapsulate_eight(const struct sakke_domain *domain,
                                     const struct span identifiers[EIGHT],
                                     const uint8_t (*ssvs)[SSV_SIZE],
                                     uint8_t (*data)[SAKKE_DATA_SIZE]) {
    struct residue products[EIGHT], rs[EIGHT];
    struct curve_point points[EIGHT];
    struct quadratic powers[EIGHT];
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && i < EIGHT; i++) {
        struct scalars scalars;
        status = scalars_of(ssvs[i], identifiers[i], &scalars);
        products[i] = scalars.product;
        rs[i] = scalars.r;
    }
    if (status != STATUS_OK) {
        return status;
    }
    curve_comb_multiply_pair_each(points, domain->generator_comb, products, &domain->z_comb, rs);
    power_comb_raise_each(powers, domain->g_comb, rs);
    return write_all(EIGHT, points, powers, ssvs, data);
}

enum status sakke_encapsulate_each(const struct sakke_domain *domain, size_t count,
                                   const struct span identifiers[], const uint8_t (*ssvs)[SSV_SIZE],
                                   uint8_t (*data)[SAKKE_DATA_SIZE]) {
    enum status status = STATUS_OK;
    size_t done = 0;
    for (; status == STATUS_OK && done + EIGHT <= count; done += EIGHT) {
        status = encapsulate_eight(domain, &identifiers[done], &ssvs[done], &data[done]);
    }
    for (; status == STATUS_OK && done < count; done++) {
        status = encapsulate_one(domain, identifiers[done], &ssvs[done], &data[done]);
    }
    if (status != STATUS_OK) {
        memset(data, 0, count * sizeof *data);
    }
    return status;
}

/* 6.2.2 step 5: does the SSV make this R, which is [r]Q with Q = [b]P + Z?
 *
 * The test is g^r == w. Q has order q: it is not infinity and <Q, K> = g, or the key would not have
 * been taken (key_belongs). So R, a point of order q as well, is [r']Q for one r' in 1..q-1, and
 * w = <K, R> = <K, Q>^r' = g^r' as the pairing is bilinear and symmetric. g has order q, so that
 * g^r = g^r' just when r = r', which is when [r]Q = R. */
static enum status check_encapsulation(struct span identifier, const uint8_t ssv[SSV_SIZE],
                                       const struct field_element *w) {
    struct residue r;
    struct quadratic power;
    struct field_element imaginary;
    enum status status = hash_to_order(ssv, identifier, &r);
    if (status == STATUS_OK) {
        power_comb_raise(&power, generator_power_comb(), &r);
        field_multiply(&imaginary, &power.real, w);
        if (!answer(field_equal(&imaginary, &power.imaginary))) {
            status = STATUS_ENCAPSULATION_INVALID;
        }
    }
    secret_wipe(&r, sizeof r);
    return status;
}

enum status sakke_decapsulate(struct span identifier, const struct pairing_table *key,
                              const uint8_t data[SAKKE_DATA_SIZE], uint8_t ssv[SSV_SIZE]) {
    struct affine_point received;
    struct field_element w;
    memset(ssv, 0, SSV_SIZE);
    enum status status = curve_read_public(data, &received);
    if (status != STATUS_OK) {
        return status;
    }
    pairing(&w, key, &received);
    status = mask_ssv(&w, data + SAKKE_POINT_SIZE, ssv);
    if (status == STATUS_OK) {
        status = check_encapsulation(identifier, ssv, &w);
    }
    if (status != STATUS_OK) {
        secret_wipe(ssv, SSV_SIZE);
    }
    secret_wipe(&w, sizeof w);
    return status;
}

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
    identifier_scalar(out, identifier);
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

/* (a + z_T)^-1 of each identifier, in Montgomery form, with one inversion for all. */
static enum status receiver_scalars(const struct sakke_master *master, size_t count,
                                    const struct span identifiers[], struct weighted *all) {
    struct residue inverse = sakke_q.radix, next;
    for (size_t i = 0; i < count; i++) {
        denominator(&all->scalars[i], master, identifiers[i]);
        all->products[i] = inverse;
        residue_multiply(&inverse, &inverse, &all->scalars[i], &sakke_q);
    }
    residue_invert(&inverse, &inverse, &sakke_q);
    bool good = !answer(residue_is_zero(&inverse));
    for (size_t i = count; i-- > 0;) {
        residue_multiply(&next, &inverse, &all->scalars[i], &sakke_q);
        residue_multiply(&all->scalars[i], &inverse, &all->products[i], &sakke_q);
        inverse = next;
    }
    secret_wipe(&inverse, sizeof inverse);
    secret_wipe(&next, sizeof next);
    return good ? STATUS_OK : STATUS_KEY_INVALID;
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
        status = receiver_scalars(master, count, identifiers, all);
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
