/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a name beside a proof of identity is worth. The test expects that the attack succeeds, as it
 * does today; whoever closes it turns the test round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/programs/demo.h"

/* A display name is whatever its owner types, and stands in large above the small identity that the
 * tick is for. Breaks statement 12 of what must always hold, app/README.md: anything but a name
 * that the KMS attested, this officer gave, or was accepted with the group is shown as claimed. To
 * become: the screen says Cleo, or marks the name as claimed, and the script fails at "Ben is
 * talking". */
static void a_member_can_take_anothers_name_and_is_shown_under_it_as_verified(void **state) {
    (void)state;
    char command[] = "demo", option[] = "--script";
    char script[] = "fixtures/scenarios/name-taken.script";
    char *argv[] = {command, option, script, NULL};
    assert_int_equal(demo_main(3, argv), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_member_can_take_anothers_name_and_is_shown_under_it_as_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
