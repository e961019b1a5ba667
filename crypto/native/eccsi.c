/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/eccsi.h"

#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <string.h>

#include "crypto/native/answer.h"
#include "crypto/native/parameters.h"
#include "crypto/secret.h"

enum {
    UNCOMPRESSED = 0x04,
    DRAWS_MAX = 256
};

/* G || KPAK || ID || PVT begins with the generator in its octets. */
static const uint8_t generator[ECCSI_POINT_SIZE] = {
    0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5,
    0x63, 0xA4, 0x40, 0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4,
    0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A,
    0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16, 0x2B, 0xCE, 0x33,
    0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5,
};

/* A scalar for EC_POINT_mul, at most 256 bits, public or a share of a secret; NULL without memory.
 * The caller frees it with BN_clear_free. */
static BIGNUM *number_of(const struct residue *scalar) {
    uint8_t octets[ECCSI_SCALAR_SIZE];
    residue_to_octets(octets, sizeof octets, scalar);
    BIGNUM *number = BN_bin2bn(octets, sizeof octets, NULL);
    if (number != NULL) {
        BN_set_flags(number, BN_FLG_CONSTTIME);
    }
    secret_wipe(octets, sizeof octets);
    return number;
}

/* out = [g]G + [k]point; either of g and point may be NULL (then without that part). */
static enum status point_multiply(const EC_GROUP *group, EC_POINT *out, const struct residue *g,
                                  const EC_POINT *point, const struct residue *k) {
    BIGNUM *g_number = g != NULL ? number_of(g) : NULL;
    BIGNUM *k_number = point != NULL ? number_of(k) : NULL;
    enum status status = STATUS_LIBRARY_FAILED;
    if ((g != NULL && g_number == NULL) || (point != NULL && k_number == NULL)) {
        status = STATUS_NO_MEMORY;
    } else if (EC_POINT_mul(group, out, g_number, point, k_number, NULL)) {
        status = STATUS_OK;
    }
    BN_clear_free(g_number);
    BN_clear_free(k_number);
    return status;
}

/* Has a scalar fewer than 32 octets? OpenSSL's numbers tell that by their time. */
static uint64_t is_short(const struct residue *scalar) {
    struct residue top = {{scalar->limbs[3] >> 56}};
    return residue_is_zero(&top);
}

/* k = share + rest modulo n, both of 32 octets. */
static enum status draw_shares(const struct residue *k, struct residue *share,
                               struct residue *rest) {
    uint8_t octets[RESIDUE_OCTETS];
    enum status status = STATUS_LIBRARY_FAILED;
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        status = entropy_draw(&entropy_system, octets, sizeof octets);
        if (status != STATUS_OK) {
            break;
        }
        residue_from_octets(share, SPAN_OF(octets));
        residue_to_montgomery(share, share, &p256_order);
        residue_subtract(rest, k, share, &p256_order);
        if (!answer(is_short(share) | is_short(rest))) {
            break;
        }
        status = STATUS_LIBRARY_FAILED;
    }
    secret_wipe(octets, sizeof octets);
    return status;
}

/* out = [k]G for a secret k. OpenSSL's numbers show in their time how many leading zeros they have,
 * and a few such bits of many ephemeral j give the key away; so k goes in two random shares without
 * any. They leave no trace in the result, hence need no draw from the caller's source. */
static enum status multiply_by_secret(const EC_GROUP *group, EC_POINT *out,
                                      const struct residue *k) {
    struct residue share, rest;
    EC_POINT *other = EC_POINT_new(group);
    enum status status = STATUS_NO_MEMORY;
    if (other != NULL) {
        status = draw_shares(k, &share, &rest);
    }
    if (status == STATUS_OK) {
        status = point_multiply(group, out, &share, NULL, NULL);
    }
    if (status == STATUS_OK) {
        status = point_multiply(group, other, &rest, NULL, NULL);
    }
    if (status == STATUS_OK && !EC_POINT_add(group, out, out, other, NULL)) {
        status = STATUS_LIBRARY_FAILED;
    }
    EC_POINT_clear_free(other);
    secret_wipe(&share, sizeof share);
    secret_wipe(&rest, sizeof rest);
    return status;
}

