/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The short list of talkers who are noted (app/handset/talk/noted.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/handset/talk/noted.h"

static const char group[] = "sip:fire7@county.example";

static size_t hear(struct noted *noted, unsigned who, int64_t at_ms, bool *is_new) {
    char identity[IDENTITY_SIZE];
    snprintf(identity, sizeof identity, "sip:%u@county.example", who);
    return noted_hear(noted, identity, group, (struct moment){.boot_ms = at_ms}, is_new);
}

static void who_was_heard_longest_ago_makes_way(void **state) {
    (void)state;
    struct noted *noted = calloc(1, sizeof *noted);
    assert_non_null(noted);
    bool is_new;
    for (unsigned who = 0; who < NOTED_MAX; who++) {
        assert_int_equal(hear(noted, who, 1000 + who, &is_new), who);
        assert_true(is_new);
    }
    assert_int_equal(hear(noted, 0, 5000, &is_new), 0); /* once more: now 1 is the first */
    assert_false(is_new);
    assert_int_equal(hear(noted, NOTED_MAX, 6000, &is_new), 1);
    assert_true(is_new);
    assert_int_equal(noted_find(noted, "sip:1@county.example", group), NOTED_MAX);
    noted_forget(noted, "sip:20@county.example", group);
    assert_false(noted_is(noted, 20));
    assert_int_equal(hear(noted, 1, 6001, &is_new), 20); /* nobody has to make way */
    free(noted);
}

static void a_talker_has_a_place_in_each_group(void **state) {
    (void)state;
    static const char other[] = "sip:rescue2@county.example", who[] = "sip:anna@county.example";
    struct noted *noted = calloc(1, sizeof *noted);
    assert_non_null(noted);
    const struct moment now = {.boot_ms = 1000};
    bool is_new;
    size_t first = noted_hear(noted, who, group, now, &is_new);
    size_t second = noted_hear(noted, who, other, now, &is_new);
    assert_int_not_equal(first, second);
    noted_forget(noted, who, group);
    assert_int_equal(noted_find(noted, who, group), NOTED_MAX);
    assert_int_equal(noted_find(noted, who, other), second);
    free(noted);
}

static void one_signature_is_checked_in_a_while(void **state) {
    (void)state;
    struct noted *noted = calloc(1, sizeof *noted);
    assert_non_null(noted);
    struct moment now = {.boot_ms = 1000};
    assert_true(noted_may_check(noted, now));
    noted_check(noted, now);
    now.boot_ms += NOTED_CHECK_MS - 1;
    assert_false(noted_may_check(noted, now));
    now.boot_ms++;
    assert_true(noted_may_check(noted, now));
    free(noted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_was_heard_longest_ago_makes_way),
        cmocka_unit_test(a_talker_has_a_place_in_each_group),
        cmocka_unit_test(one_signature_is_checked_in_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
