/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/wolfcrypt/sakke.h"

#include <stdbool.h>
#include <string.h>

#include "crypto/secret.h"

static SakkeKey *key_new(const struct wolfcrypt_library *library) {
    SakkeKey *key = secret_object_new(sizeof *key);
    if (key != NULL && library->wc_InitSakkeKey(key, NULL, INVALID_DEVID) != 0) {
        secret_object_free(key);
        return NULL;
    }
    return key;
}

/* The key object is secret memory, but its points are the library's own allocations. */
static void key_free(const struct wolfcrypt_library *library, SakkeKey *key) {
    ecc_point *const points[] = {key->rsk.rsk, key->i.i, key->tmp.p1, key->tmp.p2, key->tmp.p3};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        library->wc_ecc_forcezero_point(points[i]);
    }
    library->wc_FreeSakkeKey(key);
    wolfcrypt_forget_points(library);
    secret_object_free(key);
}

static enum status identifier_check(struct span identifier) {
    return identifier.length == 0 || identifier.length > SAKKE_ID_MAX_SIZE ? STATUS_IDENTITY_INVALID
                                                                           : STATUS_OK;
}

/* A key object that holds the domain's public key, already checked. */
static enum status key_of_domain(const struct wolfcrypt_library *library,
                                 const uint8_t z[SAKKE_POINT_SIZE], SakkeKey **key) {
    *key = key_new(library);
    if (*key == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = library->wc_ImportSakkePublicKey(*key, z, SAKKE_POINT_SIZE, 1);
    if (error != 0) {
        key_free(library, *key);
        *key = NULL;
    }
    return wolfcrypt_status(error);
}

/* Is the point in key->ecc.pubkey of order q: its own [q + 1] multiple, and not (0, 0)? The library
 * spells infinity as (0, 0), which on this curve is a point, of order 2. So its own check, whether
 * [q]point is infinity (wc_ecc_check_key), lets points of order 2q pass. */
static int order_check(const struct wolfcrypt_library *library, SakkeKey *key, bool *valid) {
    mp_int *p = &key->params.prime, *a = &key->params.a, *k = &key->params.q;
    ecc_point *point = &key->ecc.pubkey, *multiple = key->tmp.p1;
    int error = library->sp_read_radix(p, key->ecc.dp->prime, MP_RADIX_HEX);
    if (error == 0) {
        error = library->sp_read_radix(a, key->ecc.dp->Af, MP_RADIX_HEX);
    }
    if (error == 0) {
        error = library->sp_read_radix(k, key->ecc.dp->order, MP_RADIX_HEX);
    }
    if (error == 0) {
        error = library->sp_add_d(k, 1, k);
    }
    if (error == 0) {
        error = library->wc_ecc_mulmod(k, point, multiple, a, p, 1);
    }
    *valid = error == 0 && library->wc_ecc_point_is_at_infinity(point) == 0 &&
             library->sp_cmp(point->x, multiple->x) == MP_EQ &&
             library->sp_cmp(point->y, multiple->y) == MP_EQ;
    return error;
}

enum status wolfcrypt_sakke_point_check(const struct wolfcrypt_library *library,
                                        const uint8_t point[SAKKE_POINT_SIZE]) {
    SakkeKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    bool valid = false;
    int error = library->wc_ImportSakkePublicKey(key, point, SAKKE_POINT_SIZE, 1);
    if (error == 0) {
        error = library->wc_ecc_point_is_on_curve(&key->ecc.pubkey, key->ecc.idx);
    }
    if (error == 0) {
        error = order_check(library, key, &valid);
    }
    key_free(library, key);
    if (wolfcrypt_status(error) == STATUS_NO_MEMORY) {
        return STATUS_NO_MEMORY;
    }
    return error == 0 && valid ? STATUS_OK : STATUS_POINT_INVALID;
}

enum status wolfcrypt_sakke_key_check(const struct wolfcrypt_library *library,
                                      const uint8_t z[SAKKE_POINT_SIZE], struct span identifier,
                                      const uint8_t rsk[SAKKE_POINT_SIZE]) {
    SakkeKey *key;
    enum status status = identifier_check(identifier);
    if (status == STATUS_OK) {
        status = wolfcrypt_sakke_point_check(library, rsk);
    }
    if (status == STATUS_OK) {
        status = key_of_domain(library, z, &key);
    }
    if (status != STATUS_OK) {
        return status;
    }
    int valid = 0;
    int error = library->wc_DecodeSakkeRsk(key, rsk, SAKKE_POINT_SIZE, key->rsk.rsk);
    if (error == 0) {
        error = library->wc_ValidateSakkeRsk(key, identifier.octets, (word16)identifier.length,
                                             key->rsk.rsk, &valid);
    }
    key_free(library, key);
    status = wolfcrypt_status(error);
    return status == STATUS_OK && valid != 1 ? STATUS_KEY_INVALID : status;
}

enum status wolfcrypt_sakke_encapsulate(const struct wolfcrypt_library *library,
                                        const uint8_t z[SAKKE_POINT_SIZE], struct span identifier,
                                        const uint8_t ssv[SSV_SIZE],
                                        uint8_t data[SAKKE_DATA_SIZE]) {
    SakkeKey *key;
    enum status status = identifier_check(identifier);
    if (status == STATUS_OK) {
        status = key_of_domain(library, z, &key);
    }
    if (status != STATUS_OK) {
        return status;
    }
    uint8_t *h = data + SAKKE_POINT_SIZE;
    word16 r_size = SAKKE_POINT_SIZE;
    memcpy(h, ssv, SSV_SIZE);
    int error = library->wc_SetSakkeIdentity(key, identifier.octets, (word16)identifier.length);
    if (error == 0) {
        error = library->wc_MakeSakkeEncapsulatedSSV(key, WC_HASH_TYPE_SHA256, h, SSV_SIZE, data,
                                                     &r_size);
    }
    if (error != 0) {
        secret_wipe(data, SAKKE_DATA_SIZE);
    }
    key_free(library, key);
    return wolfcrypt_status(error);
}

static int derive(const struct wolfcrypt_library *library, SakkeKey *key, struct span identifier,
                  const uint8_t rsk[SAKKE_POINT_SIZE], const uint8_t r[SAKKE_POINT_SIZE],
                  uint8_t ssv[SSV_SIZE]) {
    int error = library->wc_SetSakkeIdentity(key, identifier.octets, (word16)identifier.length);
    if (error == 0) {
        error = library->wc_DecodeSakkeRsk(key, rsk, SAKKE_POINT_SIZE, key->tmp.p1);
    }
    if (error == 0) {
        error = library->wc_SetSakkeRsk(key, key->tmp.p1, NULL, 0);
    }
    if (error == 0) {
        error = library->wc_DeriveSakkeSSV(key, WC_HASH_TYPE_SHA256, ssv, SSV_SIZE, r,
                                           SAKKE_POINT_SIZE);
    }
    return error;
}

enum status wolfcrypt_sakke_decapsulate(const struct wolfcrypt_library *library,
                                        const uint8_t z[SAKKE_POINT_SIZE], struct span identifier,
                                        const uint8_t rsk[SAKKE_POINT_SIZE],
                                        const uint8_t data[SAKKE_DATA_SIZE],
                                        uint8_t ssv[SSV_SIZE]) {
    SakkeKey *key;
    memset(ssv, 0, SSV_SIZE);
    enum status status = identifier_check(identifier);
    if (status == STATUS_OK) {
        status = wolfcrypt_sakke_point_check(library, data);
    }
    if (status == STATUS_OK) {
        status = key_of_domain(library, z, &key);
    }
    if (status != STATUS_OK) {
        return status;
    }
    /* The library turns H into the SSV in place, whether or not R then verifies. */
    memcpy(ssv, data + SAKKE_POINT_SIZE, SSV_SIZE);
    int error = derive(library, key, identifier, rsk, data, ssv);
    key_free(library, key);
    if (error != 0) {
        secret_wipe(ssv, SSV_SIZE);
    }
    return error == SAKKE_VERIFY_FAIL_E ? STATUS_ENCAPSULATION_INVALID : wolfcrypt_status(error);
}

enum status wolfcrypt_sakke_public_key(const struct wolfcrypt_library *library,
                                       const uint8_t master[SAKKE_FIELD_SIZE],
                                       uint8_t z[SAKKE_POINT_SIZE]) {
    SakkeKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    word32 size = SAKKE_POINT_SIZE;
    int error = library->wc_ImportSakkePrivateKey(key, master, SAKKE_FIELD_SIZE);
    if (error == 0) {
        error = library->wc_MakeSakkePublicKey(key, key->i.i);
    }
    if (error == 0) {
        error = library->wc_EncodeSakkeRsk(key, key->i.i, z, &size, 0);
    }
    key_free(library, key);
    return wolfcrypt_status(error);
}

enum status wolfcrypt_sakke_issue(const struct wolfcrypt_library *library,
                                  const uint8_t master[SAKKE_FIELD_SIZE], struct span identifier,
                                  uint8_t rsk[SAKKE_POINT_SIZE]) {
    enum status status = identifier_check(identifier);
    if (status != STATUS_OK) {
        return status;
    }
    SakkeKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    word32 size = SAKKE_POINT_SIZE;
    int error = library->wc_ImportSakkePrivateKey(key, master, SAKKE_FIELD_SIZE);
    if (error == 0) {
        error = library->wc_MakeSakkeRsk(key, identifier.octets, (word16)identifier.length,
                                         key->rsk.rsk);
    }
    if (error == 0) {
        error = library->wc_EncodeSakkeRsk(key, key->rsk.rsk, rsk, &size, 0);
    }
    key_free(library, key);
    if (error != 0) {
        secret_wipe(rsk, SAKKE_POINT_SIZE);
    }
    return error == MP_VAL ? STATUS_KEY_INVALID : wolfcrypt_status(error);
}
