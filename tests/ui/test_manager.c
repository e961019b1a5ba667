/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manager's screen: what each key does, and to whom. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

enum {
    MEMBERS = 12
};

#define THIRD  "tel:+447700900102"
#define SECOND "tel:+447700900101"

struct bench {
    struct officer officer;
    struct view_managed *group;
    struct view_managed_member *rows;
};

/* Anna manages a group of which the second member is excluded, and looks at it. */
static struct bench bench_begin(size_t members) {
    struct bench bench = {.officer = officer_begin(80, 24)};
    bench.group = view_add_managed(bench.officer.view, BOAT, "boat2", members, &bench.rows);
    if (members > 1) {
        bench.rows[1].state = MANAGED_EXCLUDED;
    }
    officer_press(&bench.officer, "2 g");
    return bench;
}

static void assert_order(const struct officer *officer, enum command_kind kind,
                         const char *identity) {
    assert_int_equal(officer->command.kind, kind);
    assert_string_equal(officer->command.group, BOAT);
    assert_string_equal(officer->command.identity, identity);
}

static void a_group_is_listed_and_opened_also_when_the_manager_is_no_member(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    struct view_managed_member *rows;
    officer_press(&officer, "2");
    assert_true(officer_sees(&officer, "No group yet."));
    view_add_managed(officer.view, BOAT, "boat2", MEMBERS, &rows);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "you are its manager"));
    officer_press(&officer, "t");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "holds none of them itself"));
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "standard group, managed here"));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "[2 Groups]"));
    officer_end(&officer);
}

static void a_member_who_manages_opens_the_group_and_its_roll_by_different_keys(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    struct view_managed_member *rows;
    struct view_group *county = view_add_group(officer.view, COUNTY, "fire7");
    county->kind = GROUP_STANDARD;
    county->managed = true;
    county->member_count = 0;
    view_add_managed(officer.view, COUNTY, "fire7", MEMBERS, &rows);
    officer_press(&officer, "2 enter");
    assert_true(officer_sees(&officer, "Its manager knows who has the key."));
    officer_press(&officer, "escape g");
    assert_true(officer_sees(&officer, "12 of 12 members have the key"));
    officer.view->managed_count = 0;
    officer_press(&officer, "escape g");
    assert_true(officer_sees(&officer, "not the manager of this group"));
    officer_end(&officer);
}

static void a_rekey_wants_a_period_and_a_yes(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "r");
    assert_true(officer_sees(officer, "> 7 days"));
    officer_press(officer, "down down down enter");
    assert_true(officer_sees(officer, "good for 30 days"));
    officer_press(officer, "r x enter");
    assert_int_equal(officer->command.kind, COMMAND_NONE);
    officer_press(officer, "escape escape");
    assert_true(officer_sees(officer, "managed here"));
    officer_press(officer, "r up up up up enter y");
    assert_order(officer, COMMAND_MANAGE_REKEY, "");
    assert_int_equal(officer->command.period_ms, 8 * (int64_t)TEST_HOUR);
    assert_true(officer_sees(officer, "managed here"));
    officer_end(officer);
}

static void a_yes_covers_a_clock_that_differs_once_that_was_shown(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "r enter y");
    assert_order(officer, COMMAND_MANAGE_REKEY, "");
    assert_int_equal(officer->command.on, 0);
    officer->view->clocks_ahead_ms = 6 * 60 * 1000;
    officer->view->clocks_differ = true;
    officer_press(officer, "r enter");
    assert_true(officer_sees(officer, "clock is 6 min behind those nearby"));
    officer_press(officer, "y");
    assert_order(officer, COMMAND_MANAGE_REKEY, "");
    assert_int_equal(officer->command.on, 1);
    officer_end(officer);
}

static void excluding_names_the_member_and_rekeys_in_one_order(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "down down x enter");
    assert_true(officer_sees(officer, "Exclude boat3 from “boat2”?"));
    assert_true(officer_sees(officer, THIRD));
    officer_press(officer, "y");
    assert_order(officer, COMMAND_MANAGE_EXCLUDE, THIRD);
    assert_true(officer->command.period_ms > 0);
    officer_press(officer, "up x");
    assert_int_equal(officer->command.kind, COMMAND_NONE);
    assert_true(officer_sees(officer, "excluded: b lets it in again"));
    officer_end(officer);
}

static void who_is_excluded_is_let_in_again_with_a_yes(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "b");
    assert_true(officer_sees(officer, "not excluded"));
    officer_press(officer, "down b");
    assert_int_equal(officer->command.kind, COMMAND_NONE);
    officer_press(officer, "y");
    assert_order(officer, COMMAND_MANAGE_INCLUDE, SECOND);
    officer_end(officer);
}

static void a_key_is_sent_again_to_the_member_under_the_cursor(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    officer_press(&bench.officer, "down down s");
    assert_order(&bench.officer, COMMAND_MANAGE_AGAIN, THIRD);
    officer_end(&bench.officer);
}

static void a_member_is_added_from_those_in_reach_or_typed(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    view_add_nearby(officer->view, THIRD, "boat3"); /* on the roll already */
    officer_press(officer, "a");
    assert_true(officer_sees(officer, "There is nobody in reach to add"));
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "Who should join?"));
    view_add_nearby(officer->view, BEN, "Ben");
    officer_look(officer);
    assert_false(officer_sees(officer, THIRD));
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "Put Ben on the roll of “boat2”?"));
    officer_press(officer, "y");
    assert_order(officer, COMMAND_MANAGE_ADD, BEN);
    officer_press(officer, "a t");
    officer_type(officer, THIRD);
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "on the roll already"));
    officer_press(officer, "backspace enter");
    assert_true(officer_sees(officer, "tel:+44770090010"));
    officer_press(officer, "escape enter y");
    assert_order(officer, COMMAND_MANAGE_ADD, "tel:+44770090010");
    officer_end(officer);
}

