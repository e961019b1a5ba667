/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wolfSSL's cryptography library as this module sees it: the functions that it needs, found at run
 * time, so that Muster starts on a machine without the library. Private to crypto/wolfcrypt/.
 */
#ifndef MUSTER_CRYPTO_WOLFCRYPT_LIBRARY_H
#define MUSTER_CRYPTO_WOLFCRYPT_LIBRARY_H

/* The options of the library's build come first: the other headers' structures depend on them. */
#include <wolfssl/options.h>

#include <wolfssl/version.h>
#include <wolfssl/wolfcrypt/cryptocb.h>
#include <wolfssl/wolfcrypt/eccsi.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/sakke.h>
#include <wolfssl/wolfcrypt/wc_port.h>

#include "crypto/entropy.h"

#define WOLFCRYPT_FUNCTIONS(FUNCTION)                                                              \
    FUNCTION(wolfCrypt_Init)                                                                       \
    FUNCTION(wc_CryptoCb_RegisterDevice)                                                           \
    FUNCTION(sp_add_d)                                                                             \
    FUNCTION(sp_cmp)                                                                               \
    FUNCTION(sp_read_radix)                                                                        \
    FUNCTION(wc_ecc_mulmod)                                                                        \
    FUNCTION(wc_ecc_point_is_at_infinity)                                                          \
    FUNCTION(wc_ecc_point_is_on_curve)                                                             \
    FUNCTION(wc_ecc_forcezero_point)                                                               \
    FUNCTION(wc_ecc_make_pub)                                                                      \
    FUNCTION(wc_ecc_fp_free)                                                                       \
    FUNCTION(wc_InitEccsiKey)                                                                      \
    FUNCTION(wc_FreeEccsiKey)                                                                      \
    FUNCTION(wc_ImportEccsiKey)                                                                    \
    FUNCTION(wc_ImportEccsiPrivateKey)                                                             \
    FUNCTION(wc_ImportEccsiPublicKey)                                                              \
    FUNCTION(wc_MakeEccsiPair)                                                                     \
    FUNCTION(wc_ValidateEccsiPair)                                                                 \
    FUNCTION(wc_ValidateEccsiPvt)                                                                  \
    FUNCTION(wc_EncodeEccsiPair)                                                                   \
    FUNCTION(wc_EncodeEccsiPvt)                                                                    \
    FUNCTION(wc_DecodeEccsiPair)                                                                   \
    FUNCTION(wc_DecodeEccsiPvt)                                                                    \
    FUNCTION(wc_HashEccsiId)                                                                       \
    FUNCTION(wc_SetEccsiHash)                                                                      \
    FUNCTION(wc_SignEccsiHash)                                                                     \
    FUNCTION(wc_VerifyEccsiHash)                                                                   \
    FUNCTION(wc_InitSakkeKey)                                                                      \
    FUNCTION(wc_FreeSakkeKey)                                                                      \
    FUNCTION(wc_ImportSakkePrivateKey)                                                             \
    FUNCTION(wc_ImportSakkePublicKey)                                                              \
    FUNCTION(wc_MakeSakkePublicKey)                                                                \
    FUNCTION(wc_MakeSakkeRsk)                                                                      \
    FUNCTION(wc_ValidateSakkeRsk)                                                                  \
    FUNCTION(wc_EncodeSakkeRsk)                                                                    \
    FUNCTION(wc_DecodeSakkeRsk)                                                                    \
    FUNCTION(wc_SetSakkeRsk)                                                                       \
    FUNCTION(wc_SetSakkeIdentity)                                                                  \
    FUNCTION(wc_MakeSakkeEncapsulatedSSV)                                                          \
    FUNCTION(wc_DeriveSakkeSSV)

/* The functions under their own names. */
struct wolfcrypt_library {
#define WOLFCRYPT_MEMBER(name) __typeof__(name) *name;
    WOLFCRYPT_FUNCTIONS(WOLFCRYPT_MEMBER)
#undef WOLFCRYPT_MEMBER
};

/* The library, loaded and initialised at the first call from any thread; NULL when it is not on
 * this machine, lacks a function, or is of another version than the headers (its structures would
 * not be ours). It stays loaded as long as the program runs. */
const struct wolfcrypt_library *wolfcrypt_library(void);

/* A generator for the library's functions whose octets come from an entropy source of ours. The
 * library keeps no state of it; it lives on the caller's stack for one operation. */
struct wolfcrypt_generator {
    WC_RNG rng; /* first: the library hands its address back to ask for octets */
    const struct entropy *entropy;
};

struct wolfcrypt_generator wolfcrypt_generator_from(const struct entropy *entropy);

/* Forgets the points that the library keeps for this thread, nearly a megabyte of multiples for
 * each that it met twice, and never frees when the thread ends. Each operation ends with it: so
 * memory is bounded, and scalars, which may be secret, take the timing-resistant ladder and not
 * that table. */
void wolfcrypt_forget_points(const struct wolfcrypt_library *library);

/* What a failure of the library means where no check of ours explains it: STATUS_NO_MEMORY or
 * STATUS_LIBRARY_FAILED; STATUS_OK for 0. */
enum status wolfcrypt_status(int error);

#endif
