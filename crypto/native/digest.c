/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "crypto/native/digest.h"

#include <openssl/evp.h>
#include <string.h>

enum status digest_of(const struct span *parts, size_t count, uint8_t out[DIGEST_SIZE]) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context != NULL && EVP_DigestInit_ex2(context, EVP_sha256(), NULL);
    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(context, parts[i].octets, parts[i].length);
    }
    good = good && EVP_DigestFinal_ex(context, out, NULL);
    EVP_MD_CTX_free(context);
    if (good) {
        return STATUS_OK;
    }
    memset(out, 0, DIGEST_SIZE);
    return STATUS_LIBRARY_FAILED;
}
