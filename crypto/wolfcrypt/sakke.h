/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SAKKE (RFC 6508, parameter set 1) by wolfSSL, octets in and octets out. The library keeps its
 * intermediate values in the key object that it works on, so each call makes one, in secret memory,
 * and wipes it: calls share nothing and may run in several threads at once.
 *
 * Every function may also return STATUS_NO_MEMORY or STATUS_LIBRARY_FAILED, and
 * STATUS_IDENTITY_INVALID for an identifier that is empty or longer than the 128 octets that the
 * library takes. Private to crypto/wolfcrypt/.
 */
#ifndef MUSTER_CRYPTO_WOLFCRYPT_SAKKE_H
#define MUSTER_CRYPTO_WOLFCRYPT_SAKKE_H

#include "crypto/provider.h"
#include "crypto/wolfcrypt/library.h"

/* STATUS_POINT_INVALID unless `point` is on the curve and of order q. */
MUST_CHECK enum status wolfcrypt_sakke_point_check(const struct wolfcrypt_library *library,
                                                   const uint8_t point[SAKKE_POINT_SIZE]);

/* RFC 6508 6.1.2: STATUS_POINT_INVALID, or STATUS_KEY_INVALID when `rsk` is not the receiver secret
 * key of `identifier` in the domain of public key `z`. */
MUST_CHECK enum status wolfcrypt_sakke_key_check(const struct wolfcrypt_library *library,
                                                 const uint8_t z[SAKKE_POINT_SIZE],
                                                 struct span identifier,
                                                 const uint8_t rsk[SAKKE_POINT_SIZE]);

/* RFC 6508 6.2.1 with the given SSV: fills `data` with R || H. */
MUST_CHECK enum status wolfcrypt_sakke_encapsulate(const struct wolfcrypt_library *library,
                                                   const uint8_t z[SAKKE_POINT_SIZE],
                                                   struct span identifier,
                                                   const uint8_t ssv[SSV_SIZE],
                                                   uint8_t data[SAKKE_DATA_SIZE]);

/* RFC 6508 6.2.2: STATUS_POINT_INVALID when R is not a point of order q (which the library itself
 * does not check), STATUS_ENCAPSULATION_INVALID when R is not what the SSV leads to. `ssv` is zero
 * on failure. */
MUST_CHECK enum status wolfcrypt_sakke_decapsulate(const struct wolfcrypt_library *library,
                                                   const uint8_t z[SAKKE_POINT_SIZE],
                                                   struct span identifier,
                                                   const uint8_t rsk[SAKKE_POINT_SIZE],
                                                   const uint8_t data[SAKKE_DATA_SIZE],
                                                   uint8_t ssv[SSV_SIZE]);

/* Z_T = [z_T]P. */
MUST_CHECK enum status wolfcrypt_sakke_public_key(const struct wolfcrypt_library *library,
                                                  const uint8_t master[SAKKE_FIELD_SIZE],
                                                  uint8_t z[SAKKE_POINT_SIZE]);

/* RFC 6508 6.1.1: the RSK of `identifier` under the master secret. STATUS_KEY_INVALID when their
 * sum has no inverse modulo q. */
MUST_CHECK enum status wolfcrypt_sakke_issue(const struct wolfcrypt_library *library,
                                             const uint8_t master[SAKKE_FIELD_SIZE],
                                             struct span identifier, uint8_t rsk[SAKKE_POINT_SIZE]);

#endif
