/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a KMS gives to a group's manager beside the group identity's keys (app/identity/epoch.h),
 * for domains that a test makes by hand.
 */
#ifndef MUSTER_TESTS_APP_MANAGER_KEYS_H
#define MUSTER_TESTS_APP_MANAGER_KEYS_H

#include "app/identity/credential.h"
#include "app/identity/epoch.h"

/* Makes `credential`, of a group identity, that of the manager with this name (each of its octets
 * is `name`) in `term`: its keys of the credential's month and its certificate. */
void manager_keys_issue(struct credential *credential, uint8_t name, uint64_t term,
                        const struct provider *provider, const struct master_key *master,
                        const struct domain_key *domain);

/* Appends the word of the manager of `credential` for its key number `counter`, which knows the
 * lists of exclusions of `known`. */
void manager_keys_word(const struct credential *credential, uint64_t counter,
                       const struct exclusion_states *known,
                       const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                       const struct provider *provider, const struct domain_key *domain,
                       struct writer *out);

#endif
