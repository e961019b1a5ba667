/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The question before an identity to which two devices answer is given a key, and their marks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};

/* Carol is two. */
static struct officer begin(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    officer.view->nearby[1].is_two = true;
    officer_look(&officer);
    return officer;
}

/* The handset refuses the command because of somebody. */
static void refuse(struct officer *officer, const char *identity, const char *name) {
    struct event refusal = event_of_identity(EVENT_ANSWERS_TWICE, identity, name);
    refusal.name_kind = NAME_ATTESTED;
    ui_notice(officer->ui, &refusal);
    officer_look(officer);
}

static void expect_allowed(const struct officer *officer, enum command_kind kind, size_t count,
                           const char *last) {
    assert_int_equal(officer->command.kind, kind);
    assert_int_equal(officer->command.allowed_count, count);
    assert_string_equal(officer->command.allowed[count - 1], last);
}

static void the_row_is_marked_and_the_sentence_whole_on_every_screen_size(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(sizes[i][0], sizes[i][1]);
        const char *mark = sizes[i][0] == 80   ? "2 devices"
                           : sizes[i][0] == 40 ? "2 Carol 025765-5"
                                               : "2 Car… 765-5";
        assert_true(officer_sees(&officer, mark));
        assert_false(officer_sees(&officer, "two devices"));
        officer_press(&officer, "down");
        assert_true(officer_sees(&officer, "two devices answer to"));
        assert_true(officer_sees(&officer, "this identity"));
        officer_press(&officer, "n space");
        assert_true(officer_sees(&officer, sizes[i][0] == 26 ? "2 Carol 765-5" : mark));
        officer_press(&officer, "down");
        assert_true(officer_sees(&officer, "two devices answer to"));
        assert_true(officer_sees(&officer, "this identity"));
        officer.view->nearby[1].is_two = false;
        officer_look(&officer);
        assert_false(officer_sees(&officer, mark) || officer_sees(&officer, "two devices"));
        officer_end(&officer);
    }
}

static void yes_gives_the_command_again_with_that_identity_allowed(void **state) {
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(sizes[i][0], sizes[i][1]);
        officer_press(&officer, "down c y");
        assert_int_equal(officer.command.kind, COMMAND_CALL);
        assert_int_equal(officer.command.allowed_count, 0);
        refuse(&officer, CAROL, "Carol");
        assert_true(officer_sees(&officer, "Give Carol a key all the"));
        assert_true(officer_sees(&officer, "90420156-025765-5"));
        officer_press(&officer, "y");
        expect_allowed(&officer, COMMAND_CALL, 1, CAROL);
        assert_string_equal(officer.command.identity, CAROL);
        assert_false(officer_sees(&officer, "all the"));
        officer_end(&officer);
    }
}

static void no_other_key_says_yes_and_escape_says_no(void **state) {
    (void)state;
    static const char *const others[] = {"enter", "space", "c", "n", "a", "r", "k", "down", "up"};
    struct officer officer = begin(80, 24);
    officer_press(&officer, "down c y");
    refuse(&officer, CAROL, "Carol");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        officer_press(&officer, others[i]);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "Give Carol a key all the same?"));
    }
    officer_press(&officer, "escape");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_false(officer_sees(&officer, "Give Carol a key all the same?"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void yes_does_not_count_before_the_question_was_on_the_screen(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    struct event refusal = event_of_identity(EVENT_ANSWERS_TWICE, CAROL, "Carol");
    refusal.name_kind = NAME_ATTESTED;
    officer_press(&officer, "down c y");
    ui_notice(officer.ui, &refusal);
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    officer_press_blind(&officer, "y");
    expect_allowed(&officer, COMMAND_CALL, 1, CAROL);
    officer_end(&officer);
}

/* A group with two such members: the officer answers for each, and the group is awaited. */
static void each_such_member_of_a_new_group_is_asked_about(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n space down space enter O p s enter enter y");
    assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
    refuse(&officer, CAROL, "Carol");
    officer_press(&officer, "y");
    expect_allowed(&officer, COMMAND_CREATE_GROUP, 1, CAROL);
    assert_int_equal(officer.command.member_count, 2);
    assert_string_equal(officer.command.name, "Ops");
    refuse(&officer, BEN, "Ben");
    assert_true(officer_sees(&officer, "Give Ben a key all the same?"));
    officer_press(&officer, "y");
    expect_allowed(&officer, COMMAND_CREATE_GROUP, 2, BEN);
    assert_string_equal(officer.command.allowed[0], CAROL);
    assert_true(officer_sees(&officer, "Making the key"));
    struct view_group *ops = view_add_group(officer.view, "adhoc:new;1", "Ops");
    ops->created_here = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "adhoc:new;1")); /* it opens, as any that was made */
    officer_end(&officer);
}

/* The officer is back where the group can be changed, or given up. */
static void a_no_leads_back_to_the_group_that_was_to_be_made(void **state) {
    (void)state;
    struct officer officer = begin(80, 24);
    officer_press(&officer, "n down space enter O p s enter enter y");
    refuse(&officer, CAROL, "Carol");
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "New group “Ops”"));
    assert_true(officer_sees(&officer, "! two devices answer to this identity"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_CREATE_GROUP);
    assert_int_equal(officer.command.allowed_count, 0);
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_row_is_marked_and_the_sentence_whole_on_every_screen_size),
        cmocka_unit_test(yes_gives_the_command_again_with_that_identity_allowed),
        cmocka_unit_test(no_other_key_says_yes_and_escape_says_no),
        cmocka_unit_test(yes_does_not_count_before_the_question_was_on_the_screen),
        cmocka_unit_test(each_such_member_of_a_new_group_is_asked_about),
        cmocka_unit_test(a_no_leads_back_to_the_group_that_was_to_be_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
