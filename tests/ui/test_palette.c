/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The palette (ui/palette.h): every action by name, from every screen, and what it does is what its
 * key does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/screens/frame.h"
#include "ui/screens/help.h"
#include "ui/words/words.h"

static struct officer begin(int columns, int rows, const char *keys) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    officer_look(&officer);
    officer_press(&officer, keys);
    return officer;
}

static void type(struct officer *officer, const char *text) {
    officer_type(officer, text);
    officer_look(officer);
}

static void an_action_is_found_by_a_part_of_its_words_and_done_by_enter(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, ":");
    assert_true(officer_sees(&officer, " Actions"));
    type(&officer, "import a");
    assert_true(officer_sees(&officer, "1 of "));
    assert_true(officer_sees(&officer, "> 4 p "));
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "Import a key"));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "[4 Keys]"));
    officer_end(&officer);
}

static void words_count_in_any_order_and_case_and_the_key_itself(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, ":");
    type(&officer, "SILENCE radio");
    assert_true(officer_sees(&officer, "> 9 "));
    officer_press(&officer, "ctrl-u");
    type(&officer, "Ctrl-K");
    assert_true(officer_sees(&officer, "1 of "));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_LOCK);
    officer_end(&officer);
}

/* The cursor stays on whom it was on: Ben. */
static void what_is_about_a_row_is_about_the_one_under_the_cursor(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, "home :");
    type(&officer, "mark as trusted");
    officer_press(&officer, "enter");
    assert_true(officer.command.kind == COMMAND_TRUST || officer.command.kind == COMMAND_UNTRUST);
    const char *first = officer.view->nearby[0].identity;
    assert_string_equal(officer.command.identity, first);
    assert_true(officer_sees(&officer, "[1 Nearby]"));
    officer_end(&officer);
}

static void a_row_that_took_its_place_meanwhile_is_not_acted_on(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, "home :");
    type(&officer, "mark as trusted");
    view_remove_nearby(officer.view, 0);
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "look again"));
    officer_end(&officer);
}

/* --- Nothing irreversible --------------------------------------------------------------------- */

static void what_asks_asks_here_as_well(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, "2 :");
    type(&officer, "delete it");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "from this handset?"));
    officer_press(&officer, "escape escape :");
    type(&officer, "airplane");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Press y"));
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_AIRPLANE);
    officer_press(&officer, ":");
    type(&officer, "zeroise");
    officer_press(&officer, "enter y enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Zeroise this handset?"));
    officer_end(&officer);
}

/* Whatever was typed: none of them gives a command that ends something by enter alone. */
static void no_action_by_itself_is_irreversible(void **state) {
    (void)state;
    static const char *const begins[] = {"1", "2", "3", "4", "5", "6", "2 enter", "4 u", "6 s"};
    unsigned done = 0;
    for (size_t b = 0; b < sizeof begins / sizeof begins[0]; b++) {
        for (int down = 0; down < 70; down++) {
            struct officer officer = begin(80, 60, begins[b]);
            officer_press(&officer, ":");
            for (int i = 0; i < down; i++) {
                officer_press_blind(&officer, "down");
            }
            officer_look(&officer);
            officer_press(&officer, "enter");
            const enum command_kind kind = officer.command.kind;
            assert_int_not_equal(kind, COMMAND_ZEROISE);
            assert_int_not_equal(kind, COMMAND_DELETE_GROUP);
            assert_int_not_equal(kind, COMMAND_REKEY_GROUP);
            assert_int_not_equal(kind, COMMAND_CREATE_GROUP);
            assert_int_not_equal(kind, COMMAND_REPORT_LOST);
            assert_int_not_equal(kind, COMMAND_AIRPLANE);
            assert_int_not_equal(kind, COMMAND_RADIO_SILENCE);
            assert_int_not_equal(kind, COMMAND_CALL);
            assert_int_not_equal(kind, COMMAND_EMERGENCY);
            assert_int_not_equal(kind, COMMAND_QUIT);
            done += kind != COMMAND_NONE || !officer_sees(&officer, " Actions");
            officer_end(&officer);
        }
    }
    assert_true(done > 100);
}

