/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The filter of Nearby and of the picker: `/`, what is typed, enter, escape, a paste. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

#define EMIL "urn:gsma:imei:90420156-025769-7"

static struct officer begin(const char *keys) {
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    officer.view->nearby_total = officer.view->nearby_count;
    officer_look(&officer);
    officer_press(&officer, keys);
    return officer;
}

static void paste_mark(struct officer *officer, uint32_t mark) {
    ui_key(officer->ui, officer->view, mark, &officer->command);
    officer_look(officer);
}

static void rows_that_match_stay(void **state) {
    (void)state;
    struct officer officer = begin("/");
    officer_type(&officer, "BE");
    assert_true(officer_sees(&officer, "/BE_"));
    assert_true(officer_sees(&officer, "1 of 3"));
    assert_true(officer_sees(&officer, "025764-8 Ben"));
    assert_false(officer_sees(&officer, "Carol"));
    officer_press(&officer, "backspace backspace");
    officer_type(&officer, "765-5"); /* the last digits are enough */
    assert_true(officer_sees(&officer, "025765-5 Carol"));
    assert_false(officer_sees(&officer, "Ben"));
    officer_end(&officer);
}

static void what_is_typed_presses_no_other_key(void **state) {
    (void)state;
    struct officer officer = begin("/");
    for (const char *at = "nmceqi0923!?/"; *at != '\0'; at++) {
        char key[2] = {*at, '\0'};
        officer_press(&officer, key);
        assert_int_equal(officer.command.kind, COMMAND_NONE);
    }
    assert_true(officer_sees(&officer, "/nmceqi0923!?/_"));
    assert_true(officer_sees(&officer, "Nobody found."));
    assert_non_null(strstr(officer_keys(&officer), "enter done   esc all   tab help"));
    assert_null(strstr(officer_keys(&officer), "mark"));
    officer_end(&officer);
}

static void escape_shows_all_again(void **state) {
    (void)state;
    static const char *const ways[] = {"/ b e n escape", "/ b e n enter escape", "/ escape",
                                       "/ enter"};
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        struct officer officer = begin(ways[i]);
        officer.view->group_count = 0; /* the row above the keys counts a group's members */
        officer_look(&officer);
        assert_true(officer_sees(&officer, "Carol"));
        assert_true(officer_sees(&officer, "Ben"));
        assert_false(officer_sees(&officer, "of 3"));
        assert_null(strstr(officer_keys(&officer), "esc"));
        officer_end(&officer);
    }
}

static void enter_keeps_what_is_left_and_the_keys_are_keys_again(void **state) {
    (void)state;
    struct officer officer = begin("/ c a r enter");
    assert_true(officer_sees(&officer, "1 of 3"));
    assert_non_null(strstr(officer_keys(&officer), "esc all"));
    officer_press(&officer, "v");
    assert_int_equal(officer.command.kind, COMMAND_TRUST);
    assert_string_equal(officer.command.identity, CAROL);
    officer_press(&officer, "2 1"); /* it is still on when the officer comes back */
    assert_true(officer_sees(&officer, "1 of 3"));
    officer_end(&officer);
}

static void only_a_whole_identity_that_is_not_there_is_asked_for(void **state) {
    (void)state;
    static const char *const not_asked[] = {"", "Emil", "025769-7", "urn:", BEN};
    for (size_t i = 0; i < sizeof not_asked / sizeof not_asked[0]; i++) {
        struct officer officer = begin("/");
        officer_type(&officer, not_asked[i]);
        officer_press(&officer, "enter");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_end(&officer);
    }
    struct officer officer = begin("/");
    officer_type(&officer, EMIL);
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_LOOK_UP);
    assert_string_equal(officer.command.identity, EMIL);
    ui_notice(officer.ui, NULL); /* as programs do when they give a command to the handset */
    officer.view->is_asking = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Asked for that identity."));
    officer_press(&officer, "/ backspace"); /* what is typed now was not asked for */
    assert_false(officer_sees(&officer, "Asked for"));
    view_add_nearby(officer.view, EMIL, "Emil");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "025769-7 Emil"));
    officer_end(&officer);
}

static void that_nobody_answers_is_said_and_it_can_be_asked_again(void **state) {
    (void)state;
    struct officer officer = begin("/");
    officer_type(&officer, EMIL);
    officer_press(&officer, "enter");
    ui_notice(officer.ui, NULL);
    officer.view->is_asking = true;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "does not answer"));
    officer.view->is_asking = false;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "That identity does not answer."));
    officer_press(&officer, "/ enter");
    assert_int_equal(officer.command.kind, COMMAND_LOOK_UP);
    assert_string_equal(officer.command.identity, EMIL);
    officer_end(&officer);
}

static void nobody_is_asked_in_radio_silence(void **state) {
    (void)state;
    struct officer officer = begin("9 /");
    officer.view->radio_silence = true;
    officer_type(&officer, EMIL);
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "Nobody is asked in radio silence or airplane mode."));
    assert_false(officer_sees(&officer, "Asked for"));
    officer_end(&officer);
}

static void a_paste_is_text_and_its_enter_asks_nobody(void **state) {
    (void)state;
    struct officer officer = begin("/");
    paste_mark(&officer, PRESS_PASTE_BEGIN);
    officer_type(&officer, EMIL);
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "ctrl-k");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "ctrl-x");
    paste_mark(&officer, PRESS_PASTE_END);
    assert_true(officer_sees(&officer, EMIL "_"));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_LOOK_UP);
    officer_end(&officer);
}

static void in_the_picker_it_drops_no_pick(void **state) {
    (void)state;
    struct officer officer = begin("n space / c a r");
    assert_true(officer_sees(&officer, "1 picked"));
    assert_false(officer_sees(&officer, "025764-8"));
    assert_null(strstr(officer_keys(&officer), "space"));
    officer_press(&officer, "enter space escape");
    assert_true(officer_sees(&officer, "2 picked"));
    assert_true(officer_sees(&officer, "025764-8"));
    officer_press(&officer, "escape");
    assert_false(officer_sees(&officer, "picked"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_that_match_stay),
        cmocka_unit_test(what_is_typed_presses_no_other_key),
        cmocka_unit_test(escape_shows_all_again),
        cmocka_unit_test(enter_keeps_what_is_left_and_the_keys_are_keys_again),
        cmocka_unit_test(only_a_whole_identity_that_is_not_there_is_asked_for),
        cmocka_unit_test(that_nobody_answers_is_said_and_it_can_be_asked_again),
        cmocka_unit_test(nobody_is_asked_in_radio_silence),
        cmocka_unit_test(a_paste_is_text_and_its_enter_asks_nobody),
        cmocka_unit_test(in_the_picker_it_drops_no_pick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
