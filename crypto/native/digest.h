/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_DIGEST_H
#define MUSTER_CRYPTO_NATIVE_DIGEST_H

#include "crypto/bytes.h"

enum {
    DIGEST_SIZE = 32
};

/* SHA-256 of `count` spans one after the other; on STATUS_LIBRARY_FAILED out is zeroed. Spans and
 * out may overlap. Constant-time in the content. */
MUST_CHECK enum status digest_of(const struct span *parts, size_t count, uint8_t out[DIGEST_SIZE]);

#endif
