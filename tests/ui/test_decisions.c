/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static struct officer begin_busy(void) {
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    officer_look(&officer);
    return officer;
}

static void an_invitation_opens_by_itself_and_shows_who_asks(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    struct view_invitation *asked = view_add_invitation(officer.view, 7, BEN, "Ben");
    asked->clock_differs = true;
    asked->clock_difference_ms = 3 * (int64_t)TEST_HOUR;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Ben asks you to join a group"));
    assert_true(officer_sees(&officer, BEN));
    assert_true(officer_sees(&officer, "✓ verified"));
    assert_true(officer_sees(&officer, "not marked as trusted"));
    assert_true(officer_sees(&officer, "its clock is 3 h"));
    assert_true(officer_sees(&officer, "Rescue 3"));
    assert_true(officer_sees(&officer, "8 h"));
    assert_true(officer_sees(&officer, ANNA "  Anna (you)"));
    assert_true(officer_sees(&officer, CAROL));
    officer_end(&officer);
}

static void the_full_identity_of_who_asks_is_on_the_smallest_screen(void **state) {
    (void)state;
    struct officer officer = officer_begin(26, 12);
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "urn:gsma:imei:"));
    assert_true(officer_sees(&officer, "90420156-025764-8"));
    assert_non_null(strstr(officer_keys(&officer), "a accept  d decline"));
    officer_end(&officer);
}

static void one_key_declines_and_one_key_accepts_where_who_asks_is_shown(void **state) {
    (void)state;
    for (int accept = 0; accept < 2; accept++) {
        struct officer officer = begin_busy();
        view_add_invitation(officer.view, 7, BEN, "Ben");
        officer_look(&officer);
        officer_press(&officer, accept ? "a" : "d");
        assert_int_equal(officer.command.kind, accept ? COMMAND_ACCEPT : COMMAND_DECLINE);
        assert_int_equal(officer.command.invitation, 7);
        officer_end(&officer);
    }
}

static void no_answer_counts_before_the_invitation_was_on_the_screen(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_press_blind(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press_blind(&officer, "d");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    officer_press_blind(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_ACCEPT);
    officer_end(&officer);
}

/* A key that was on its way to the screen before is no answer; a moment later it is one. */
static void a_call_that_opens_by_itself_is_answered_only_by_who_had_time_to_see_it(void **state) {
    (void)state;
    static const char *const answers[] = {"a", "d", "v"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct officer officer = begin_busy();
        ui_time(officer.ui, 5000);
        officer_press(&officer, "3");
        view_add_invitation(officer.view, 7, BEN, "Ben")->purpose = INVITED_TO_CALL;
        officer_look(&officer);
        ui_time(officer.ui, 5999);
        officer_press(&officer, answers[i]);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "look again"));
        assert_true(officer_sees(&officer, "Ben calls you"));
        ui_time(officer.ui, 6500); /* it may be held since */
        officer_press(&officer, answers[i]);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        ui_time(officer.ui, 7200);
        officer_press(&officer, answers[i]);
        assert_int_not_equal(officer.command.kind, COMMAND_NONE);
        officer_end(&officer);
    }
}

static void a_call_that_the_officer_opens_is_answered_at_once(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    ui_time(officer.ui, 5000);
    view_add_invitation(officer.view, 7, BEN, "Ben")->purpose = INVITED_TO_CALL;
    officer_look(&officer);
    officer_press(&officer, "escape");
    ui_time(officer.ui, 7000);
    officer_press(&officer, "i a");
    assert_int_equal(officer.command.kind, COMMAND_ACCEPT);
    officer_end(&officer);
}

static void what_was_seen_before_must_be_seen_again_to_be_decided(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "2");
    officer_press_blind(&officer, "1");
    officer_press_blind(&officer, "v");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    officer_press(&officer, "escape");
    officer_press_blind(&officer, "i");
    officer_press_blind(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void an_invitation_that_takes_anothers_place_gets_no_answer(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    officer.view->invitation_count = 0;
    view_add_invitation(officer.view, 8, CAROL, "Carol");
    officer_press(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "This request is over"));
    officer_press(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "Carol asks you"));
    officer_press(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_ACCEPT);
    assert_int_equal(officer.command.invitation, 8);
    officer_end(&officer);
}

