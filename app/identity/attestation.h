/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An attestation: the KMS's word for the display name of an identity (crypto/statement.h). It is
 * part of a credential, and every presence carries it, so that others need not believe what
 * somebody calls itself.
 *
 * On the wire: length (2), and unless that is 0 the number (8), the signature (129), and the name,
 * which is left out where it is the one that stands beside the attestation anyway.
 */
#ifndef MUSTER_APP_IDENTITY_ATTESTATION_H
#define MUSTER_APP_IDENTITY_ATTESTATION_H

#include "app/identity/display_name.h"
#include "crypto/statement.h"

struct attestation {
    uint64_t number; /* 0: there is none */
    char name[DISPLAY_NAME_SIZE];
    uint8_t signature[ECCSI_SIGNATURE_SIZE];
};

enum {
    ATTESTATION_SIZE_MAX = 2 + 8 + ECCSI_SIGNATURE_SIZE + DISPLAY_NAME_MAX
};

/* Signs `name` as that of `identity` in the domain of `kms` with the KMS's `key` for statements.
 * There is none for an empty name. Errors of statement_sign. */
MUST_CHECK enum status attestation_sign(struct attestation *attestation, const char *kms,
                                        const char *identity, const char *name, uint64_t number,
                                        const struct provider *provider,
                                        const struct signing_key *key,
                                        const struct entropy *entropy);

/* Is it the word of the KMS of `domain` about that identity? STATUS_SIGNATURE_INVALID, also where
 * there is none; errors of statement_verify. */
MUST_CHECK enum status attestation_verify(const struct attestation *attestation, const char *kms,
                                          const char *identity, const struct provider *provider,
                                          const struct domain_key *domain);

/* Codec, writer and reader side by side. `name` is the one that stands beside it. What is read has
 * the right form and no more: STATUS_TRUNCATED, STATUS_MALFORMED. */
void attestation_write(struct writer *out, const struct attestation *attestation, const char *name);
MUST_CHECK enum status attestation_read(struct reader *in, const char *name,
                                        struct attestation *attestation);

#endif
