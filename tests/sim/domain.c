/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char domain_kms[] = "sip:kms@county.example";

/* Issued once for the program. */
static struct {
    struct domain_key *key;
    struct domain_member members[DOMAIN_IDENTITIES];
} domain;

static void must(enum status status) {
    if (status != STATUS_OK) {
        fprintf(stderr, "simulation: identities: %s\n", status_name(status));
        abort();
    }
}

static void issue(const struct provider *provider, const struct master_key *master,
                  const struct entropy *entropy, size_t n) {
    struct domain_member *member = &domain.members[n];
    struct credential *credential = credential_new();
    must(credential == NULL ? STATUS_NO_MEMORY : STATUS_OK);
    snprintf(member->identity, IDENTITY_SIZE, "urn:gsma:imei:90420156-0257%02zu-0", n);
    member->max_key_period_ms = n % 4 == 3 ? DOMAIN_SHORT_PERIOD_MS : DOMAIN_PERIOD_MS;
    memcpy(credential->identity, member->identity, IDENTITY_SIZE);
    snprintf(credential->kms, IDENTITY_SIZE, "%s", domain_kms);
    snprintf(credential->display_name, DISPLAY_NAME_SIZE, "unit %zu", n);
    credential->max_key_period_ms = member->max_key_period_ms;
    must(identifier_of(member->identity, 0, &credential->identifier));
    member->identifier = credential->identifier;
    struct span identifier = identifier_span(&member->identifier);
    must(provider->public_keys(master, credential->z, credential->kpak));
    must(provider->issue_receiver_key(master, identifier, credential->rsk));
    must(
        provider->issue_signing_key(master, identifier, entropy, credential->ssk, credential->pvt));
    must(provider->domain_load(credential->z, credential->kpak, &domain.key));
    must(provider->signing_key_load(domain.key, identifier, credential->ssk, credential->pvt,
                                    &member->signing_key));
    struct writer w = writer_into(member->credential, sizeof member->credential);
    must(credential_write(credential, &w));
    member->credential_length = w.length;
    credential_free(credential);
}

void domain_issue(const struct provider *provider) {
    struct entropy_seeded seeded;
    struct entropy entropy = entropy_from_seed(&seeded, 1);
    uint8_t z[SAKKE_FIELD_SIZE];
    uint8_t ksak[ECCSI_SCALAR_SIZE];
    struct master_key *master = NULL;
    must(provider->master_generate(&entropy, z, ksak));
    must(provider->master_load(z, ksak, &master));
    for (size_t n = 0; n < DOMAIN_IDENTITIES; n++) {
        issue(provider, master, &entropy, n);
    }
    provider->master_free(master);
}

const struct domain_key *domain_key(void) {
    return domain.key;
}

const struct domain_member *domain_member(size_t n) {
    return &domain.members[n];
}

size_t domain_find(const char *identity) {
    size_t n = 0;
    while (n < DOMAIN_IDENTITIES && strcmp(domain.members[n].identity, identity) != 0) {
        n++;
    }
    return n;
}
