/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was handled lately (app/handset/air/seen.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/handset/air/seen.h"

/* The hash of the n-th, of few buckets: many are in one. */
static void hash_of(uint32_t n, uint8_t hash[SEEN_HASH_SIZE]) {
    memset(hash, 0, SEEN_HASH_SIZE);
    hash[1] = (uint8_t)(n % 3);
    memcpy(hash + 4, &n, sizeof n);
}

static void the_latest_are_remembered_and_no_others(void **state) {
    (void)state;
    struct seen *seen = calloc(1, sizeof *seen);
    uint8_t hash[SEEN_HASH_SIZE] = {0};
    assert_non_null(seen);
    assert_false(seen_has_hash(seen, hash));
    for (uint32_t n = 1; n <= 3 * SEEN_MAX; n++) {
        hash_of(n, hash);
        assert_false(seen_has_hash(seen, hash));
        seen_add_hash(seen, hash);
        assert_true(seen_has_hash(seen, hash));
        if (n % 97 != 0) {
            continue;
        }
        for (uint32_t other = 1; other <= n; other++) {
            hash_of(other, hash);
            assert_int_equal(seen_has_hash(seen, hash), n - other < SEEN_MAX);
        }
    }
    free(seen);
}

/* Whoever adds the same again and again pushes out the others, and no more. */
static void what_is_added_twice_is_remembered_for_as_long_as_the_later(void **state) {
    (void)state;
    struct seen *seen = calloc(1, sizeof *seen);
    uint8_t hash[SEEN_HASH_SIZE], other[SEEN_HASH_SIZE];
    assert_non_null(seen);
    hash_of(1, hash);
    for (uint32_t i = 0; i < SEEN_MAX + 10; i++) {
        seen_add_hash(seen, hash);
    }
    for (uint32_t n = 2; n <= SEEN_MAX; n++) {
        hash_of(n, other);
        seen_add_hash(seen, other);
        assert_true(seen_has_hash(seen, hash));
    }
    hash_of(SEEN_MAX + 1, other);
    seen_add_hash(seen, other);
    assert_false(seen_has_hash(seen, hash));
    free(seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_are_remembered_and_no_others),
        cmocka_unit_test(what_is_added_twice_is_remembered_for_as_long_as_the_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
