/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/derivation.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/secret.h"

enum {
    DIGEST_SIZE = 32,
    /* RFC 3830 4.1.2 splits the key into blocks of half the hash function's input block. */
    KEY_BLOCK_SIZE = 32,
    OUTPUT_MAX = 8192,
};

static EVP_MAC_CTX *hmac_new(void) {
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
    EVP_MAC_free(hmac);
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_END};
    if (context != NULL && EVP_MAC_CTX_set_params(context, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        return NULL;
    }
    return context;
}

/* HMAC(key, a || b). */
static bool hmac(EVP_MAC_CTX *context, struct span key, struct span a, struct span b,
                 uint8_t out[DIGEST_SIZE]) {
    size_t length = 0;
    return EVP_MAC_init(context, key.octets, key.length, NULL) == 1 &&
           EVP_MAC_update(context, a.octets, a.length) == 1 &&
           EVP_MAC_update(context, b.octets, b.length) == 1 &&
           EVP_MAC_final(context, out, &length, DIGEST_SIZE) == 1 && length == DIGEST_SIZE;
}

/* XORs P(key, label, m) of RFC 3830 4.1.2 into out[length]: A_0 is the label, A_i = HMAC(key,
 * A_(i-1)), and the output is HMAC(key, A_1 || label) || HMAC(key, A_2 || label) || ... */
static bool xor_p(EVP_MAC_CTX *context, struct span key, struct span label, uint8_t *out,
                  size_t length) {
    const struct span nothing = {(const uint8_t *)"", 0};
    uint8_t a[DIGEST_SIZE];
    uint8_t block[DIGEST_SIZE];
    bool ok = hmac(context, key, label, nothing, a);
    for (size_t at = 0; ok && at < length; at += DIGEST_SIZE) {
        ok = hmac(context, key, SPAN_OF(a), label, block) &&
             hmac(context, key, SPAN_OF(a), nothing, a);
        for (size_t i = 0; i < DIGEST_SIZE && at + i < length; i++) {
            out[at + i] ^= block[i];
        }
    }
    secret_wipe(a, sizeof a);
    secret_wipe(block, sizeof block);
    return ok;
}

enum status mikey_prf(struct span inkey, struct span label, uint8_t *out, size_t length) {
    if (length > OUTPUT_MAX) {
        return STATUS_TOO_LONG;
    }
    memset(out, 0, length);
    if (inkey.length == 0) {
        return STATUS_KEY_INVALID;
    }
    EVP_MAC_CTX *context = hmac_new();
    bool ok = context != NULL;
    for (size_t at = 0; ok && at < inkey.length; at += KEY_BLOCK_SIZE) {
        size_t left = inkey.length - at;
        struct span key = {inkey.octets + at, left < KEY_BLOCK_SIZE ? left : KEY_BLOCK_SIZE};
        ok = xor_p(context, key, label, out, length);
    }
    EVP_MAC_CTX_free(context);
    if (!ok) {
        secret_wipe(out, length);
    }
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

static uint32_t constant_of(enum derived_key kind) {
    switch (kind) {
    case DERIVED_TEK:
        return UINT32_C(0x2AD01C64);
    case DERIVED_SALT:
        return UINT32_C(0x39A2C14B);
    case DERIVED_PSK_ENCR:
        return UINT32_C(0x150533E1);
    case DERIVED_PSK_AUTH:
        return UINT32_C(0x2D22AC75);
    case DERIVED_PSK_SALT:
        return UINT32_C(0x29B88916);
    }
    return 0;
}

enum status mikey_derive(enum derived_key kind, struct span inkey, uint8_t cs_id, uint32_t csb_id,
                         const uint8_t rand[MIKEY_RAND_SIZE], uint8_t *out, size_t length) {
    uint8_t label[4 + 1 + 4 + MIKEY_RAND_SIZE];
    struct writer w = writer_into(label, sizeof label);
    write_u32(&w, constant_of(kind));
    write_u8(&w, cs_id);
    write_u32(&w, csb_id);
    write_span(&w, (struct span){rand, MIKEY_RAND_SIZE});
    return mikey_prf(inkey, writer_span(&w), out, length);
}
