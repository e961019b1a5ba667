/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The crypto module `wolfcrypt`: SAKKE and ECCSI by wolfSSL 5.5.4 (Debian package libwolfssl35),
 * an implementation that shares no code with the module `native`.
 *
 * Handles hold octets in secret memory; each operation makes the library's own key object for the
 * call alone, so handles are never written after they were made. Random octets come from the source
 * that the caller hands in. The module checks what the library leaves unchecked: the order of R, of
 * Z and of RSKs, and the ranges of r, s, SSK and the master secrets. (wolfSSL 5.5.4 itself takes
 * r = s = 0 for a signature of any message, and points of order 2q for points of order q. It does
 * hash g^r at its full 128 octets, as RFC 6508 wants.)
 *
 * SAKKE takes identifiers of 1 to 128 octets (crypto/identifier.h makes none longer than 104) and
 * answers others with STATUS_IDENTITY_INVALID.
 *
 * What the library does not give: its arithmetic is not constant-time throughout (inversions modulo
 * q and p, for two), and it keeps some intermediate values in its own heap and stack, which the
 * module cannot wipe.
 */
#ifndef MUSTER_CRYPTO_WOLFCRYPT_H
#define MUSTER_CRYPTO_WOLFCRYPT_H

#include "crypto/provider.h"

/* The module, or NULL when the library is not on this machine or not of the version that Muster was
 * built for. */
const struct provider *wolfcrypt_provider(void);

#endif
