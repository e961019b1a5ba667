/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "issued.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum {
    CREDENTIAL = 1, /* its place in a batch, after the device key's */
    MAX_KEY_PERIOD_MS = 12 * 60 * 60 * 1000
};

struct kms *issued_domain(const struct provider *provider) {
    struct kms *kms;
    struct error error;
    assert_int_equal(
        kms_init_in_memory(ISSUED_KMS_URI, false, provider, &entropy_system, &kms, &error),
        STATUS_OK);
    return kms;
}

struct batch *issued_by(struct kms *kms, const char *identity, const char *group, int64_t utc_ms) {
    struct group_list groups = {0};
    struct batch *batch = batch_new();
    const struct kms_terms terms = {
        .now_ms = utc_ms, .max_key_period_ms = MAX_KEY_PERIOD_MS, .groups = &groups};
    struct error error;
    assert_non_null(batch);
    if (group != NULL) {
        assert_int_equal(group_list_add(&groups, group), STATUS_OK);
    }
    assert_int_equal(
        kms_enroll_in_memory(kms, identity, "Fire 7", &terms, &entropy_system, batch, &error),
        STATUS_OK);
    return batch;
}

struct span issued_key(const struct batch *batch) {
    const struct batch_change *change = &batch->changes[CREDENTIAL];
    return (struct span){change->key, change->key_length};
}

struct span issued_credential(const struct batch *batch) {
    return secret_span(batch->changes[CREDENTIAL].value);
}

enum status issued_load(struct keyring *keyring, const struct batch *batch) {
    return keyring_load(keyring, issued_key(batch), issued_credential(batch));
}