/* 04 || x || y on the curve; infinity has no such octets. */
static enum status point_read(const EC_GROUP *group, const uint8_t octets[ECCSI_POINT_SIZE],
                              EC_POINT *out) {
    if (octets[0] != UNCOMPRESSED) {
        return STATUS_POINT_INVALID;
    }
    ERR_set_mark();
    int good = EC_POINT_oct2point(group, out, octets, ECCSI_POINT_SIZE, NULL);
    ERR_pop_to_mark();
    return good ? STATUS_OK : STATUS_POINT_INVALID;
}

/* STATUS_POINT_INVALID for infinity. */
static enum status point_write(const EC_GROUP *group, const EC_POINT *point,
                               uint8_t out[ECCSI_POINT_SIZE]) {
    if (EC_POINT_is_at_infinity(group, point)) {
        return STATUS_POINT_INVALID;
    }
    size_t length = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out,
                                       ECCSI_POINT_SIZE, NULL);
    return length == ECCSI_POINT_SIZE ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

/* [k]G in octets for a secret k. */
static enum status generator_multiple(const EC_GROUP *group, const struct residue *k,
                                      uint8_t out[ECCSI_POINT_SIZE]) {
    EC_POINT *point = EC_POINT_new(group);
    if (point == NULL) {
        return STATUS_NO_MEMORY;
    }
    enum status status = multiply_by_secret(group, point, k);
    if (status == STATUS_OK) {
        status = point_write(group, point, out);
    }
    EC_POINT_clear_free(point);
    return status;
}

/* 1..n-1? */
static bool scalar_in_range(const struct residue *scalar) {
    return answer(~residue_is_zero(scalar) & residue_is_below(scalar, &p256_order.value));
}

static bool scalar_read(const uint8_t octets[ECCSI_SCALAR_SIZE], struct residue *out) {
    residue_from_octets(out, (struct span){octets, ECCSI_SCALAR_SIZE});
    return scalar_in_range(out);
}

/* A uniform scalar in 1..n-1. */
static enum status scalar_draw(const struct entropy *entropy, struct residue *out) {
    uint8_t octets[ECCSI_SCALAR_SIZE];
    enum status status = STATUS_LIBRARY_FAILED;
    for (unsigned i = 0; i < DRAWS_MAX; i++) {
        status = entropy_draw(entropy, octets, sizeof octets);
        if (status != STATUS_OK || scalar_read(octets, out)) {
            break;
        }
        status = STATUS_LIBRARY_FAILED;
    }
    secret_wipe(octets, sizeof octets);
    return status;
}

/* A hash, which can exceed n, modulo n in Montgomery form. */
static void scalar_of_hash(struct residue *out, const uint8_t hash[DIGEST_SIZE]) {
    residue_from_octets(out, (struct span){hash, DIGEST_SIZE});
    residue_to_montgomery(out, out, &p256_order);
}

static enum status hash_identity(const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                                 const uint8_t pvt[ECCSI_POINT_SIZE], uint8_t hs[DIGEST_SIZE]) {
    struct span parts[] = {
        SPAN_OF(generator), {kpak, ECCSI_POINT_SIZE}, identifier, {pvt, ECCSI_POINT_SIZE}};
    return digest_of(parts, 4, hs);
}

/* HE = hash(HS || r || M) modulo n, in Montgomery form. */
static enum status hash_message(const uint8_t hs[DIGEST_SIZE], const uint8_t r[ECCSI_SCALAR_SIZE],
                                struct span message, struct residue *he) {
    uint8_t hash[DIGEST_SIZE];
    struct span parts[] = {{hs, DIGEST_SIZE}, {r, ECCSI_SCALAR_SIZE}, message};
    enum status status = digest_of(parts, 3, hash);
    scalar_of_hash(he, hash);
    return status;
}

