/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The keys that a handset acts with: its own credential, and its domain's public keys.
 */
#ifndef MUSTER_APP_HANDSET_KEYRING_H
#define MUSTER_APP_HANDSET_KEYRING_H

#include "app/credential.h"
#include "app/handset/clock.h"

struct keyring {
    const struct provider *provider;
    struct credential *credential; /* NULL until one is restored */
    struct domain_key *domain;
    struct signing_key *signing_key;
    struct receiver_key *receiver_key;
};

/* Loads the credential in `octets` (a RECORD_CREDENTIAL's value): the errors of credential_read and
 * of the provider for keys that do not belong together; STATUS_ALREADY_DONE when there is one. */
MUST_CHECK enum status keyring_load(struct keyring *keyring, struct span octets);

/* Wipes and frees what it holds. */
void keyring_clear(struct keyring *keyring);

/* The public keys of the domain of that KMS. STATUS_DOMAIN_UNKNOWN. */
MUST_CHECK enum status keyring_domain(const struct keyring *keyring, const char *kms,
                                      const struct domain_key **domain);

/* Does `signature` over `message` verify for `identity`? Messages name no period: monthly
 * identities are tried with the months within a day of `now`'s wall clock, as far as identifiers
 * have such months. STATUS_DOMAIN_UNKNOWN, STATUS_IDENTITY_INVALID, STATUS_SIGNATURE_INVALID. */
MUST_CHECK enum status keyring_verify(const struct keyring *keyring, const char *identity,
                                      const char *kms, struct moment now, struct span message,
                                      const uint8_t signature[ECCSI_SIGNATURE_SIZE]);

#endif
