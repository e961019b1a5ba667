/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Statements: what a KMS says about its domain, signed by itself (ECCSI, RFC 6507) under an
 * identifier that no identity can have (identifier_of_statements), and so verified with the
 * domain's KPAK alone.
 *
 * Signed is: "Muster statement" 00, the kind (1), the KMS's URI and the identity that it is about,
 * each with its length before it in one octet, the number (8), and what is said, with its length
 * before it in two. Of two statements of one kind about one identity the one with the greater
 * number counts.
 */
#ifndef MUSTER_CRYPTO_STATEMENT_H
#define MUSTER_CRYPTO_STATEMENT_H

#include "crypto/identifier.h"
#include "crypto/provider.h"

enum {
    STATEMENT_SAID_MAX = 1024
};

enum statement_kind {
    STATEMENT_NAME = 1,   /* said is the display name of the identity */
    STATEMENT_BUNDLE = 3, /* what a bundle gives to the identity (app/identity/issuance.h) */
    STATEMENT_LIMITS = 4, /* of the domain, so about the KMS itself (app/identity/limits.h) */
    STATEMENT_REVOKED =
        5,                /* about the KMS's own URI: whom it has revoked (identity/revocation.h) */
    STATEMENT_MANAGER = 8 /* about a group identity: who manages it (app/identity/epoch.h) */
};

struct statement {
    enum statement_kind kind;
    const char *kms;
    const char *identity;
    uint64_t number;
    struct span said;
};

/* Signs with `key`, the KMS's signing key for identifier_of_statements. STATUS_TOO_LONG when more
 * than STATEMENT_SAID_MAX octets are said, the provider's errors. */
MUST_CHECK enum status statement_sign(const struct statement *statement,
                                      const struct provider *provider,
                                      const struct signing_key *key, const struct entropy *entropy,
                                      uint8_t signature[ECCSI_SIGNATURE_SIZE]);

/* Does the KMS of `domain` say so? STATUS_SIGNATURE_INVALID; STATUS_TOO_LONG, errors of
 * identifier_of_statements. */
MUST_CHECK enum status statement_verify(const struct statement *statement,
                                        const struct provider *provider,
                                        const struct domain_key *domain,
                                        const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