enum status eccsi_domain_open(const uint8_t kpak[ECCSI_POINT_SIZE], struct eccsi_domain *out) {
    *out = (struct eccsi_domain){.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)};
    if (out->group != NULL) {
        out->kpak = EC_POINT_new(out->group);
        out->signers = signers_new(out->group);
    }
    enum status status = STATUS_NO_MEMORY;
    if (out->kpak != NULL && out->signers != NULL) {
        status = point_read(out->group, kpak, out->kpak);
    }
    if (status == STATUS_OK) {
        memcpy(out->kpak_octets, kpak, ECCSI_POINT_SIZE);
    } else {
        eccsi_domain_close(out);
    }
    return status;
}

void eccsi_domain_close(struct eccsi_domain *domain) {
    signers_free(domain->signers);
    EC_POINT_free(domain->kpak);
    EC_GROUP_free(domain->group);
    *domain = (struct eccsi_domain){0};
}

/* Y = [HS]PVT + KPAK. */
static enum status authentication_point(const struct eccsi_domain *domain,
                                        const uint8_t hs[DIGEST_SIZE],
                                        const uint8_t pvt[ECCSI_POINT_SIZE], EC_POINT *y) {
    struct residue scalar;
    enum status status = point_read(domain->group, pvt, y);
    if (status != STATUS_OK) {
        return status;
    }
    scalar_of_hash(&scalar, hs);
    residue_from_montgomery(&scalar, &scalar, &p256_order);
    status = point_multiply(domain->group, y, NULL, y, &scalar);
    if (status == STATUS_OK && !EC_POINT_add(domain->group, y, y, domain->kpak, NULL)) {
        status = STATUS_LIBRARY_FAILED;
    }
    return status;
}

/* 5.1.2: KPAK == [SSK]G - [HS]PVT. */
static enum status key_check(const struct eccsi_domain *domain, const struct eccsi_key *key) {
    EC_POINT *left = EC_POINT_new(domain->group), *right = EC_POINT_new(domain->group);
    enum status status = STATUS_NO_MEMORY;
    if (left != NULL && right != NULL) {
        status = authentication_point(domain, key->hs, key->pvt, left);
    }
    if (status == STATUS_OK) {
        status = multiply_by_secret(domain->group, right, &key->ssk);
    }
    if (status == STATUS_OK && answer((uint64_t)EC_POINT_cmp(domain->group, left, right, NULL))) {
        status = STATUS_KEY_INVALID;
    }
    EC_POINT_free(left);
    EC_POINT_free(right);
    return status;
}

enum status eccsi_key_load(const struct eccsi_domain *domain, struct span identifier,
                           const uint8_t ssk[ECCSI_SCALAR_SIZE],
                           const uint8_t pvt[ECCSI_POINT_SIZE], struct eccsi_key *out) {
    enum status status = scalar_read(ssk, &out->ssk) ? STATUS_OK : STATUS_KEY_INVALID;
    memcpy(out->pvt, pvt, ECCSI_POINT_SIZE);
    if (status == STATUS_OK) {
        status = hash_identity(domain->kpak_octets, identifier, pvt, out->hs);
    }
    if (status == STATUS_OK) {
        status = key_check(domain, out);
    }
    if (status != STATUS_OK) {
        secret_wipe(out, sizeof *out);
    }
    return status;
}

/* 5.2.1 steps 2 to 6 for one j. `usable` tells whether the RFC takes this j. */
static enum status sign_with(const struct eccsi_domain *domain, const struct eccsi_key *key,
                             struct span message, const struct residue *j,
                             uint8_t signature[ECCSI_SIGNATURE_SIZE], bool *usable) {
    uint8_t point[ECCSI_POINT_SIZE];
    struct residue r, ssk, he, s;
    *usable = false;
    enum status status = generator_multiple(domain->group, j, point);
    if (status != STATUS_OK || !scalar_read(point + 1, &r)) {
        return status;
    }
    memcpy(signature, point + 1, ECCSI_SCALAR_SIZE);
    status = hash_message(key->hs, signature, message, &he);
    if (status != STATUS_OK) {
        return status;
    }
    residue_to_montgomery(&r, &r, &p256_order);
    residue_to_montgomery(&ssk, &key->ssk, &p256_order);
    residue_multiply(&s, &r, &ssk, &p256_order);
    residue_add(&s, &s, &he, &p256_order);
    *usable = !answer(residue_is_zero(&s));
    residue_invert(&s, &s, &p256_order);
    residue_multiply(&s, &s, j, &p256_order); /* Montgomery times plain: plain */
    residue_to_octets(signature + ECCSI_SCALAR_SIZE, ECCSI_SCALAR_SIZE, &s);
    memcpy(signature + 2 * ECCSI_SCALAR_SIZE, key->pvt, ECCSI_POINT_SIZE);
    secret_wipe(&ssk, sizeof ssk);
    return STATUS_OK;
}