static void an_invitation_that_changes_under_the_finger_gets_no_answer(void **state) {
    (void)state;
    for (int change = 0; change < 5; change++) {
        struct officer officer = begin_busy();
        struct view_invitation *asked = view_add_invitation(officer.view, 7, BEN, "Ben");
        officer_look(&officer);
        switch (change) {
        case 0:
            snprintf(asked->inviter, sizeof asked->inviter, "%s", CAROL);
            break;
        case 1:
            snprintf(asked->group_name, sizeof asked->group_name, "Other");
            break;
        case 2:
            asked->period_ms *= 2;
            break;
        case 3:
            snprintf(asked->members[2].identity, sizeof asked->members[2].identity, "%s", DAVE);
            break;
        default:
            asked->purpose = INVITED_TO_REKEY;
            break;
        }
        officer_press(&officer, "a");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "look again"));
        officer_press(&officer, "a");
        assert_int_equal(officer.command.kind, COMMAND_ACCEPT);
        officer_end(&officer);
    }
}

static void who_types_or_talks_or_decides_is_not_interrupted_but_told(void **state) {
    (void)state;
    static const char *const ways[] = {"4 e", "n space enter", "n", "2 x", "q", "3"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct officer officer = begin_busy();
        officer_press(&officer, ways[i]);
        officer.view->talking = i == 5;
        view_add_invitation(officer.view, 7, BEN, "Ben");
        officer_look(&officer);
        assert_false(officer_sees(&officer, "Answer within"));
        /* In the first two i is text. */
        assert_true(officer_sees(&officer, i < 2 ? "! Ben asks you to join a group"
                                                 : "! Press i: Ben asks you to join a group"));
        officer_press(&officer, "a d");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_end(&officer);
    }
}

static void an_invitation_put_off_stays_in_reach_of_one_key(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    officer_press(&officer, "escape");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "! Press i: Ben asks you to join a group"));
    officer_look(&officer);
    assert_false(officer_sees(&officer, "Answer within"));
    officer_press(&officer, "i");
    assert_true(officer_sees(&officer, "Answer within"));
    officer_end(&officer);
}

static void accepting_a_call_leads_to_the_talk_screen(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    view_add_invitation(officer.view, 9, BEN, "Ben")->purpose = INVITED_TO_CALL;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Ben calls you"));
    officer_press_blind(&officer, "a");
    officer.view->invitation_count = 0;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[3 Talk]"));
    officer_end(&officer);
}

static void the_cursor_stays_on_its_identity_when_rows_come_and_go(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "down");
    assert_true(officer_sees(&officer, "> …ei:90420156-025765-5"));
    view_remove_nearby(officer.view, 0);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "> …ei:90420156-025765-5"));
    view_add_nearby(officer.view, BEN, "Ben");
    officer_look(&officer);
    officer_press(&officer, "c y");
    assert_int_equal(officer.command.kind, COMMAND_CALL);
    assert_string_equal(officer.command.identity, CAROL);
    officer_end(&officer);
}

static void a_key_never_acts_on_a_row_that_slid_under_the_cursor(void **state) {
    (void)state;
    static const char *const keys[] = {"c", "v"};
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin_busy();
        officer_press(&officer, "down");
        view_remove_nearby(officer.view, 1);
        officer_press_blind(&officer, keys[i]);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_look(&officer);
        assert_true(officer_sees(&officer, "look again"));
        officer_press(&officer, i == 0 ? "c y" : keys[i]);
        assert_int_not_equal(officer.command.kind, COMMAND_NONE);
        assert_string_equal(officer.command.identity, DAVE);
        officer_end(&officer);
    }
}

