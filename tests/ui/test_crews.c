/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many are picked at once: a crew, all who are trusted, the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static struct view_crew crews[2];

/* Ben and Carol in reach, whom Dave is not; Ben is trusted. Two crews: Boat (Dave), Engine 7 (Ben,
 * Dave). */
static struct officer begin(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_add_nearby(officer.view, BEN, "Ben")->trusted = true;
    view_add_nearby(officer.view, CAROL, "Carol");
    memset(crews, 0, sizeof crews);
    crews[0] = (struct view_crew){.name = "Boat", .key = "2", .member_count = 1};
    crews[1] = (struct view_crew){.name = "Engine 7", .key = "1", .member_count = 2};
    snprintf(crews[0].members[0].identity, OFFICER_IDENTITY_SIZE, DAVE);
    snprintf(crews[1].members[0].identity, OFFICER_IDENTITY_SIZE, BEN);
    snprintf(crews[1].members[1].identity, OFFICER_IDENTITY_SIZE, DAVE);
    snprintf(crews[1].members[0].name, OFFICER_NAME_SIZE, "Ben");
    crews[1].members[0].name_kind = NAME_ATTESTED;
    officer.view->crews = crews;
    officer.view->crew_count = 2;
    officer_look(&officer);
    return officer;
}

static bool commands_member(const struct officer *officer, const char *identity) {
    for (size_t i = 0; i < officer->command.member_count; i++) {
        if (strcmp(officer->command.members[i], identity) == 0) {
            return true;
        }
    }
    return false;
}

static void a_crew_is_picked_with_who_is_away_and_names_the_group(void **state) {
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(sizes[i][0], sizes[i][1]);
        officer_press(&officer, "n c down enter");
        assert_true(officer_sees(&officer, "2 picked"));
        officer_press(&officer, "enter");
        assert_true(officer_sees(&officer, "Engine 7"));
        officer_press(&officer, "enter enter y");
        assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
        assert_string_equal(officer.command.name, "Engine 7");
        assert_int_equal(officer.command.member_count, 2);
        assert_true(commands_member(&officer, BEN) && commands_member(&officer, DAVE));
        officer_end(&officer);
    }
}

static void a_crew_that_is_picked_twice_or_overlaps_is_picked_once(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n c enter c enter c down enter");
    assert_true(officer_sees(&officer, "2 picked"));
    officer_end(&officer);
}

static void all_who_are_trusted_and_the_others(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n c");
    assert_true(officer_sees(&officer, "Trusted, in reach: 1"));
    assert_true(officer_sees(&officer, "Everybody on the list"));
    officer_press(&officer, "down down enter");
    assert_true(officer_sees(&officer, "1 picked"));
    officer_press(&officer, "c end");
    assert_true(officer_sees(&officer, "The others instead"));
    officer_press(&officer, "enter c n C enter");
    assert_int_equal(officer.command.kind, COMMAND_KEEP_CREW);
    assert_int_equal(officer.command.member_count, 1);
    assert_true(commands_member(&officer, CAROL));
    officer_end(&officer);
}

static void who_is_revoked_is_not_picked_and_that_is_said(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer.view->nearby[0].is_revoked = true; /* Ben */
    officer_look(&officer);
    officer_press(&officer, "n down c down enter"); /* the list's cursor is on Carol */
    assert_true(officer_sees(&officer, "1 picked"));
    assert_true(officer_sees(&officer, "Ben (025764-8): "));
    officer_end(&officer);
}

static void those_picked_are_kept_under_a_name(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n c n");
    assert_true(officer_sees(&officer, "Pick at least one"));
    officer_press(&officer, "escape space c end n");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Type a name"));
    officer_type(&officer, "Night y x 9");
    assert_true(officer_sees(&officer, "Night y x 9"));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_KEEP_CREW);
    assert_string_equal(officer.command.name, "Night y x 9");
    assert_int_equal(officer.command.member_count, 1);
    officer_end(&officer);
}

/* The crew under the cursor is the one that has changed, as a rule. */
static void a_crew_is_changed_under_its_name(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n space c n enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Press enter again to replace “Boat”."));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_KEEP_CREW);
    assert_string_equal(officer.command.name, "Boat");
    officer_end(&officer);
}

static void one_stray_key_forgets_none(void **state) {
    static const char *const others[] = {"x", "down", "n", "escape", "space"};
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct officer officer = begin(80, 24);
        officer_press(&officer, "n c x");
        assert_true(officer_sees(&officer, "Press y to forget the crew “Boat”"));
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, others[i]);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        if (strcmp(others[i], "x") != 0) { /* that asks again */
            officer_press(&officer, "y");
            assert_int_equal(officer.command.kind, COMMAND_NONE);
        }
        officer_end(&officer);
    }
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n c x y");
    assert_int_equal(officer.command.kind, COMMAND_DROP_CREW);
    assert_string_equal(officer.command.name, "Boat");
    officer_end(&officer);
}

/* The list changed between the look and the key. */
static void a_key_acts_on_no_crew_that_took_the_place_of_another(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n c");
    officer.view->crews = crews + 1;
    officer.view->crew_count = 1;
    officer_press_blind(&officer, "enter");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "look again"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crew_is_picked_with_who_is_away_and_names_the_group),
        cmocka_unit_test(a_crew_that_is_picked_twice_or_overlaps_is_picked_once),
        cmocka_unit_test(all_who_are_trusted_and_the_others),
        cmocka_unit_test(who_is_revoked_is_not_picked_and_that_is_said),
        cmocka_unit_test(those_picked_are_kept_under_a_name),
        cmocka_unit_test(a_crew_is_changed_under_its_name),
        cmocka_unit_test(one_stray_key_forgets_none),
        cmocka_unit_test(a_key_acts_on_no_crew_that_took_the_place_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
