/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/keyring.h"

#include <string.h>

enum status keyring_load(struct keyring *keyring, struct span octets) {
    if (keyring->credential != NULL)
        return STATUS_ALREADY_DONE;
    struct credential *credential = credential_new();
    if (credential == NULL)
        return STATUS_NO_MEMORY;
    keyring->credential = credential;
    const struct provider *provider = keyring->provider;
    enum status status = credential_read(octets, credential);
    if (status == STATUS_OK)
        status = provider->domain_load(credential->z, credential->kpak, &keyring->domain);
    struct span identifier = identifier_span(&credential->identifier);
    if (status == STATUS_OK)
        status = provider->signing_key_load(keyring->domain, identifier, credential->ssk,
                                            credential->pvt, &keyring->signing_key);
    if (status == STATUS_OK)
        status = provider->receiver_key_load(keyring->domain, identifier, credential->rsk,
                                             &keyring->receiver_key);
    if (status != STATUS_OK)
        keyring_clear(keyring);
    return status;
}

void keyring_clear(struct keyring *keyring) {
    const struct provider *provider = keyring->provider;
    if (keyring->receiver_key != NULL)
        provider->receiver_key_free(keyring->receiver_key);
    if (keyring->signing_key != NULL)
        provider->signing_key_free(keyring->signing_key);
    if (keyring->domain != NULL)
        provider->domain_free(keyring->domain);
    credential_free(keyring->credential);
    *keyring = (struct keyring){.provider = provider};
}

enum status keyring_domain(const struct keyring *keyring, const char *kms,
                           const struct domain_key **domain) {
    *domain = keyring->domain;
    if (keyring->credential == NULL || strcmp(kms, keyring->credential->kms) != 0)
        return STATUS_DOMAIN_UNKNOWN;
    return STATUS_OK;
}

enum status keyring_verify(const struct keyring *keyring, const char *identity, const char *kms,
                           struct moment now, struct span message,
                           const uint8_t signature[ECCSI_SIGNATURE_SIZE]) {
    static const int64_t day_ms = 24 * 60 * 60 * INT64_C(1000);
    const int64_t moments[] = {now.utc_ms, now.utc_ms - day_ms, now.utc_ms + day_ms};
    const struct domain_key *domain;
    enum status status = keyring_domain(keyring, kms, &domain);
    if (status != STATUS_OK)
        return status;
    struct identifier tried = {0};
    for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
        struct identifier identifier;
        status = identifier_of(identity, moments[i], &identifier);
        if (status == STATUS_TIME_OUT_OF_RANGE)
            continue;
        if (status != STATUS_OK)
            return status;
        if (i > 0 && span_equal(identifier_span(&identifier), identifier_span(&tried)))
            continue;
        tried = identifier;
        if (keyring->provider->verify(domain, identifier_span(&identifier), message, signature) ==
            STATUS_OK)
            return STATUS_OK;
    }
    return STATUS_SIGNATURE_INVALID;
}