static void a_member_who_took_anothers_place_is_not_acted_on(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "down down");
    bench.group->rows++; /* the first one was struck off elsewhere: the others move up */
    bench.group->row_count--;
    officer_press_blind(officer, "x");
    officer_look(officer);
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "Exclude boat3")); /* the cursor stays with its member */
    officer_press(officer, "escape escape");
    bench.group->rows += 2;
    bench.group->row_count -= 2;
    officer_press_blind(officer, "s");
    assert_int_equal(officer->command.kind, COMMAND_NONE);
    officer_look(officer);
    assert_true(officer_sees(officer, "look again"));
    officer_end(officer);
}

static void a_yes_counts_only_for_what_was_on_the_screen(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "down down x");
    officer_press_blind(officer, "enter");
    officer_press_blind(officer, "y");
    assert_int_equal(officer->command.kind, COMMAND_NONE);
    officer_look(officer);
    assert_true(officer_sees(officer, "look again"));
    officer_press(officer, "y");
    assert_order(officer, COMMAND_MANAGE_EXCLUDE, THIRD);
    officer_end(officer);
}

static void without_keys_of_the_month_nothing_is_begun(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    bench.group->has_keys = false;
    officer_press(officer, "r");
    assert_true(officer_sees(officer, "get them from its KMS"));
    officer_press(officer, "x");
    assert_true(officer_sees(officer, "get them from its KMS"));
    assert_true(officer_sees(officer, "managed here"));
    officer_end(officer);
}

static void thousands_of_members_scroll(void **state) {
    (void)state;
    struct bench bench = bench_begin(10000);
    struct officer *officer = &bench.officer;
    assert_true(officer_sees(officer, "Member 1 of 10000"));
    officer_press(officer, "end");
    assert_true(officer_sees(officer, "Member 10000 of 10000"));
    assert_true(officer_sees(officer, "boat10000"));
    officer_press(officer, "pageup up s");
    assert_int_equal(officer->command.kind, COMMAND_MANAGE_AGAIN);
    assert_string_equal(officer->command.identity, bench.rows[10000 - 1 - 11 - 1].identity);
    officer_end(officer);
}

static void one_of_thousands_is_found_by_a_part_of_its_name_or_identity(void **state) {
    (void)state;
    struct bench bench = bench_begin(10000);
    struct officer *officer = &bench.officer;
    officer_press(officer, "f");
    officer_type(officer, "BOAT777");
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "Member 777 of 10000"));
    officer_press(officer, "f enter");
    assert_true(officer_sees(officer, "Member 7770 of 10000"));
    officer_press(officer, "x enter");
    assert_true(officer_sees(officer, "Exclude boat7770 from"));
    officer_press(officer, "escape escape f");
    for (int i = 0; i < 7; i++) {
        officer_press(officer, "backspace");
    }
    officer_type(officer, "90000102");
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "No member on the roll has that"));
    officer_press(officer, "escape");
    assert_true(officer_sees(officer, "Member 7770 of 10000"));
    officer_press(officer, "f");
    for (int i = 0; i < 8; i++) {
        officer_press(officer, "backspace");
    }
    officer_type(officer, "7700900102");
    officer_press(officer, "enter");
    assert_true(officer_sees(officer, "Member 3 of 10000"));
    officer_end(officer);
}

static void a_decision_is_not_interrupted_and_a_look_is(void **state) {
    (void)state;
    struct bench bench = bench_begin(MEMBERS);
    struct officer *officer = &bench.officer;
    officer_press(officer, "r");
    view_add_invitation(officer->view, 7, BEN, "Ben");
    officer_look(officer);
    assert_true(officer_sees(officer, "How long is the key good for?"));
    officer_press(officer, "escape");
    assert_true(officer_sees(officer, "Your decision"));
    officer_end(officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_group_is_listed_and_opened_also_when_the_manager_is_no_member),
        cmocka_unit_test(a_member_who_manages_opens_the_group_and_its_roll_by_different_keys),
        cmocka_unit_test(a_rekey_wants_a_period_and_a_yes),
        cmocka_unit_test(a_yes_covers_a_clock_that_differs_once_that_was_shown),
        cmocka_unit_test(excluding_names_the_member_and_rekeys_in_one_order),
        cmocka_unit_test(who_is_excluded_is_let_in_again_with_a_yes),
        cmocka_unit_test(a_key_is_sent_again_to_the_member_under_the_cursor),
        cmocka_unit_test(a_member_is_added_from_those_in_reach_or_typed),
        cmocka_unit_test(a_member_who_took_anothers_place_is_not_acted_on),
        cmocka_unit_test(a_yes_counts_only_for_what_was_on_the_screen),
        cmocka_unit_test(without_keys_of_the_month_nothing_is_begun),
        cmocka_unit_test(thousands_of_members_scroll),
        cmocka_unit_test(one_of_thousands_is_found_by_a_part_of_its_name_or_identity),
        cmocka_unit_test(a_decision_is_not_interrupted_and_a_look_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
