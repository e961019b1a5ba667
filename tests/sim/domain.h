/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The identities of the simulation: one domain, issued once from a fixed seed and used by all
 * histories.
 */
#ifndef MUSTER_TESTS_SIM_DOMAIN_H
#define MUSTER_TESTS_SIM_DOMAIN_H

#include "app/identity/credential.h"

enum {
    DOMAIN_HANDSETS = 12,
    DOMAIN_STRANGER = DOMAIN_HANDSETS, /* enrolled, and nobody's friend */
    DOMAIN_IDENTITIES,
    DOMAIN_SHORT_PERIOD_MS = 3 * 60 * 1000, /* the longest key period of every fourth handset */
    DOMAIN_PERIOD_MS = 60 * 60 * 1000,
};

struct domain_member {
    char identity[IDENTITY_SIZE];
    int64_t max_key_period_ms;
    struct identifier identifier;
    struct signing_key *signing_key;
    uint8_t credential[CREDENTIAL_SIZE_MAX]; /* as credential_write writes it */
    size_t credential_length;
};

extern const char domain_kms[];

/* Issues all identities with `provider`; aborts when that fails. */
void domain_issue(const struct provider *provider);

const struct domain_key *domain_key(void);
const struct domain_member *domain_member(size_t n);

/* The number of the identity, or DOMAIN_IDENTITIES when it is none of the domain's. */
size_t domain_find(const char *identity);

#endif
