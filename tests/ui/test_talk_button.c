/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What opens the microphone, as the screens see it (ui/ui.h): the button means the same on every
 * screen, and space is the talk key on one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

/* Presses the button; is there a command? */
static bool push(struct officer *officer) {
    bool is_given = ui_talk(officer->ui, officer->view, &officer->command);
    officer_look(officer);
    return is_given;
}

static void the_button_talks_from_every_screen_and_shows_it(void **state) {
    (void)state;
    static const char *const screens[] = {"1", "2", "3", "4", "5", "6", "?"};
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        struct officer officer = begin_busy();
        officer_press(&officer, screens[i]);
        assert_true(push(&officer));
        assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
        assert_string_equal(officer.command.group, FIRE);
        assert_true(officer_sees(&officer, "[3 Talk]"));
        officer_end(&officer);
    }
}

static void the_button_talks_in_the_group_that_was_chosen(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "3 right 1");
    assert_true(push(&officer));
    assert_string_equal(officer.command.group, RESCUE);
    officer_end(&officer);
}

static void the_button_never_talks_in_a_group_that_took_the_place_of_another(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "3 1");
    struct view_group gone = officer.view->groups[0];
    assert_string_equal(gone.identity, FIRE);
    memmove(officer.view->groups, officer.view->groups + 1,
            (officer.view->group_count - 1) * sizeof gone);
    officer.view->group_count--;
    assert_false(push(&officer));
    assert_true(officer_sees(&officer, "[3 Talk]"));
    assert_true(push(&officer)); /* now it was seen */
    officer_end(&officer);
}

static void the_button_leaves_who_types_or_decides_where_they_are(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer_press(&officer, "n space enter");
    officer_type(&officer, "Op");
    assert_true(push(&officer));
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    officer_type(&officer, "s");
    assert_true(officer_sees(&officer, "Ops"));
    officer_end(&officer);
}

static void the_button_says_why_nobody_can_talk(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    officer.view->airplane = true;
    assert_false(push(&officer));
    officer.view->airplane = false;
    officer.view->call_state = CALL_ACTIVE;
    assert_false(push(&officer));
    assert_true(officer_sees(&officer, "the line is open both ways"));
    officer_end(&officer);
    officer = officer_begin(80, 24);
    assert_false(push(&officer));
    assert_true(officer_sees(&officer, "There is no group to talk in yet"));
    officer_end(&officer);
}

static void a_locked_handset_has_no_button(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    officer.view->phase = PHASE_LOCKED;
    assert_false(push(&officer));
    assert_false(ui_has_talk_key(officer.ui, officer.view));
    officer_end(&officer);
}

static void space_is_the_talk_key_where_nobody_types_or_decides(void **state) {
    (void)state;
    struct officer officer = begin_busy();
    for (const char *key = "124563"; *key != '\0'; key++) {
        officer_press(&officer, (char[]){*key, '\0'});
        assert_true(ui_has_talk_key(officer.ui, officer.view));
    }
    officer_press(&officer, "n");
    assert_false(ui_has_talk_key(officer.ui, officer.view));
    officer_press(&officer, "escape 3");
    assert_true(ui_has_talk_key(officer.ui, officer.view));
    /* In a paste it is text. */
    (void)ui_key(officer.ui, officer.view, PRESS_PASTE_BEGIN, &officer.command);
    assert_false(ui_has_talk_key(officer.ui, officer.view));
    officer.view->talking = true; /* and closes an open microphone even so */
    assert_true(ui_has_talk_key(officer.ui, officer.view));
    officer.view->talking = false;
    (void)ui_key(officer.ui, officer.view, PRESS_PASTE_END, &officer.command);
    assert_true(ui_has_talk_key(officer.ui, officer.view));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_button_talks_from_every_screen_and_shows_it),
        cmocka_unit_test(the_button_talks_in_the_group_that_was_chosen),
        cmocka_unit_test(the_button_never_talks_in_a_group_that_took_the_place_of_another),
        cmocka_unit_test(the_button_leaves_who_types_or_decides_where_they_are),
        cmocka_unit_test(the_button_says_why_nobody_can_talk),
        cmocka_unit_test(a_locked_handset_has_no_button),
        cmocka_unit_test(space_is_the_talk_key_where_nobody_types_or_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
