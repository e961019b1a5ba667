/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Emergencies as an officer sees them: on every screen, until they say that they have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static struct officer begin_busy(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    officer_look(&officer);
    return officer;
}

static void it_stands_on_every_screen_of_any_size(void **state) {
    (void)state;
    static const char *const screens[] = {"1", "2", "3",     "4",   "5",   "6",  "q",
                                          "?", "n", "4 e a", "4 p", "6 s", "2 x"};
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
            struct officer officer = begin_busy(sizes[k][0], sizes[k][1]);
            view_add_emergency(officer.view, BEN, "Ben", FIRE, "Fire 7");
            /* Whatever else stands. */
            officer.view->alarms[officer.view->alarm_count++].kind = EVENT_SAVING_ENDED;
            view_add_invitation(officer.view, 7, CAROL, "Carol");
            officer_look(&officer);
            officer_press(&officer, "escape");
            officer_press(&officer, screens[i]);
            const char *line = sizes[k][0] < 40   ? "! EMERGENCY Ben    764-8"
                               : sizes[k][0] < 72 ? "! 12:34 EMERGENCY Ben"
                                                  : "! EMERGENCY: Ben in Fire 7, 12:34:32";
            assert_true(officer_sees_style(&officer, line, STYLE_BAD));
            officer_end(&officer);
        }
    }
}

static void seen_is_said_in_two_steps_about_what_was_drawn(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    view_add_emergency(officer.view, BEN, "Ben", FIRE, "Fire 7");
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_press(&officer, "!");
    assert_true(officer_sees(&officer, "EMERGENCY: Ben in Fire 7"));
    assert_true(officer_sees(&officer, BEN));
    /* Another one comes, and is first. */
    struct view_emergency first = officer.view->emergencies[0];
    officer.view->emergency_count = 0;
    view_add_emergency(officer.view, CAROL, "Carol", RESCUE, "Rescue 3");
    officer.view->emergencies[officer.view->emergency_count++] = first;
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_ACKNOWLEDGE);
    assert_string_equal(officer.command.identity, CAROL);
    assert_string_equal(officer.command.group, RESCUE);
    officer.view->emergencies[0] = first;
    officer.view->emergency_count = 1;
    officer_look(&officer);
    /* Of the same caller in the same group, but a later one. */
    officer.view->emergencies[0].began_utc_ms += 1000;
    officer_press_blind(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_look(&officer);
    officer_press(&officer, "y");
    assert_int_equal(officer.command.kind, COMMAND_ACKNOWLEDGE);
    assert_string_equal(officer.command.identity, BEN);
    officer.view->emergency_count = 0;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "EMERGENCY"));
    officer_press(&officer, "!"); /* leads nowhere now */
    assert_true(officer_sees(&officer, "[1 Nearby]"));
    officer_end(&officer);
}

static void the_own_one_is_ended_in_the_same_way(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    view_add_emergency(officer.view, ANNA, "Anna", RESCUE, "Rescue 3");
    officer_press(&officer, "3 ! y");
    assert_int_equal(officer.command.kind, COMMAND_EMERGENCY);
    assert_int_equal(officer.command.on, 0);
    assert_string_equal(officer.command.group, RESCUE);
    assert_true(officer_sees(&officer, "[3 Talk]"));
    officer_end(&officer);
}

/* The key says what to do; only held it does that, in the group in view. */
static void one_is_called_by_holding_the_key_alone(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3 E E E E E E");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "hold E for a second"));
    assert_true(ui_emergency(officer.ui, officer.view, &officer.command));
    assert_int_equal(officer.command.kind, COMMAND_EMERGENCY);
    assert_int_equal(officer.command.on, 1);
    assert_string_equal(officer.command.group, FIRE);
    officer_press(&officer, "right");
    officer.view->talking = true; /* that goes on as one */
    assert_true(ui_emergency(officer.ui, officer.view, &officer.command));
    assert_string_equal(officer.command.group, RESCUE);
    officer.view->talking = false;
    officer_press(&officer, "right"); /* its key is over */
    assert_false(ui_emergency(officer.ui, officer.view, &officer.command));
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

/* In the group that the row above the keys names, and the officer sees it on the Talk screen. */
static void one_is_called_from_every_screen(void **state) {
    (void)state;
    static const char *const screens[] = {"1", "2", "2 enter", "4",   "5",       "6",   "3 m", "q",
                                          "?", "n", "!",       "6 s", "2 end x", "1 c", "3 0"};
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, screens[i]);
        officer_press(&officer, "E");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "hold E for a second"));
        assert_true(ui_emergency(officer.ui, officer.view, &officer.command));
        assert_int_equal(officer.command.kind, COMMAND_EMERGENCY);
        assert_string_equal(officer.command.group, FIRE);
        officer_look(&officer);
        assert_true(officer_sees(&officer, "[3 Talk]"));
        officer_end(&officer);
    }
}

static void a_group_whose_page_is_open_is_the_one(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 down enter");
    assert_true(ui_emergency(officer.ui, officer.view, &officer.command));
    assert_string_equal(officer.command.group, RESCUE);
    officer_end(&officer);
}

/* Where text is typed it is a letter. */
static void a_letter_that_is_typed_calls_none(void **state) {
    (void)state;
    static const char *const screens[] = {"3 m n", "1 /", "4 p", "n space enter"};
    for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, screens[i]);
        assert_false(ui_has_emergency_key(officer.ui, officer.view));
        assert_false(ui_emergency(officer.ui, officer.view, &officer.command));
        officer_press(&officer, "E");
        assert_false(officer_sees(&officer, "hold E for a second"));
        officer_end(&officer);
    }
}

/* The group that was drawn is gone, and another one took its place. */
static void none_is_called_in_a_group_that_was_not_drawn(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "3");
    struct view *view = officer.view;
    memmove(view->groups, view->groups + 1, --view->group_count * sizeof view->groups[0]);
    assert_false(ui_emergency(officer.ui, view, &officer.command));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "look again"));
    assert_true(ui_emergency(officer.ui, view, &officer.command));
    assert_string_equal(officer.command.group, RESCUE);
    officer_end(&officer);
}

/* What is pasted calls none, and acknowledges none. */
static void a_paste_does_nothing(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    view_add_emergency(officer.view, BEN, "Ben", FIRE, "Fire 7");
    officer_press(&officer, "3");
    assert_false(ui_key(officer.ui, officer.view, PRESS_PASTE_BEGIN, &officer.command));
    assert_false(ui_has_talk_key(officer.ui, officer.view));
    assert_false(ui_emergency(officer.ui, officer.view, &officer.command));
    officer_type(&officer, "!y");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_false(officer_sees(&officer, "y: I have seen it"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_stands_on_every_screen_of_any_size),
        cmocka_unit_test(seen_is_said_in_two_steps_about_what_was_drawn),
        cmocka_unit_test(the_own_one_is_ended_in_the_same_way),
        cmocka_unit_test(one_is_called_by_holding_the_key_alone),
        cmocka_unit_test(one_is_called_from_every_screen),
        cmocka_unit_test(a_group_whose_page_is_open_is_the_one),
        cmocka_unit_test(a_letter_that_is_typed_calls_none),
        cmocka_unit_test(none_is_called_in_a_group_that_was_not_drawn),
        cmocka_unit_test(a_paste_does_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
