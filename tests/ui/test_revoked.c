/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is revoked, on the screens: marked, not to be picked, and left out of the next key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};

/* Carol is revoked, and in the officer's own group. */
static void revoke(struct view *view) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        view->nearby[i].is_revoked = strcmp(view->nearby[i].identity, CAROL) == 0;
    }
    for (size_t i = 0; i < view->group_count; i++) {
        struct view_group *group = &view->groups[i];
        group->revoked_count = 0;
        for (size_t k = 0; k < group->member_count; k++) {
            group->members[k].is_revoked = strcmp(group->members[k].identity, CAROL) == 0;
            group->revoked_count += group->members[k].is_revoked;
        }
    }
}

static struct officer begin(size_t size) {
    struct officer officer = officer_begin(sizes[size][0], sizes[size][1]);
    view_busy(officer.view);
    return officer;
}

static void the_row_says_so_and_space_does_not_pick_it(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(i);
        officer_look(&officer);
        assert_false(officer_sees(&officer, "revoked"));
        revoke(officer.view);
        officer_press(&officer, "down");
        assert_true(officer_sees(&officer, "revoked"));
        officer_press(&officer, "n down space");
        assert_true(officer_sees(&officer, "revoked by the KMS"));
        assert_false(officer_sees(&officer, "[x]"));
        officer_end(&officer);
    }
}

static void who_is_revoked_after_it_was_picked_falls_out(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "n space down space enter");
        officer_type(&officer, "Bridge");
        officer_press(&officer, "enter enter");
        revoke(officer.view);
        officer_press_blind(&officer, "y");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_look(&officer);
        officer_press(&officer, "y");
        assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
        assert_int_equal(officer.command.member_count, 1);
        assert_string_not_equal(officer.command.members[0], CAROL);
        officer_end(&officer);
    }
}

static void if_nobody_is_left_the_officer_picks_again(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "n down space enter");
    officer_type(&officer, "Bridge");
    officer_press(&officer, "enter enter");
    revoke(officer.view);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "0 picked"));
    officer_end(&officer);
}

static void a_new_key_for_its_group_is_without_it(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(i);
        revoke(officer.view);
        assert_int_equal(officer.view->groups[0].revoked_count, 1);
        officer_press(&officer, "2 enter");
        assert_true(officer_sees(&officer, i == 0 ? "1 member is revoked: w makes a new key"
                                                  : "1 member revoked"));
        officer_press(&officer, "w enter enter");
        officer_press(&officer, "y");
        assert_int_equal(officer.command.kind, COMMAND_REKEY_GROUP);
        for (size_t k = 0; k < officer.command.member_count; k++) {
            assert_string_not_equal(officer.command.members[k], CAROL);
        }
        officer_end(&officer);
    }
}

static void the_age_of_the_list_is_among_the_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin(i);
        officer_press(&officer, "4");
        assert_true(officer_sees(&officer, "no list held"));
        officer.view->revoked =
            (struct view_revoked){.has_list = true, .count = 3, .age_ms = (int64_t)49 * TEST_HOUR};
        officer_look(&officer);
        assert_true(officer_sees(&officer, "a list of 3, 2 days old"));
        officer.view->revoked.is_self = true;
        officer_look(&officer);
        assert_true(officer_sees(&officer, "this identity is on the list"));
        officer_end(&officer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_says_so_and_space_does_not_pick_it),
        cmocka_unit_test(who_is_revoked_after_it_was_picked_falls_out),
        cmocka_unit_test(if_nobody_is_left_the_officer_picks_again),
        cmocka_unit_test(a_new_key_for_its_group_is_without_it),
        cmocka_unit_test(the_age_of_the_list_is_among_the_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
