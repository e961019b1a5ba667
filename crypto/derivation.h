/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Key derivation of MIKEY: the PRF of RFC 3830 4.1.2 in its HMAC-SHA-256 form (RFC 6043 6.1), and
 * the keys that 4.1.3 and 4.1.4 make with it. Constant-time in the keys.
 */
#ifndef MUSTER_CRYPTO_DERIVATION_H
#define MUSTER_CRYPTO_DERIVATION_H

#include "crypto/i_message.h"

/* PRF(inkey, label): fills out[length], length at most 8192. STATUS_TOO_LONG,
 * STATUS_KEY_INVALID for an empty key, STATUS_LIBRARY_FAILED. */
MUST_CHECK enum status mikey_prf(struct span inkey, struct span label, uint8_t *out, size_t length);

/* Which key (the constants of RFC 3830 4.1.3 and 4.1.4, chosen by name). */
enum derived_key {
    DERIVED_TEK,      /* from a TGK (or GSK): the traffic encryption key */
    DERIVED_SALT,     /* from a TGK (or GSK): the salting key */
    DERIVED_PSK_ENCR, /* from a pre-shared key: protects the KEMAC payload */
    DERIVED_PSK_AUTH,
    DERIVED_PSK_SALT,
};

/* The key of that kind for crypto session `cs_id` (0xFF for the DERIVED_PSK_ ones) of the bundle
 * `csb_id` with the message's RAND. Fills out[length]. */
MUST_CHECK enum status mikey_derive(enum derived_key kind, struct span inkey, uint8_t cs_id,
                                    uint32_t csb_id, const uint8_t rand[MIKEY_RAND_SIZE],
                                    uint8_t *out, size_t length);

#endif