enum status eccsi_sign(const struct eccsi_domain *domain, const struct eccsi_key *key,
                       struct span message, const struct entropy *entropy,
                       uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    struct residue j;
    bool usable = false;
    enum status status = STATUS_OK;
    for (unsigned i = 0; status == STATUS_OK && !usable && i < DRAWS_MAX; i++) {
        status = scalar_draw(entropy, &j);
        if (status == STATUS_OK) {
            status = sign_with(domain, key, message, &j, signature, &usable);
        }
    }
    secret_wipe(&j, sizeof j);
    if (status == STATUS_OK && !usable) {
        status = STATUS_LIBRARY_FAILED;
    }
    if (status != STATUS_OK) {
        secret_wipe(signature, ECCSI_SIGNATURE_SIZE);
    }
    return status;
}

/* 5.2.2 steps 3 to 5: J = [s]([HE]G + [r]Y) has r as its x. */
static enum status verify_with(const struct eccsi_domain *domain, const EC_POINT *y,
                               const struct residue *s, const struct residue *r,
                               const struct residue *he,
                               const uint8_t r_octets[ECCSI_SCALAR_SIZE]) {
    uint8_t j[ECCSI_POINT_SIZE];
    struct residue s_he, s_r;
    EC_POINT *point = EC_POINT_new(domain->group);
    if (point == NULL) {
        return STATUS_NO_MEMORY;
    }
    residue_multiply(&s_he, s, he, &p256_order); /* plain times Montgomery: plain */
    residue_to_montgomery(&s_r, r, &p256_order);
    residue_multiply(&s_r, &s_r, s, &p256_order);
    enum status status = point_multiply(domain->group, point, &s_he, y, &s_r);
    if (status == STATUS_OK) {
        status = point_write(domain->group, point, j);
    }
    if (status == STATUS_OK && memcmp(j + 1, r_octets, ECCSI_SCALAR_SIZE) != 0) {
        status = STATUS_SIGNATURE_INVALID;
    }
    EC_POINT_free(point);
    return status;
}

enum status eccsi_verify(const struct eccsi_domain *domain, struct span identifier,
                         struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    const uint8_t *pvt = signature + 2 * ECCSI_SCALAR_SIZE;
    uint8_t hs[DIGEST_SIZE];
    struct residue r, s, he;
    if (!scalar_read(signature, &r) || !scalar_read(signature + ECCSI_SCALAR_SIZE, &s)) {
        return STATUS_SIGNATURE_INVALID;
    }
    EC_POINT *y = EC_POINT_new(domain->group);
    if (y == NULL) {
        return STATUS_NO_MEMORY;
    }
    bool known = false;
    enum status status = hash_identity(domain->kpak_octets, identifier, pvt, hs);
    if (status == STATUS_OK) {
        status = hash_message(hs, signature, message, &he);
    }
    if (status == STATUS_OK) {
        known = signers_find(domain->signers, hs, y);
    }
    if (status == STATUS_OK && !known) {
        status = authentication_point(domain, hs, pvt, y);
    }
    if (status == STATUS_OK) {
        status = verify_with(domain, y, &s, &r, &he, signature);
    }
    if (status == STATUS_OK && !known) {
        signers_remember(domain->signers, hs, y);
    }
    EC_POINT_free(y);
    return status == STATUS_POINT_INVALID ? STATUS_SIGNATURE_INVALID : status;
}

