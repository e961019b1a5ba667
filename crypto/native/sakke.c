/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/sakke.h"

#include <string.h>

#include "crypto/native/answer.h"
#include "crypto/native/digest.h"
#include "crypto/native/generator.h"
#include "crypto/secret.h"

enum {
    ORDER_BLOCKS = RESIDUE_OCTETS / DIGEST_SIZE, /* SHA-256 blocks that cover 0..q-1 */
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
void sakke_identifier_scalar(struct residue *out, struct span identifier) {
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
    sakke_identifier_scalar(&a, identifier);
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
        sakke_identifier_scalar(&b, identifier);
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
