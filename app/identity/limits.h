/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The limits of a domain: the KMS's word (crypto/statement.h) for how long a GMK may be used at
 * most, and how far clocks may be apart. They are part of a credential; of several the one with the
 * greatest number counts.
 *
 * What is said: version (1), the longest period of a GMK (8) and the tolerance (8), both in
 * milliseconds. On the wire: the number (8) and, unless that is 0, the two and the signature (129).
 */
#ifndef MUSTER_APP_IDENTITY_LIMITS_H
#define MUSTER_APP_IDENTITY_LIMITS_H

#include "crypto/statement.h"

enum {
    LIMITS_SIZE_MAX = 8 + 8 + 8 + ECCSI_SIGNATURE_SIZE
};

/* What holds where a domain says nothing else. It can make the longest period shorter, not longer;
 * and the tolerance anything up to its maximum. */
#define LIMITS_LONGEST_PERIOD_MS (INT64_C(92) * 24 * 3600 * 1000)
#define LIMITS_TOLERANCE_MS      (INT64_C(24) * 3600 * 1000)
#define LIMITS_TOLERANCE_MAX_MS  (INT64_C(7) * 24 * 3600 * 1000)

struct limits {
    uint64_t number;           /* 0: the KMS said nothing */
    int64_t longest_period_ms; /* of a GMK of any group; 1 to LIMITS_LONGEST_PERIOD_MS */
    int64_t tolerance_ms;      /* between clocks; 0 to LIMITS_TOLERANCE_MAX_MS */
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

/* Those that hold while the KMS has said nothing: the two constants above. */
struct limits limits_usual(void);

/* Are they within what a domain may have? */
bool limits_are_valid(const struct limits *limits);

/* Signs them as those of the domain `kms`, with the KMS's `key` for statements. Errors of
 * statement_sign. */
MUST_CHECK enum status limits_sign(struct limits *limits, const char *kms,
                                   const struct provider *provider, const struct signing_key *key,
                                   const struct entropy *entropy);

/* Does the KMS of `domain` say so? STATUS_SIGNATURE_INVALID, also where there are none; errors of
 * statement_verify. */
MUST_CHECK enum status limits_verify(const struct limits *limits, const char *kms,
                                     const struct provider *provider,
                                     const struct domain_key *domain);

/* Codec. STATUS_TRUNCATED, STATUS_MALFORMED for what no domain may have. */
void limits_write(struct writer *out, const struct limits *limits);
MUST_CHECK enum status limits_read(struct reader *in, struct limits *limits);

#endif
