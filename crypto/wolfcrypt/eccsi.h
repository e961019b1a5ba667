/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ECCSI (RFC 6507, P-256, SHA-256) by wolfSSL, octets in and octets out. As with SAKKE, each call
 * makes a key object of its own in secret memory and wipes it.
 *
 * Every function may also return STATUS_NO_MEMORY or STATUS_LIBRARY_FAILED. Private to
 * crypto/wolfcrypt/.
 */
#ifndef MUSTER_CRYPTO_WOLFCRYPT_ECCSI_H
#define MUSTER_CRYPTO_WOLFCRYPT_ECCSI_H

#include "crypto/provider.h"
#include "crypto/wolfcrypt/library.h"

enum {
    ECCSI_HASH_SIZE = 32
}; /* HS: SHA-256 */

/* STATUS_POINT_INVALID unless `kpak` is a point of the curve other than infinity. */
MUST_CHECK enum status wolfcrypt_eccsi_point_check(const struct wolfcrypt_library *library,
                                                   const uint8_t kpak[ECCSI_POINT_SIZE]);

/* RFC 6507 5.1.2: STATUS_KEY_INVALID unless (ssk, pvt) are `identifier`'s in the domain of `kpak`;
 * fills `hs` with HS (5.2.1 step 3), which signing needs. */
MUST_CHECK enum status wolfcrypt_eccsi_key_check(const struct wolfcrypt_library *library,
                                                 const uint8_t kpak[ECCSI_POINT_SIZE],
                                                 struct span identifier,
                                                 const uint8_t ssk[ECCSI_SCALAR_SIZE],
                                                 const uint8_t pvt[ECCSI_POINT_SIZE],
                                                 uint8_t hs[ECCSI_HASH_SIZE]);

/* RFC 6507 5.2.1 with a key that was checked. */
MUST_CHECK enum status
wolfcrypt_eccsi_sign(const struct wolfcrypt_library *library, const uint8_t kpak[ECCSI_POINT_SIZE],
                     const uint8_t hs[ECCSI_HASH_SIZE], const uint8_t ssk[ECCSI_SCALAR_SIZE],
                     const uint8_t pvt[ECCSI_POINT_SIZE], struct span message,
                     const struct entropy *entropy, uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* RFC 6507 5.2.2: STATUS_SIGNATURE_INVALID when it does not verify. */
MUST_CHECK enum status wolfcrypt_eccsi_verify(const struct wolfcrypt_library *library,
                                              const uint8_t kpak[ECCSI_POINT_SIZE],
                                              struct span identifier, struct span message,
                                              const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* KPAK = [KSAK]G. */
MUST_CHECK enum status wolfcrypt_eccsi_public_key(const struct wolfcrypt_library *library,
                                                  const uint8_t ksak[ECCSI_SCALAR_SIZE],
                                                  uint8_t kpak[ECCSI_POINT_SIZE]);

/* RFC 6507 5.1.1: a signing key of `identifier`. */
MUST_CHECK enum status wolfcrypt_eccsi_issue(const struct wolfcrypt_library *library,
                                             const uint8_t ksak[ECCSI_SCALAR_SIZE],
                                             const uint8_t kpak[ECCSI_POINT_SIZE],
                                             struct span identifier, const struct entropy *entropy,
                                             uint8_t ssk[ECCSI_SCALAR_SIZE],
                                             uint8_t pvt[ECCSI_POINT_SIZE]);

#endif