static void moving_in_a_list_that_has_changed_unseen_decides_nothing(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    view_remove_nearby(officer.view, 1); /* the officer aims at Carol, who is gone */
    officer_press_blind(&officer, "down");
    officer_press_blind(&officer, "v");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void fast_keys_in_a_list_that_is_as_drawn_are_taken(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press_blind(&officer, "down");
    officer_press_blind(&officer, "v");
    assert_int_equal(officer.command.kind, COMMAND_TRUST);
    assert_string_equal(officer.command.identity, CAROL);
    officer_end(&officer);
}

static void deleting_a_group_asks_first(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "2 down x");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Delete “Rescue 3” from this handset?"));
    officer_press(&officer, "escape");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "x");
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_DELETE_GROUP);
    assert_string_equal(officer.command.group, RESCUE);
    officer_end(&officer);
}

static void a_group_is_not_deleted_before_the_question_was_on_the_screen(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "2");
    officer_press_blind(&officer, "x");
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void deleting_never_moves_to_another_group(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "2 x");
    officer.view->groups[0] = officer.view->groups[1];
    officer.view->group_count = 1;
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

/* Whoever is used to it from other programs is asked, whatever the screen. */
static void ctrl_c_asks_whether_to_quit_and_loses_nothing(void **state) {
    (void)state;
    static const char *const ways[] = {"", "5", "n space enter O p s", "2 enter x", "4 e", "?"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct officer officer = begin_busy();
        officer_press(&officer, ways[i]);
        char *before = officer_screen(&officer);
        assert_false(ui_key(officer.ui, officer.view, PRESS_BREAK, &officer.command));
        officer_look(&officer);
        assert_true(officer_sees(&officer, "Quit Muster?"));
        assert_false(ui_key(officer.ui, officer.view, PRESS_BREAK, &officer.command));
        officer_look(&officer);
        assert_true(officer_sees(&officer, "Quit Muster?"));
        officer_press(&officer, "escape");
        char *after = officer_screen(&officer);
        assert_string_equal(before, after);
        free(before);
        free(after);
        officer_end(&officer);
    }
}

static void quitting_asks_first(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "q");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_QUIT);
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_invitation_opens_by_itself_and_shows_who_asks),
        cmocka_unit_test(the_full_identity_of_who_asks_is_on_the_smallest_screen),
        cmocka_unit_test(one_key_declines_and_one_key_accepts_where_who_asks_is_shown),
        cmocka_unit_test(no_answer_counts_before_the_invitation_was_on_the_screen),
        cmocka_unit_test(a_call_that_opens_by_itself_is_answered_only_by_who_had_time_to_see_it),
        cmocka_unit_test(a_call_that_the_officer_opens_is_answered_at_once),
        cmocka_unit_test(what_was_seen_before_must_be_seen_again_to_be_decided),
        cmocka_unit_test(an_invitation_that_takes_anothers_place_gets_no_answer),
        cmocka_unit_test(an_invitation_that_changes_under_the_finger_gets_no_answer),
        cmocka_unit_test(who_types_or_talks_or_decides_is_not_interrupted_but_told),
        cmocka_unit_test(an_invitation_put_off_stays_in_reach_of_one_key),
        cmocka_unit_test(accepting_a_call_leads_to_the_talk_screen),
        cmocka_unit_test(the_cursor_stays_on_its_identity_when_rows_come_and_go),
        cmocka_unit_test(a_key_never_acts_on_a_row_that_slid_under_the_cursor),
        cmocka_unit_test(moving_in_a_list_that_has_changed_unseen_decides_nothing),
        cmocka_unit_test(fast_keys_in_a_list_that_is_as_drawn_are_taken),
        cmocka_unit_test(deleting_a_group_asks_first),
        cmocka_unit_test(a_group_is_not_deleted_before_the_question_was_on_the_screen),
        cmocka_unit_test(deleting_never_moves_to_another_group),
        cmocka_unit_test(quitting_asks_first),
        cmocka_unit_test(ctrl_c_asks_whether_to_quit_and_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