/* It was read before the palette lay over it, and may be another one since. */
static void a_request_is_read_again_before_it_is_accepted(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Your decision"));
    officer_press(&officer, ":");
    type(&officer, "accept");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "look again"));
    officer_press(&officer, "a");
    assert_int_equal(officer.command.kind, COMMAND_ACCEPT);
    officer_end(&officer);
}

static void escape_does_nothing_and_leads_back(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, "5 :");
    type(&officer, "quit");
    officer_press(&officer, "escape");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "[5 Log]"));
    officer_end(&officer);
}

static void where_nothing_is_left_enter_does_nothing(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, ":");
    type(&officer, "qqq");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "No action has these words."));
    officer_end(&officer);
}

/* Where letters are text, `:` is one. */
static void in_a_text_it_is_a_letter(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, "/ :");
    assert_false(officer_sees(&officer, " Actions"));
    officer_end(&officer);
}

/* --- All of them ------------------------------------------------------------------------------ */

/* What stands in the help of a screen, and is one key, is in the palette of that screen. */
static void every_key_of_the_help_is_there_by_name(void **state) {
    (void)state;
    static const char *const keys[] = {"1", "2", "3", "4", "5", "6"};
    for (size_t tab = 0; tab < PLACE_TABS; tab++) {
        struct officer officer = begin(200, 60, keys[tab]);
        struct help_keys own = {0};
        officer_press(&officer, ":");
        help_keys_of((enum place)tab, &own);
        for (size_t i = 0; i < own.count; i++) {
            uint32_t press = help_press(own.key[i].key);
            char row[512];
            snprintf(row, sizeof row, "%s", own.key[i].what);
            if (press != PRESS_NONE && press != 'y' && !officer_sees(&officer, row)) {
                fail_msg("%s lacks %s: %s", keys[tab], own.key[i].key, row);
            }
        }
        officer_end(&officer);
    }
}

static void what_is_not_possible_says_so_and_why(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24); /* alone, in no group */
    officer_press(&officer, "2 :");
    type(&officer, "talk in this");
    assert_true(officer_sees(&officer, "Not now; enter says why"));
    assert_true(officer_sees_style(&officer, "t  ", STYLE_SELECTED));
    officer_end(&officer);
}

static void names_are_found_in_both_languages(void **state) {
    (void)state;
    assert_true(words_choose_in("de", officer_locale()));
    struct officer officer = begin(80, 24, ":");
    type(&officer, "sperren");
    assert_true(officer_sees(&officer, "Strg-K"));
    officer_press(&officer, "ctrl-u");
    type(&officer, "lock this");
    assert_true(officer_sees(&officer, "Strg-K"));
    officer_end(&officer);
    assert_true(words_choose_in("en", officer_locale()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_action_is_found_by_a_part_of_its_words_and_done_by_enter),
        cmocka_unit_test(words_count_in_any_order_and_case_and_the_key_itself),
        cmocka_unit_test(what_is_about_a_row_is_about_the_one_under_the_cursor),
        cmocka_unit_test(a_row_that_took_its_place_meanwhile_is_not_acted_on),
        cmocka_unit_test(what_asks_asks_here_as_well),
        cmocka_unit_test(no_action_by_itself_is_irreversible),
        cmocka_unit_test(a_request_is_read_again_before_it_is_accepted),
        cmocka_unit_test(escape_does_nothing_and_leads_back),
        cmocka_unit_test(where_nothing_is_left_enter_does_nothing),
        cmocka_unit_test(in_a_text_it_is_a_letter),
        cmocka_unit_test(every_key_of_the_help_is_there_by_name),
        cmocka_unit_test(what_is_not_possible_says_so_and_why),
        cmocka_unit_test(names_are_found_in_both_languages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
