/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manager_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

void manager_keys_issue(struct credential *credential, uint8_t name, uint64_t term,
                        const struct provider *provider, const struct master_key *master,
                        const struct domain_key *domain) {
    uint8_t ssk[ECCSI_SCALAR_SIZE], pvt[ECCSI_POINT_SIZE];
    struct identifier own, statements;
    struct signing_key *key;
    struct manager_certificate *manager = &credential->manager;
    *manager = (struct manager_certificate){.term = term,
                                            .month = manager_month_of(credential->period_start_ms)};
    memset(manager->name, name, sizeof manager->name);
    assert_int_equal(identifier_of_manager(manager->name, credential->period_start_ms, &own),
                     STATUS_OK);
    assert_int_equal(identifier_of_statements(credential->kms, &statements), STATUS_OK);
    assert_int_equal(provider->issue_signing_key(master, identifier_span(&own), &entropy_system,
                                                 credential->manager_ssk, credential->manager_pvt),
                     STATUS_OK);
    assert_int_equal(provider->issue_signing_key(master, identifier_span(&statements),
                                                 &entropy_system, ssk, pvt),
                     STATUS_OK);
    assert_int_equal(
        provider->signing_key_load(domain, identifier_span(&statements), ssk, pvt, &key),
        STATUS_OK);
    assert_int_equal(manager_certificate_sign(manager, credential->kms, credential->identity,
                                              provider, key, &entropy_system),
                     STATUS_OK);
    provider->signing_key_free(key);
}

void manager_keys_word(const struct credential *credential, uint64_t counter,
                       const struct exclusion_states *known,
                       const struct key_delivery_fields *fields, const uint8_t gmk[SSV_SIZE],
                       const struct provider *provider, const struct domain_key *domain,
                       struct writer *out) {
    struct identifier own;
    struct signing_key *key;
    assert_int_equal(
        identifier_of_manager(credential->manager.name, credential->period_start_ms, &own),
        STATUS_OK);
    assert_int_equal(provider->signing_key_load(domain, identifier_span(&own),
                                                credential->manager_ssk, credential->manager_pvt,
                                                &key),
                     STATUS_OK);
    assert_int_equal(epoch_word_write(out, &credential->manager, counter, known, fields, gmk,
                                      provider, key, &entropy_system),
                     STATUS_OK);
    provider->signing_key_free(key);
}
