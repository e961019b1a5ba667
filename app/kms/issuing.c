/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/issuing.h"

#include "crypto/secret.h"

/* The manager's own, with which it signs what it says itself. */
static enum status make_manager_key(const struct kms *kms, struct credential *credential,
                                    const struct entropy *entropy) {
    struct identifier identifier;
    struct signing_key *signing = NULL;
    enum status status =
        identifier_of_manager(credential->manager.name, credential->period_start_ms, &identifier);
    if (status == STATUS_OK) {
        status =
            kms->provider->issue_signing_key(kms->master, identifier_span(&identifier), entropy,
                                             credential->manager_ssk, credential->manager_pvt);
    }
    if (status == STATUS_OK) {
        status = kms->provider->signing_key_load(kms->domain, identifier_span(&identifier),
                                                 credential->manager_ssk, credential->manager_pvt,
                                                 &signing);
    }
    if (status == STATUS_OK) {
        kms->provider->signing_key_free(signing);
    }
    return status;
}

static enum status make(const struct kms *kms, struct credential *credential,
                        const struct entropy *entropy) {
    const struct provider *provider = kms->provider;
    struct span identifier = identifier_span(&credential->identifier);
    struct signing_key *signing = NULL;
    enum status status = provider->issue_receiver_key(kms->master, identifier, credential->rsk);
    if (status == STATUS_OK) {
        status = provider->issue_signing_key(kms->master, identifier, entropy, credential->ssk,
                                             credential->pvt);
    }
    if (status == STATUS_OK) {
        status = provider->signing_key_load(kms->domain, identifier, credential->ssk,
                                            credential->pvt, &signing);
    }
    if (status == STATUS_OK) {
        provider->signing_key_free(signing);
    }
    return status == STATUS_OK && credential->manager.term != 0
               ? make_manager_key(kms, credential, entropy)
               : status;
}

/* Loading a receiver key would build the tables that decapsulate with it, which cost twenty times
 * what the key itself does. */
static enum status check_receiver_keys(const struct kms *kms,
                                       struct credential *const credentials[], size_t count) {
    struct span identifiers[KMS_ISSUE_MAX];
    const uint8_t *rsks[KMS_ISSUE_MAX];
    for (size_t i = 0; i < count; i++) {
        identifiers[i] = identifier_span(&credentials[i]->identifier);
        rsks[i] = credentials[i]->rsk;
    }
    return kms->provider->receiver_keys_check(kms->master, kms->domain, count, identifiers, rsks);
}

enum status issuing_make_keys(const struct kms *kms, struct credential *const credentials[],
                              size_t count, const struct entropy *entropy, size_t *which) {
    enum status status = STATUS_OK;
    for (*which = 0; *which < count; ++*which) {
        status = make(kms, credentials[*which], entropy);
        if (status != STATUS_OK) {
            break;
        }
    }
    if (status == STATUS_OK) {
        *which = 0;
        status = check_receiver_keys(kms, credentials, count);
    }
    for (size_t i = 0; status != STATUS_OK && i < count; i++) {
        secret_wipe(credentials[i]->rsk, sizeof credentials[i]->rsk);
        credential_wipe_signing(credentials[i]);
    }
    return status;
}
