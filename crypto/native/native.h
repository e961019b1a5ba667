/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_NATIVE_H
#define MUSTER_CRYPTO_NATIVE_NATIVE_H

#include "crypto/provider.h"

/* The module "native": RFC 6508 on our own fixed-width arithmetic, RFC 6507 on OpenSSL's P-256. It
 * takes entropy as it is handed, and for what leaves no trace in results (shares of secrets that
 * OpenSSL multiplies by) from the operating system; it needs nothing else at run time. */
extern const struct provider native_provider;

#endif
