/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pasting: what is pasted is text and never a key, and keys come in as such text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/character.h"
#include "ui/screens/import.h"

#define PART "MUSTER KEY 1/8 ABCDEFGH ABCDEFGH.ABCDEF"

static void press(struct officer *officer, uint32_t key) {
    if (!ui_key(officer->ui, officer->view, key, &officer->command)) {
        officer->command.kind = COMMAND_NONE;
    }
}

/* As a terminal does it: a line's end comes as enter, a tab as tab. No key may give a command
 * before the paste has ended. */
static void paste(struct officer *officer, const char *text) {
    press(officer, PRESS_PASTE_BEGIN);
    while (*text != '\0') {
        bool is_control = *text == '\n' || *text == '\t';
        press(officer, !is_control       ? character_next(&text)
                       : *text++ == '\n' ? (uint32_t)PRESS_ENTER
                                         : (uint32_t)PRESS_TAB);
        assert_int_equal(officer->command.kind, COMMAND_NONE);
        officer_look(officer);
    }
    press(officer, PRESS_PASTE_END);
}

static void assert_imports(const struct officer *officer, const char *text) {
    assert_int_equal(officer->command.kind, COMMAND_IMPORT);
    assert_int_equal(officer->command.text_length, strlen(text));
    assert_memory_equal(officer->command.text, text, strlen(text));
}

static void a_pasted_text_is_imported_at_its_end_as_it_is(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "4 p");
    assert_true(officer_sees(&officer, "Paste or type the lines"));
    paste(&officer, "> " PART "\n> 2\té5?q\n");
    assert_imports(&officer, "> " PART "\n> 2 é5?q\n");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Import a key"));
    /* The next one begins anew. */
    paste(&officer, PART);
    assert_imports(&officer, PART);
    officer_end(&officer);
}

static void a_typed_line_is_imported_with_enter(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "4 p enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_type(&officer, PART "X");
    assert_true(officer_sees(&officer, PART "X_"));
    officer_press(&officer, "backspace enter");
    assert_imports(&officer, PART);
    assert_false(officer_sees(&officer, PART));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "[4 Keys]"));
    officer_end(&officer);
}

static void what_is_typed_and_left_is_not_imported_later(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "4 p");
    officer_type(&officer, "half of it");
    officer_press(&officer, "escape p enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void a_paste_presses_no_key_on_any_screen(void **state) {
    (void)state;
    static const char *const places[] = {
        "1", "2", "3", "4", "5", "2 enter", "2 x", "n", "n space enter", "q", "?", "4 e"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct officer officer = officer_begin(80, 24);
        view_busy(officer.view);
        officer_look(&officer);
        officer_press(&officer, places[i]);
        char *before = officer_screen(&officer);
        /* No letters where a name is typed: those do go into it. */
        bool is_name =
            strstr(places[i], "e") == places[i] + 2 || strstr(places[i], "enter") > places[i] + 3;
        paste(&officer, is_name ? "\n\t\n" : "y q 1 2 n x t k m c l\n\t?\n a d");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_look(&officer);
        char *after = officer_screen(&officer);
        assert_string_equal(after, before);
        free(before);
        free(after);
        officer_end(&officer);
    }
}

static void a_pasted_name_is_typed_and_not_saved_by_itself(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "4 e");
    paste(&officer, "bel\n?");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Annabel?_"));
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_SET_NAME);
    assert_string_equal(officer.command.name, "Annabel?");
    officer_end(&officer);
}

static void a_paste_whose_end_got_lost_ends_with_escape(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    press(&officer, PRESS_PASTE_BEGIN);
    officer_press(&officer, "2");
    assert_true(officer_sees(&officer, "[1 Nearby]"));
    officer_press(&officer, "escape 2");
    assert_true(officer_sees(&officer, "[2 Groups]"));
    officer_end(&officer);
}

static void more_than_fits_is_not_imported_in_part(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer_press(&officer, "4 p");
    press(&officer, PRESS_PASTE_BEGIN);
    for (size_t i = 0; i <= IMPORT_TEXT_SIZE; i++) {
        press(&officer, 'a');
    }
    press(&officer, PRESS_PASTE_END);
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "too long to paste at once"));
    paste(&officer, PART);
    assert_imports(&officer, PART);
    officer_end(&officer);
}

static void what_came_of_it_and_what_is_missing_is_shown(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    struct view *view = officer.view;
    view->gathering_count = view->imported_count = 1;
    view->gatherings[0] = (struct view_gathering){
        .tag = "K7QX2MPA", .count = 8, .there = 5, .missing = 1u << 1 | 1u << 4 | 1u << 6};
    view->imported[0] = (struct event){.kind = EVENT_PART_UNREADABLE, .line = 3};
    officer_press(&officer, "4 p");
    assert_true(officer_sees(&officer, "K7QX2MPA  5 of 8 parts"));
    assert_true(officer_sees(&officer, "missing: 2, 5 and 7"));
    /* What came of an earlier import is not this one's. */
    assert_false(officer_sees(&officer, "Line 3: a part is damaged"));
    paste(&officer, PART);
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "! Line 3: a part is damaged", STYLE_CAUTION));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pasted_text_is_imported_at_its_end_as_it_is),
        cmocka_unit_test(a_typed_line_is_imported_with_enter),
        cmocka_unit_test(what_is_typed_and_left_is_not_imported_later),
        cmocka_unit_test(a_paste_presses_no_key_on_any_screen),
        cmocka_unit_test(a_pasted_name_is_typed_and_not_saved_by_itself),
        cmocka_unit_test(a_paste_whose_end_got_lost_ends_with_escape),
        cmocka_unit_test(more_than_fits_is_not_imported_in_part),
        cmocka_unit_test(what_came_of_it_and_what_is_missing_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
