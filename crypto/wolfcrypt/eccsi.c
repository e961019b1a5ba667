/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/wolfcrypt/eccsi.h"

#include <string.h>

#include "crypto/secret.h"
#include "crypto/wolfcrypt/range.h"

static EccsiKey *key_new(const struct wolfcrypt_library *library) {
    EccsiKey *key = secret_object_new(sizeof *key);
    if (key != NULL && library->wc_InitEccsiKey(key, NULL, INVALID_DEVID) != 0) {
        secret_object_free(key);
        return NULL;
    }
    return key;
}

/* All of the key object is secret memory but the points PVT and G, which are public. */
static void key_free(const struct wolfcrypt_library *library, EccsiKey *key) {
    library->wc_FreeEccsiKey(key);
    wolfcrypt_forget_points(library);
    secret_object_free(key);
}

/* A key object that holds the domain's public key, already checked. */
static enum status key_of_domain(const struct wolfcrypt_library *library,
                                 const uint8_t kpak[ECCSI_POINT_SIZE], EccsiKey **key) {
    *key = key_new(library);
    if (*key == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = library->wc_ImportEccsiPublicKey(*key, kpak, ECCSI_POINT_SIZE, 1);
    if (error != 0) {
        key_free(library, *key);
        *key = NULL;
    }
    return wolfcrypt_status(error);
}

/* The octets of a span, never NULL: the library refuses NULL also for no octets. */
static const uint8_t *octets_of(struct span span) {
    return span.length > 0 ? span.octets : (const uint8_t *)"";
}

enum status wolfcrypt_eccsi_point_check(const struct wolfcrypt_library *library,
                                        const uint8_t kpak[ECCSI_POINT_SIZE]) {
    EccsiKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    int error = library->wc_ImportEccsiPublicKey(key, kpak, ECCSI_POINT_SIZE, 0);
    key_free(library, key);
    enum status status = wolfcrypt_status(error);
    return status == STATUS_LIBRARY_FAILED ? STATUS_POINT_INVALID : status;
}

/* Decodes the pair into key->ssk and key->pvt. */
static int pair_decode(const struct wolfcrypt_library *library, EccsiKey *key,
                       const uint8_t ssk[ECCSI_SCALAR_SIZE], const uint8_t pvt[ECCSI_POINT_SIZE]) {
    uint8_t pair[ECCSI_SCALAR_SIZE + ECCSI_POINT_SIZE - 1];
    memcpy(pair, ssk, ECCSI_SCALAR_SIZE);
    memcpy(pair + ECCSI_SCALAR_SIZE, pvt + 1, ECCSI_POINT_SIZE - 1);
    int error = library->wc_DecodeEccsiPair(key, pair, sizeof pair, &key->ssk, key->pvt);
    secret_wipe(pair, sizeof pair);
    return error;
}

enum status wolfcrypt_eccsi_key_check(const struct wolfcrypt_library *library,
                                      const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                                      const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                      const uint8_t pvt[ECCSI_POINT_SIZE],
                                      uint8_t hs[ECCSI_HASH_SIZE]) {
    if (!wolfcrypt_in_eccsi_range(ssk)) {
        return STATUS_KEY_INVALID;
    }
    enum status status = wolfcrypt_eccsi_point_check(library, pvt);
    EccsiKey *key;
    if (status == STATUS_OK) {
        status = key_of_domain(library, kpak, &key);
    }
    if (status != STATUS_OK) {
        return status == STATUS_POINT_INVALID ? STATUS_KEY_INVALID : status;
    }
    int valid = 0;
    uint8_t hs_size = ECCSI_HASH_SIZE;
    const uint8_t *id = octets_of(identifier);
    int error = pair_decode(library, key, ssk, pvt);
    if (error == 0) {
        error = library->wc_ValidateEccsiPair(
            key, WC_HASH_TYPE_SHA256, id, (word32)identifier.length, &key->ssk, key->pvt, &valid);
    }
    if (error == 0) {
        error = library->wc_HashEccsiId(key, WC_HASH_TYPE_SHA256, id, (word32)identifier.length,
                                        key->pvt, hs, &hs_size);
    }
    key_free(library, key);
    status = wolfcrypt_status(error);
    return status == STATUS_OK && valid != 1 ? STATUS_KEY_INVALID : status;
}

enum status
wolfcrypt_eccsi_sign(const struct wolfcrypt_library *library, const uint8_t kpak[ECCSI_POINT_SIZE],
                     const uint8_t hs[ECCSI_HASH_SIZE], const uint8_t ssk[ECCSI_SCALAR_SIZE],
                     const uint8_t pvt[ECCSI_POINT_SIZE], struct span message,
                     const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    EccsiKey *key;
    enum status status = key_of_domain(library, kpak, &key);
    if (status != STATUS_OK) {
        return status;
    }
    struct wolfcrypt_generator generator = wolfcrypt_generator_from(entropy);
    word32 size = ECCSI_SIGNATURE_SIZE;
    int error = pair_decode(library, key, ssk, pvt);
    if (error == 0) {
        error = library->wc_SetEccsiHash(key, hs, ECCSI_HASH_SIZE);
    }
    if (error == 0) {
        error =
            library->wc_SignEccsiHash(key, &generator.rng, WC_HASH_TYPE_SHA256, octets_of(message),
                                      (word32)message.length, signature, &size);
    }
    key_free(library, key);
    if (error != 0) {
        secret_wipe(signature, ECCSI_SIGNATURE_SIZE);
    }
    return wolfcrypt_status(error);
}

/* The library's own verification, with the PVT checked to be a point first. */
static int verify(const struct wolfcrypt_library *library, EccsiKey *key, struct span identifier,
                  struct span message, const uint8_t signature[ECCSI_SIGNATURE_SIZE],
                  int *verified) {
    uint8_t hs[ECCSI_HASH_SIZE];
    uint8_t hs_size = sizeof hs;
    int valid = 0;
    int error = library->wc_DecodeEccsiPvt(key, signature + 2 * ECCSI_SCALAR_SIZE, ECCSI_POINT_SIZE,
                                           key->pvt);
    if (error == 0) {
        error = library->wc_ValidateEccsiPvt(key, key->pvt, &valid);
    }
    wolfcrypt_forget_points(library);
    if (error != 0 || valid != 1) {
        return error;
    }
    error = library->wc_HashEccsiId(key, WC_HASH_TYPE_SHA256, octets_of(identifier),
                                    (word32)identifier.length, key->pvt, hs, &hs_size);
    if (error == 0) {
        error = library->wc_VerifyEccsiHash(key, WC_HASH_TYPE_SHA256, octets_of(message),
                                            (word32)message.length, signature, ECCSI_SIGNATURE_SIZE,
                                            verified);
    }
    return error;
}

enum status wolfcrypt_eccsi_verify(const struct wolfcrypt_library *library,
                                   const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                                   struct span message,
                                   const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    /* wolfSSL 5.5.4 computes with whatever r and s say, and with r = s = 0 it compares the x of the
     * point at infinity, 0, with r: any message would verify. */
    if (!wolfcrypt_in_eccsi_range(signature) ||
        !wolfcrypt_in_eccsi_range(signature + ECCSI_SCALAR_SIZE)) {
        return STATUS_SIGNATURE_INVALID;
    }
    EccsiKey *key;
    enum status status = key_of_domain(library, kpak, &key);
    if (status != STATUS_OK) {
        return status;
    }
    int verified = 0;
    int error = verify(library, key, identifier, message, signature, &verified);
    key_free(library, key);
    status = wolfcrypt_status(error);
    if (status == STATUS_NO_MEMORY) {
        return status;
    }
    return status == STATUS_OK && verified == 1 ? STATUS_OK : STATUS_SIGNATURE_INVALID;
}

enum status wolfcrypt_eccsi_public_key(const struct wolfcrypt_library *library,
                                       const uint8_t ksak[ECCSI_SCALAR_SIZE],
                                       uint8_t kpak[ECCSI_POINT_SIZE]) {
    EccsiKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    word32 size = ECCSI_POINT_SIZE;
    int error = library->wc_ImportEccsiPrivateKey(key, ksak, ECCSI_SCALAR_SIZE);
    if (error == 0) {
        error = library->wc_ecc_make_pub(&key->ecc, key->pvt);
    }
    if (error == 0) {
        error = library->wc_EncodeEccsiPvt(key, key->pvt, kpak, &size, 0);
    }
    key_free(library, key);
    return wolfcrypt_status(error);
}

/* Loads the KMS's key pair: KSAK || KPAK's coordinates. */
static int pair_of_kms(const struct wolfcrypt_library *library, EccsiKey *key,
                       const uint8_t ksak[ECCSI_SCALAR_SIZE],
                       const uint8_t kpak[ECCSI_POINT_SIZE]) {
    uint8_t pair[ECCSI_SCALAR_SIZE + ECCSI_POINT_SIZE - 1];
    memcpy(pair, ksak, ECCSI_SCALAR_SIZE);
    memcpy(pair + ECCSI_SCALAR_SIZE, kpak + 1, ECCSI_POINT_SIZE - 1);
    int error = library->wc_ImportEccsiKey(key, pair, sizeof pair);
    secret_wipe(pair, sizeof pair);
    return error;
}

enum status wolfcrypt_eccsi_issue(const struct wolfcrypt_library *library,
                                  const uint8_t ksak[ECCSI_SCALAR_SIZE],
                                  const uint8_t kpak[ECCSI_POINT_SIZE], struct span identifier,
                                  const struct entropy *entropy, uint8_t ssk[ECCSI_SCALAR_SIZE],
                                  uint8_t pvt[ECCSI_POINT_SIZE]) {
    EccsiKey *key = key_new(library);
    if (key == NULL) {
        return STATUS_NO_MEMORY;
    }
    struct wolfcrypt_generator generator = wolfcrypt_generator_from(entropy);
    uint8_t pair[ECCSI_SCALAR_SIZE + ECCSI_POINT_SIZE - 1];
    word32 size = sizeof pair;
    int error = pair_of_kms(library, key, ksak, kpak);
    if (error == 0) {
        error = library->wc_MakeEccsiPair(key, &generator.rng, WC_HASH_TYPE_SHA256,
                                          octets_of(identifier), (word32)identifier.length,
                                          &key->ssk, key->pvt);
    }
    if (error == 0) {
        error = library->wc_EncodeEccsiPair(key, &key->ssk, key->pvt, pair, &size);
    }
    if (error == 0) {
        memcpy(ssk, pair, ECCSI_SCALAR_SIZE);
        pvt[0] = 0x04;
        memcpy(pvt + 1, pair + ECCSI_SCALAR_SIZE, ECCSI_POINT_SIZE - 1);
    }
    secret_wipe(pair, sizeof pair);
    key_free(library, key);
    return wolfcrypt_status(error);
}
