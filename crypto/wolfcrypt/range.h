/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ranges that RFC 6507 and RFC 6508 give for integers, checked on their octets, in constant
 * time: wolfSSL reduces or ignores what is out of range. Private to crypto/wolfcrypt/.
 */
#ifndef MUSTER_CRYPTO_WOLFCRYPT_RANGE_H
#define MUSTER_CRYPTO_WOLFCRYPT_RANGE_H

#include "crypto/provider.h"

/* Is the integer in 1..n-1, n the order of P-256: a KSAK, an SSK, and r and s of a signature? */
bool wolfcrypt_in_eccsi_range(const uint8_t scalar[ECCSI_SCALAR_SIZE]);

/* Is the integer in 2..q-1, q the order of SAKKE parameter set 1: a master secret z_T? */
bool wolfcrypt_in_sakke_range(const uint8_t scalar[SAKKE_FIELD_SIZE]);

#endif
