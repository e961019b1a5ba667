/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "app/store/batch.h"

static void changes_are_kept_in_order_and_copied(void **state) {
    (void)state;
    struct batch *batch = batch_new();
    uint8_t key[] = {1, 2, 3}, value[] = {4, 5};
    assert_int_equal(batch_put(batch, RECORD_GROUP, SPAN_OF(key), SPAN_OF(value)), STATUS_OK);
    assert_int_equal(batch_delete(batch, RECORD_TRUST, SPAN_OF(key)), STATUS_OK);
    memset(key, 0, sizeof key);
    memset(value, 0, sizeof value);

    assert_int_equal(batch->count, 2);
    const struct batch_change *put = &batch->changes[0], *gone = &batch->changes[1];
    assert_int_equal(put->kind, RECORD_GROUP);
    assert_false(put->is_delete);
    assert_int_equal(put->key_length, 3);
    assert_memory_equal(put->key, "\1\2\3", 3);
    assert_true(span_equal(secret_span(put->value), span_of_text("\4\5")));
    assert_int_equal(gone->kind, RECORD_TRUST);
    assert_true(gone->is_delete);
    assert_null(gone->value);
    batch_free(batch);
    batch_free(NULL);
}

static void a_change_over_the_limits_is_refused_and_leaves_the_batch_as_it_was(void **state) {
    (void)state;
    static const uint8_t zeros[RECORD_VALUE_MAX + 1];
    struct span largest_key = {zeros, RECORD_KEY_MAX}, large_key = {zeros, RECORD_KEY_MAX + 1};
    struct span largest = {zeros, RECORD_VALUE_MAX}, large = {zeros, RECORD_VALUE_MAX + 1};
    struct span nothing = {NULL, 0};
    struct batch *batch = batch_new();
    assert_int_equal(batch_put(batch, RECORD_GROUP, large_key, nothing), STATUS_TOO_LONG);
    assert_int_equal(batch_put(batch, RECORD_GROUP, nothing, large), STATUS_TOO_LONG);
    assert_int_equal(batch_delete(batch, RECORD_GROUP, large_key), STATUS_TOO_LONG);
    assert_int_equal(batch->count, 0);
    assert_int_equal(batch_put(batch, RECORD_GROUP, largest_key, largest), STATUS_OK);
    while (batch->count < BATCH_CHANGES_MAX) {
        assert_int_equal(batch_delete(batch, RECORD_GROUP, nothing), STATUS_OK);
    }
    assert_int_equal(batch_put(batch, RECORD_GROUP, nothing, nothing), STATUS_TOO_LONG);
    assert_int_equal(batch_delete(batch, RECORD_GROUP, nothing), STATUS_TOO_LONG);
    assert_int_equal(batch->count, BATCH_CHANGES_MAX);
    batch_free(batch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_kept_in_order_and_copied),
        cmocka_unit_test(a_change_over_the_limits_is_refused_and_leaves_the_batch_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
