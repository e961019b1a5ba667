/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_GENERATOR_H
#define MUSTER_CRYPTO_NATIVE_GENERATOR_H

#include "crypto/native/comb.h"
#include "crypto/native/wide_comb.h"

/* The combs of P and of g = <P, P>, which are the same in every domain, in the form of the chosen
 * arithmetic: made at the first call from any thread, and only read from then on. */
const struct curve_comb *generator_comb(void);
const struct power_comb *generator_power_comb(void);

/* The comb of P for many scalars at once, made like those, at a cost of some 40 ms. */
const struct wide_comb *generator_wide_comb(void);

#endif