enum status eccsi_master_draw(const struct entropy *entropy, uint8_t ksak[ECCSI_SCALAR_SIZE]) {
    struct residue scalar;
    enum status status = scalar_draw(entropy, &scalar);
    if (status == STATUS_OK) {
        residue_to_octets(ksak, ECCSI_SCALAR_SIZE, &scalar);
    } else {
        memset(ksak, 0, ECCSI_SCALAR_SIZE);
    }
    secret_wipe(&scalar, sizeof scalar);
    return status;
}

enum status eccsi_master_load(const uint8_t ksak[ECCSI_SCALAR_SIZE], struct eccsi_master *out) {
    *out = (struct eccsi_master){.group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1),
                                 .ksak = secret_object_new(sizeof *out->ksak)};
    enum status status = out->group == NULL || out->ksak == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK && !scalar_read(ksak, out->ksak)) {
        status = STATUS_KEY_INVALID;
    }
    if (status == STATUS_OK) {
        status = generator_multiple(out->group, out->ksak, out->kpak);
    }
    if (status != STATUS_OK) {
        eccsi_master_close(out);
    }
    return status;
}

void eccsi_master_close(struct eccsi_master *master) {
    EC_GROUP_free(master->group);
    secret_object_free(master->ksak);
    *master = (struct eccsi_master){0};
}

/* 5.1.1 steps 2 to 5 for one v: SSK = KSAK + HS v. */
static enum status issue_with(const struct eccsi_master *master, struct span identifier,
                              const struct residue *v, struct residue *ssk,
                              uint8_t pvt[ECCSI_POINT_SIZE]) {
    uint8_t hash[DIGEST_SIZE];
    struct residue hs;
    enum status status = generator_multiple(master->group, v, pvt);
    if (status == STATUS_OK) {
        status = hash_identity(master->kpak, identifier, pvt, hash);
    }
    if (status != STATUS_OK) {
        return status;
    }
    scalar_of_hash(&hs, hash);
    residue_multiply(ssk, &hs, v, &p256_order); /* Montgomery times plain: plain */
    residue_add(ssk, ssk, master->ksak, &p256_order);
    return answer(residue_is_zero(&hs) | residue_is_zero(ssk)) ? STATUS_KEY_INVALID : STATUS_OK;
}

enum status eccsi_issue(const struct eccsi_master *master, struct span identifier,
                        const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                        uint8_t pvt[ECCSI_POINT_SIZE]) {
    struct residue v, scalar = {{0}};
    enum status status = scalar_draw(entropy, &v);
    if (status == STATUS_OK) {
        status = issue_with(master, identifier, &v, &scalar, pvt);
    }
    if (status == STATUS_OK) {
        residue_to_octets(ssk, ECCSI_SCALAR_SIZE, &scalar);
    } else {
        memset(ssk, 0, ECCSI_SCALAR_SIZE);
        memset(pvt, 0, ECCSI_POINT_SIZE);
    }
    secret_wipe(&v, sizeof v);
    secret_wipe(&scalar, sizeof scalar);
    return status;
}

/* --- What was issued, checked ---------------------------------------------------------------- */

/* PVTs that should be known multiples of G: 5.1.2 says [SSK]G = KPAK + [HS]PVT, hence PVT = [v]G
 * for v = (SSK - KSAK) / HS. Each has a random weight; if one is wrong, the sum of the weighted
 * PVTs is G times that of the weighted v for at most one weight of the 2^32. */
enum {
    CHECKED_AT_ONCE = 32,
    WEIGHT_BITS = 32
};

struct weighted {
    size_t count;
    EC_POINT *points[CHECKED_AT_ONCE];
    uint32_t weights[CHECKED_AT_ONCE];
    struct residue sum; /* of the weighted v, in plain form; secret */
};

/* v, in plain form. */
static enum status ephemeral_of(const struct eccsi_master *master, struct span identifier,
                                const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                const uint8_t pvt[ECCSI_POINT_SIZE], struct residue *v) {
    uint8_t hash[DIGEST_SIZE];
    struct residue hs;
    if (!scalar_read(ssk, v)) {
        return STATUS_KEY_INVALID;
    }
    enum status status = hash_identity(master->kpak, identifier, pvt, hash);
    if (status != STATUS_OK) {
        return status;
    }
    scalar_of_hash(&hs, hash);
    residue_invert(&hs, &hs, &p256_order);
    residue_subtract(v, v, master->ksak, &p256_order);
    residue_multiply(v, v, &hs, &p256_order); /* plain times Montgomery: plain */
    return answer(residue_is_zero(&hs)) ? STATUS_KEY_INVALID : STATUS_OK;
}

