/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "enrolled.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "tests/app/squad.h"

struct kms *enrolled_domain(void) {
    struct kms *kms;
    struct error error;
    assert_int_equal(kms_init_in_memory("sip:kms@county.example", false, squad_provider(),
                                        &entropy_system, &kms, &error),
                     STATUS_OK);
    return kms;
}

struct handset *enrolled_handset(struct kms *kms, const char *identity,
                                 const struct group_list *groups, struct moment now) {
    const struct kms_terms terms = {
        .now_ms = now.utc_ms, .max_key_period_ms = HOUR_MS, .groups = groups};
    struct handset_setup setup = {.provider = squad_provider(), .entropy = entropy_system};
    struct batch *batch = batch_new();
    struct handset *handset;
    struct error error;
    assert_non_null(batch);
    assert_int_equal(
        kms_enroll_in_memory(kms, identity, "Unit", &terms, &entropy_system, batch, &error),
        STATUS_OK);
    assert_int_equal(handset_new(&setup, now, &handset), STATUS_OK);
    for (size_t i = 0; i < batch->count; i++) {
        const struct batch_change *change = &batch->changes[i];
        assert_int_equal(handset_restore(handset, change->kind,
                                         (struct span){change->key, change->key_length},
                                         secret_span(change->value)),
                         STATUS_OK);
    }
    assert_int_equal(handset_start(handset, now), STATUS_OK);
    batch_free(batch);
    return handset;
}
