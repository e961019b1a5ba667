/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/kms/issuing.h"

#include "crypto/secret.h"

/* The manager's own, with which it signs what it says itself. */
static enum status make_manager_key(const struct kms *kms, struct credential *credential,
                                    const struct entropy *entropy) {
    struct identifier identifier;
    enum status status =
        identifier_of_manager(credential->manager.name, credential->period_start_ms, &identifier);
    return status == STATUS_OK
               ? kms->provider->issue_signing_key(kms->master, identifier_span(&identifier),
                                                  entropy, credential->manager_ssk,
                                                  credential->manager_pvt)
               : status;
}

static enum status make_signing_keys(const struct kms *kms, struct credential *credential,
                                     const struct entropy *entropy) {
    enum status status =
        kms->provider->issue_signing_key(kms->master, identifier_span(&credential->identifier),
                                         entropy, credential->ssk, credential->pvt);
    return status == STATUS_OK && credential->manager.term != 0
               ? make_manager_key(kms, credential, entropy)
               : status;
}

/* All together, and after a failure one by one: *which is the first that fails. */
static enum status make_receiver_keys(const struct kms *kms, struct credential *const credentials[],
                                      size_t count, size_t *which) {
    struct span identifiers[KMS_ISSUE_MAX];
    uint8_t *rsks[KMS_ISSUE_MAX];
    for (size_t i = 0; i < count; i++) {
        identifiers[i] = identifier_span(&credentials[i]->identifier);
        rsks[i] = credentials[i]->rsk;
    }
    enum status status = kms->provider->issue_receiver_keys(kms->master, count, identifiers, rsks);
    for (*which = 0; status != STATUS_OK && *which + 1 < count; ++*which) {
        enum status single =
            kms->provider->issue_receiver_key(kms->master, identifiers[*which], rsks[*which]);
        if (single != STATUS_OK) {
            return single;
        }
    }
    return status;
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

static enum status check_signing_keys(const struct kms *kms, struct credential *const credentials[],
                                      size_t count) {
    struct span identifiers[KMS_ISSUE_MAX];
    const uint8_t *ssks[KMS_ISSUE_MAX], *pvts[KMS_ISSUE_MAX];
    for (size_t i = 0; i < count; i++) {
        identifiers[i] = identifier_span(&credentials[i]->identifier);
        ssks[i] = credentials[i]->ssk;
        pvts[i] = credentials[i]->pvt;
    }
    return kms->provider->signing_keys_check(kms->master, kms->domain, count, identifiers, ssks,
                                             pvts);
}

/* Of those that are managers. */
static enum status check_manager_keys(const struct kms *kms, struct credential *const credentials[],
                                      size_t count) {
    struct identifier names[KMS_ISSUE_MAX];
    struct span identifiers[KMS_ISSUE_MAX];
    const uint8_t *ssks[KMS_ISSUE_MAX], *pvts[KMS_ISSUE_MAX];
    size_t managers = 0;
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < count; i++) {
        const struct credential *credential = credentials[i];
        if (credential->manager.term == 0) {
            continue;
        }
        status = identifier_of_manager(credential->manager.name, credential->period_start_ms,
                                       &names[managers]);
        identifiers[managers] = identifier_span(&names[managers]);
        ssks[managers] = credential->manager_ssk;
        pvts[managers++] = credential->manager_pvt;
    }
    return status == STATUS_OK && managers > 0
               ? kms->provider->signing_keys_check(kms->master, kms->domain, managers, identifiers,
                                                   ssks, pvts)
               : status;
}

static enum status check_keys(const struct kms *kms, struct credential *const credentials[],
                              size_t count) {
    enum status status = check_signing_keys(kms, credentials, count);
    if (status == STATUS_OK) {
        status = check_manager_keys(kms, credentials, count);
    }
    return status == STATUS_OK ? check_receiver_keys(kms, credentials, count) : status;
}

/* Checks all together, and after a failure one by one: *which is the first that fails, or as it was
 * where none does alone. */
static enum status check_all(const struct kms *kms, struct credential *const credentials[],
                             size_t count, size_t *which) {
    enum status status = check_keys(kms, credentials, count);
    bool is_found = status == STATUS_OK;
    for (size_t i = 0; i < count && !is_found; i++) {
        is_found = check_keys(kms, &credentials[i], 1) != STATUS_OK;
        *which = is_found ? i : *which;
    }
    return status;
}

enum status issuing_make_keys(const struct kms *kms, struct credential *const credentials[],
                              size_t count, const struct entropy *entropy, size_t *which) {
    enum status status = make_receiver_keys(kms, credentials, count, which);
    if (status == STATUS_OK) {
        for (*which = 0; *which < count; ++*which) {
            status = make_signing_keys(kms, credentials[*which], entropy);
            if (status != STATUS_OK) {
                break;
            }
        }
    }
    if (status == STATUS_OK) {
        *which = 0;
        status = check_all(kms, credentials, count, which);
    }
    for (size_t i = 0; status != STATUS_OK && i < count; i++) {
        secret_wipe(credentials[i]->rsk, sizeof credentials[i]->rsk);
        credential_wipe_signing(credentials[i]);
    }
    return status;
}
