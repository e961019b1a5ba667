/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MUSTER_CRYPTO_NATIVE_PAIRING_H
#define MUSTER_CRYPTO_NATIVE_PAIRING_H

#include "crypto/native/curve.h"

/* The Tate-Lichtenbaum pairing <a, b> of RFC 6508 3.2 as an element of PF_p in its F_p form, for
 * two points of order q. <a, b> == <b, a>. Constant-time in both points: either may be a secret
 * key. */
void pairing(struct field_element *out, const struct affine_point *a, const struct affine_point *b);

#endif
