/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_EIGHT_PAIRING_H
#define MUSTER_CRYPTO_NATIVE_EIGHT_PAIRING_H

#include "crypto/native/pairing.h"

/* What pairing.c and pairing_table.c do, eight at a time: they call this when the chosen arithmetic
 * has it. Constant-time in K and R. */
void eight_pairing_steps_pack(struct eight_pairing_steps *out, const struct pairing_steps *steps);
void eight_miller_loop(struct quadratic *f, const struct eight_pairing_steps *steps,
                       const struct affine_point *r);

#endif
