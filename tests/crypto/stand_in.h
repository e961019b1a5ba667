/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A crypto module without any cryptography, for the tests of message formats: a signature and an
 * encapsulation are hashes that anybody could compute, so that every bit of every octet can be
 * tried in no time. It keeps the provider's interface; the real modules are tested beside it.
 */
#ifndef MUSTER_TESTS_CRYPTO_STAND_IN_H
#define MUSTER_TESTS_CRYPTO_STAND_IN_H

#include "crypto/provider.h"

extern const struct provider stand_in;

#endif
