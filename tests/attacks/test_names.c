/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a name beside a proof of identity is worth. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/programs/demo.h"

/* A display name is whatever its owner types; what stands beside the proof is the one that the KMS
 * attested (statement 12 of what must always hold, app/README.md). Each script takes the other's
 * name at another moment, or one that looks like it; tests/app/test_names.c has what a member can
 * forge. */
static void play(const char *file) {
    char command[] = "demo", option[] = "--script";
    char *script = strdup(file);
    char *argv[] = {command, option, script, NULL};
    assert_non_null(script);
    assert_int_equal(demo_main(3, argv), 0);
    free(script);
}

static void a_member_who_takes_anothers_name_is_shown_under_its_own(void **state) {
    (void)state;
    play("fixtures/scenarios/name-taken.script");
}

static void who_takes_it_once_it_is_in_the_group_is_shown_under_its_own_as_well(void **state) {
    (void)state;
    play("fixtures/scenarios/name-taken-later.script");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_who_takes_anothers_name_is_shown_under_its_own),
        cmocka_unit_test(who_takes_it_once_it_is_in_the_group_is_shown_under_its_own_as_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
