/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/connection_key.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>
#include <string.h>

#include "crypto/derivation.h"
#include "crypto/secret.h"

_Static_assert((int)EPHEMERAL_KEY_SIZE == (int)crypto_scalarmult_SCALARBYTES &&
                   (int)SHARE_SIZE == (int)crypto_scalarmult_BYTES,
               "X25519");

static const char keys_label[] = "Muster D2D 2";
static const char recovery_label[] = "Muster recovery";

enum status ephemeral_draw(const struct entropy *entropy, uint8_t key[EPHEMERAL_KEY_SIZE]) {
    return entropy_draw(entropy, key, EPHEMERAL_KEY_SIZE);
}

enum status ephemeral_of_seed(const uint8_t seed[RECOVERY_SEED_SIZE],
                              const uint8_t rand[MIKEY_RAND_SIZE],
                              uint8_t key[EPHEMERAL_KEY_SIZE]) {
    uint8_t label[sizeof recovery_label + MIKEY_RAND_SIZE];
    struct writer w = writer_into(label, sizeof label);
    write_span(&w, SPAN_OF(recovery_label));
    write_span(&w, (struct span){rand, MIKEY_RAND_SIZE});
    return mikey_prf((struct span){seed, RECOVERY_SEED_SIZE}, writer_span(&w), key,
                     EPHEMERAL_KEY_SIZE);
}

enum status ephemeral_share(const uint8_t key[EPHEMERAL_KEY_SIZE], uint8_t share[SHARE_SIZE]) {
    bool ok = crypto_scalarmult_base(share, key) == 0;
    secret_wipe_stack();
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

/* HKDF of both secrets, which lie one after the other. */
static enum status extract_and_expand(struct span secrets,
                                      const uint8_t transcript[TRANSCRIPT_SIZE],
                                      struct connection_keys *keys) {
    char digest[] = "SHA256";
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = hkdf == NULL ? NULL : EVP_KDF_CTX_new(hkdf);
    EVP_KDF_free(hkdf);
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secrets.octets,
                                          secrets.length),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)transcript, TRANSCRIPT_SIZE),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)keys_label,
                                          sizeof keys_label),
        OSSL_PARAM_construct_end()};
    bool ok =
        context != NULL && EVP_KDF_derive(context, (uint8_t *)keys, sizeof *keys, parameters) == 1;
    EVP_KDF_CTX_free(context);
    return ok ? STATUS_OK : STATUS_LIBRARY_FAILED;
}

_Static_assert(sizeof(struct connection_keys) == 2 * STREAM_KEY_SIZE + SSV_SIZE,
               "the keys are read from HKDF's output as they lie");

enum status connection_keys_make(const uint8_t tgk[SSV_SIZE], const uint8_t key[EPHEMERAL_KEY_SIZE],
                                 const uint8_t share[SHARE_SIZE],
                                 const uint8_t transcript[TRANSCRIPT_SIZE],
                                 struct connection_keys *keys) {
    uint8_t secrets[SSV_SIZE + crypto_scalarmult_BYTES];
    memcpy(secrets, tgk, SSV_SIZE);
    enum status status = crypto_scalarmult(secrets + SSV_SIZE, key, share) == 0
                             ? extract_and_expand(SPAN_OF(secrets), transcript, keys)
                             : STATUS_SHARE_INVALID;
    secret_wipe(secrets, sizeof secrets);
    secret_wipe_stack();
    if (status != STATUS_OK) {
        secret_wipe(keys, sizeof *keys);
    }
    return status;
}
