/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/sakke.h"

#include <string.h>

#include "crypto/native/digest.h"
#include "crypto/native/pairing.h"
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
        if (status == STATUS_OK)
            status = digest_of(&(struct span){input.h, sizeof input}, 1, out + i * DIGEST_SIZE);
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
    for (size_t i = 0; status == STATUS_OK && i < SSV_SIZE; i++)
        out[i] = in[i] ^ mask[DIGEST_SIZE - SSV_SIZE + i];
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

/* R = [r]([b]P + Z) as [b r]P + [r]Z. */
static void multiply_identity_point(const struct sakke_domain *domain, struct span identifier,
                                    const struct residue *r, struct curve_point *out) {
    struct residue b, product;
    identifier_scalar(&b, identifier);
    residue_to_montgomery(&b, &b, &sakke_q);
    residue_multiply(&product, &b, r, &sakke_q);
    curve_comb_multiply_pair(out, &domain->generator_comb, &product, &domain->z_comb, r);
    secret_wipe(&product, sizeof product);
}

enum status sakke_domain_load(const uint8_t z[SAKKE_POINT_SIZE], struct sakke_domain *out) {
    enum status status = curve_read(z, &out->z);
    if (status != STATUS_OK)
        return status;
    struct affine_point generator;
    struct field_element g;
    curve_generator(&generator);
    field_from_integer(&g, &sakke_g);
    curve_comb_build(&out->generator_comb, &generator);
    curve_comb_build(&out->z_comb, &out->z);
    power_comb_build(&out->g_comb, &g);
    return STATUS_OK;
}

/* <[a]P + Z, K> == g for the right key. */
static bool key_belongs(const struct sakke_domain *domain, struct span identifier,
                        const struct affine_point *rsk) {
    struct residue a;
    struct curve_point identity_point;
    struct affine_point affine;
    struct field_element g, value;
    identifier_scalar(&a, identifier);
    curve_comb_multiply(&identity_point, &domain->generator_comb, &a);
    curve_add_affine(&identity_point, &identity_point, &domain->z);
    if (curve_is_infinity(&identity_point))
        return false;
    curve_to_affine(&affine, &identity_point);
    field_from_integer(&g, &sakke_g);
    pairing(&value, rsk, &affine);
    return field_equal(&value, &g) != 0;
}

enum status sakke_key_read(const struct sakke_domain *domain, struct span identifier,
                           const uint8_t rsk[SAKKE_POINT_SIZE], struct affine_point *out) {
    enum status status = curve_read(rsk, out);
    if (status == STATUS_OK && !key_belongs(domain, identifier, out)) {
        secret_wipe(out, sizeof *out);
        status = STATUS_KEY_INVALID;
    }
    return status;
}

static enum status encapsulate_with(const struct sakke_domain *domain, struct span identifier,
                                    const uint8_t ssv[SSV_SIZE], const struct residue *r,
                                    uint8_t data[SAKKE_DATA_SIZE]) {
    struct curve_point point;
    struct affine_point affine;
    struct field_element w;
    multiply_identity_point(domain, identifier, r, &point);
    if (curve_is_infinity(&point))
        return STATUS_KEY_INVALID;
    curve_to_affine(&affine, &point);
    curve_write(data, &affine);
    power_comb_raise(&w, &domain->g_comb, r);
    enum status status = mask_ssv(&w, ssv, data + SAKKE_POINT_SIZE);
    secret_wipe(&w, sizeof w);
    secret_wipe(&point, sizeof point);
    return status;
}

enum status sakke_encapsulate(const struct sakke_domain *domain, struct span identifier,
                              const uint8_t ssv[SSV_SIZE], uint8_t data[SAKKE_DATA_SIZE]) {
    struct residue r;
    enum status status = hash_to_order(ssv, identifier, &r);
    if (status == STATUS_OK)
        status = encapsulate_with(domain, identifier, ssv, &r, data);
    if (status != STATUS_OK)
        memset(data, 0, SAKKE_DATA_SIZE);
    secret_wipe(&r, sizeof r);
    return status;
}

