/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An issuance: the KMS's word (crypto/statement.h) for what one bundle gives to one identity. What
 * is said: version (1), and hashes (32 each) of the request that it answers, of the credential in
 * it, which has the keys, groups, limits and the root's certificate, and of the access to the
 * broker beside it, zero where there is none; then the domain's fingerprint, as text.
 *
 * On the wire: number (8), the three hashes, signature (129). The fingerprint is not written: it
 * follows from the credential.
 */
#ifndef MUSTER_APP_IDENTITY_ISSUANCE_H
#define MUSTER_APP_IDENTITY_ISSUANCE_H

#include "app/identity/fingerprint.h"
#include "crypto/seal.h"
#include "crypto/statement.h"

enum {
    ISSUANCE_SIZE = 8 + 3 * SEAL_HASH_SIZE + ECCSI_SIGNATURE_SIZE
};

struct issuance {
    uint64_t number; /* 0: there is none */
    uint8_t request[SEAL_HASH_SIZE];
    uint8_t credential[SEAL_HASH_SIZE];
    uint8_t access[SEAL_HASH_SIZE]; /* zero: none */
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

/* Whose word it is, and about whom. */
struct issuer {
    const char *kms;
    const char *identity;
    const char *fingerprint; /* of the domain */
};

/* Signs it with the KMS's `key` for statements. Errors of statement_sign. */
MUST_CHECK enum status issuance_sign(struct issuance *issue, const struct issuer *issuer,
                                     const struct provider *provider, const struct signing_key *key,
                                     const struct entropy *entropy);

/* Does the KMS of `domain` say so? STATUS_SIGNATURE_INVALID, errors of statement_verify. */
MUST_CHECK enum status issuance_verify(const struct issuance *issue, const struct issuer *issuer,
                                       const struct provider *provider,
                                       const struct domain_key *domain);

/* Does it speak of access to the broker? */
bool issuance_has_access(const struct issuance *issue);

/* Codec; the reader fails on what is too short. */
void issuance_write(struct writer *out, const struct issuance *issue);
void issuance_read(struct reader *in, struct issuance *issue);

#endif