/* Weights are no secret: nothing else is made of them. */
static enum status weigh(struct weighted *all, const struct residue *v) {
    uint32_t weight;
    enum status status = entropy_draw(&entropy_system, (uint8_t *)&weight, sizeof weight);
    struct residue product = {{weight}};
    residue_to_montgomery(&product, &product, &p256_order);
    residue_multiply(&product, &product, v, &p256_order);
    residue_add(&all->sum, &all->sum, &product, &p256_order);
    secret_wipe(&product, sizeof product);
    all->weights[all->count++] = weight;
    return status;
}

/* Everything in it is public. */
static enum status weighted_sum(const EC_GROUP *group, const struct weighted *all, EC_POINT *sum) {
    BN_CTX *room = BN_CTX_new();
    bool good = room != NULL && EC_POINT_set_to_infinity(group, sum);
    for (unsigned bit = WEIGHT_BITS; good && bit-- > 0;) {
        good = EC_POINT_dbl(group, sum, sum, room);
        for (size_t i = 0; good && i < all->count; i++) {
            if ((all->weights[i] >> bit & 1) != 0) {
                good = EC_POINT_add(group, sum, sum, all->points[i], room);
            }
        }
    }
    BN_CTX_free(room);
    return good ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static enum status balance(const EC_GROUP *group, const struct weighted *all) {
    EC_POINT *sum = EC_POINT_new(group), *expected = EC_POINT_new(group);
    enum status status = STATUS_NO_MEMORY;
    if (sum != NULL && expected != NULL) {
        status = weighted_sum(group, all, sum);
    }
    if (status == STATUS_OK) {
        status = multiply_by_secret(group, expected, &all->sum);
    }
    if (status == STATUS_OK && answer((uint64_t)EC_POINT_cmp(group, sum, expected, NULL))) {
        status = STATUS_KEY_INVALID;
    }
    EC_POINT_free(sum);
    EC_POINT_free(expected);
    return status;
}

static enum status check_some(const struct eccsi_master *master, const EC_GROUP *group,
                              size_t count, const struct span identifiers[],
                              const uint8_t *const ssks[], const uint8_t *const pvts[]) {
    struct weighted all = {0};
    struct residue v;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        all.points[i] = EC_POINT_new(group);
        status =
            all.points[i] == NULL ? STATUS_NO_MEMORY : point_read(group, pvts[i], all.points[i]);
        if (status == STATUS_OK) {
            status = ephemeral_of(master, identifiers[i], ssks[i], pvts[i], &v);
        }
        if (status == STATUS_OK) {
            status = weigh(&all, &v);
        }
    }
    if (status == STATUS_OK) {
        status = balance(group, &all);
    }
    for (size_t i = 0; i < count; i++) {
        EC_POINT_free(all.points[i]);
    }
    secret_wipe(&v, sizeof v);
    secret_wipe(&all, sizeof all);
    return status == STATUS_POINT_INVALID ? STATUS_KEY_INVALID : status;
}

enum status eccsi_check_issued(const struct eccsi_master *master, const struct eccsi_domain *domain,
                               size_t count, const struct span identifiers[],
                               const uint8_t *const ssks[], const uint8_t *const pvts[]) {
    bool is_its = secret_equal(master->kpak, domain->kpak_octets, ECCSI_POINT_SIZE);
    enum status status = answer((uint64_t)is_its) ? STATUS_OK : STATUS_KEY_INVALID;
    for (size_t done = 0; status == STATUS_OK && done < count; done += CHECKED_AT_ONCE) {
        size_t left = count - done, some = left < CHECKED_AT_ONCE ? left : CHECKED_AT_ONCE;
        status =
            check_some(master, domain->group, some, &identifiers[done], &ssks[done], &pvts[done]);
    }
    return status;
}