/* 6.2.2 step 5: does the SSV make this R? */
static enum status check_encapsulation(const struct sakke_domain *domain, struct span identifier,
                                       const uint8_t ssv[SSV_SIZE],
                                       const struct affine_point *received) {
    struct residue r;
    struct curve_point point;
    enum status status = hash_to_order(ssv, identifier, &r);
    if (status == STATUS_OK) {
        multiply_identity_point(domain, identifier, &r, &point);
        if (!curve_equals_affine(&point, received))
            status = STATUS_ENCAPSULATION_INVALID;
        secret_wipe(&point, sizeof point);
    }
    secret_wipe(&r, sizeof r);
    return status;
}

enum status sakke_decapsulate(const struct sakke_domain *domain, struct span identifier,
                              const struct affine_point *rsk, const uint8_t data[SAKKE_DATA_SIZE],
                              uint8_t ssv[SSV_SIZE]) {
    struct affine_point received;
    struct field_element w;
    memset(ssv, 0, SSV_SIZE);
    enum status status = curve_read(data, &received);
    if (status != STATUS_OK)
        return status;
    pairing(&w, rsk, &received);
    status = mask_ssv(&w, data + SAKKE_POINT_SIZE, ssv);
    if (status == STATUS_OK)
        status = check_encapsulation(domain, identifier, ssv, &received);
    if (status != STATUS_OK)
        secret_wipe(ssv, SSV_SIZE);
    secret_wipe(&w, sizeof w);
    return status;
}

static bool master_in_range(const struct residue *z) {
    static const struct residue one = {{1}};
    return (residue_is_below(&one, z) & residue_is_below(z, &sakke_q.value)) != 0;
}

enum status sakke_master_draw(const struct entropy *entropy, uint8_t z[SAKKE_FIELD_SIZE]) {
    struct residue integer;
    enum status status = STATUS_LIBRARY_FAILED;
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        status = entropy_draw(entropy, z, SAKKE_FIELD_SIZE);
        if (status != STATUS_OK)
            break;
        z[0] &= ORDER_TOP_MASK;
        residue_from_octets(&integer, (struct span){z, SAKKE_FIELD_SIZE});
        if (master_in_range(&integer))
            break;
        status = STATUS_LIBRARY_FAILED;
    }
    if (status != STATUS_OK)
        secret_wipe(z, SAKKE_FIELD_SIZE);
    secret_wipe(&integer, sizeof integer);
    return status;
}

enum status sakke_master_load(const uint8_t z[SAKKE_FIELD_SIZE], struct sakke_master *out) {
    residue_from_octets(&out->z, (struct span){z, SAKKE_FIELD_SIZE});
    if (!master_in_range(&out->z)) {
        secret_wipe(out, sizeof *out);
        return STATUS_KEY_INVALID;
    }
    struct affine_point generator;
    curve_generator(&generator);
    curve_comb_build(&out->generator_comb, &generator);
    return STATUS_OK;
}

static void write_generator_multiple(const struct sakke_master *master,
                                     const struct residue *scalar, uint8_t out[SAKKE_POINT_SIZE]) {
    struct curve_point point;
    struct affine_point affine;
    curve_comb_multiply(&point, &master->generator_comb, scalar);
    curve_to_affine(&affine, &point);
    curve_write(out, &affine);
    secret_wipe(&point, sizeof point);
    secret_wipe(&affine, sizeof affine);
}

void sakke_public_key(const struct sakke_master *master, uint8_t z_point[SAKKE_POINT_SIZE]) {
    write_generator_multiple(master, &master->z, z_point);
}

enum status sakke_issue(const struct sakke_master *master, struct span identifier,
                        uint8_t rsk[SAKKE_POINT_SIZE]) {
    struct residue scalar;
    identifier_scalar(&scalar, identifier);
    residue_add(&scalar, &scalar, &master->z, &sakke_q);
    if (residue_is_zero(&scalar)) {
        memset(rsk, 0, SAKKE_POINT_SIZE);
        return STATUS_KEY_INVALID;
    }
    residue_to_montgomery(&scalar, &scalar, &sakke_q);
    residue_invert(&scalar, &scalar, &sakke_q);
    residue_from_montgomery(&scalar, &scalar, &sakke_q);
    write_generator_multiple(master, &scalar, rsk);
    secret_wipe(&scalar, sizeof scalar);
    return STATUS_OK;
}
