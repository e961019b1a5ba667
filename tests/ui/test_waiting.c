/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The queue for the floor on the Talk screen: its key, its words, and for how long they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

/* Ben talks in the group that Anna's Talk screen shows. */
static struct officer begin_taken(void) {
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    view_add_talker(officer.view, BEN, "Ben", FIRE);
    officer_press(&officer, "3");
    officer_look(&officer);
    return officer;
}

static void ask(struct officer *officer, enum asked_state state, unsigned position) {
    struct view_floor *floor = &officer->view->floor;
    floor->asked = state;
    floor->position = position;
    snprintf(floor->asked_group, sizeof floor->asked_group, "%s", FIRE);
    officer_look(officer);
}

static void give_turn_to_ben(struct officer *officer, const char *identity) {
    struct view_floor *floor = &officer->view->floor;
    officer->view->talker_count = 0;
    floor->turn_count = 1;
    snprintf(floor->turns[0].group, sizeof floor->turns[0].group, "%s", FIRE);
    snprintf(floor->turns[0].identity, sizeof floor->turns[0].identity, "%s", identity);
    snprintf(floor->turns[0].name, sizeof floor->turns[0].name, "%s",
             identity[0] != '\0' ? "Ben" : "");
    floor->turns[0].name_kind = NAME_ATTESTED;
    officer_look(officer);
}

static void notice_of(struct officer *officer, enum event_kind kind, const char *identity) {
    struct event event = {.kind = kind, .name = "Ben", .name_kind = NAME_ATTESTED};
    snprintf(event.identity, sizeof event.identity, "%s", identity);
    snprintf(event.group, sizeof event.group, "%s", FIRE);
    snprintf(event.group_name, sizeof event.group_name, "Fire 7");
    ui_notice(officer->ui, &event);
    officer_look(officer);
}

static void notice(struct officer *officer, enum event_kind kind) {
    notice_of(officer, kind, BEN);
}

static void the_same_key_asks_and_takes_it_back(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    assert_non_null(strstr(officer_keys(&officer), "space talk next"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    ask(&officer, ASKED_UNANSWERED, 0);
    assert_true(officer_sees(&officer, "Asking to talk next"));
    ask(&officer, ASKED_QUEUED, 2);
    assert_true(officer_sees(&officer, "Queued: 2nd"));
    assert_non_null(strstr(officer_keys(&officer), "space take it back"));
    officer_press(&officer, "space");
    assert_int_equal(officer.command.kind, COMMAND_TALK_BEGIN);
    officer_end(&officer);
}

static void under_radio_silence_nothing_is_offered(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    officer.view->radio_silence = true;
    officer_look(&officer);
    assert_null(strstr(officer_keys(&officer), "space"));
    officer_end(&officer);
}

static void where_it_was_asked_elsewhere_nothing_of_it_is_said(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    ask(&officer, ASKED_QUEUED, 2);
    snprintf(officer.view->floor.asked_group, sizeof officer.view->floor.asked_group, "%s", RESCUE);
    officer_look(&officer);
    assert_false(officer_sees(&officer, "Queued"));
    assert_non_null(strstr(officer_keys(&officer), "space talk next"));
    officer_end(&officer);
}

static void nobody_talks_and_it_is_somebodys_turn(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    give_turn_to_ben(&officer, BEN);
    assert_true(officer_sees(&officer, "Nobody talks. It is the turn of Ben (025764-8)."));
    assert_null(strstr(officer_keys(&officer), "space"));
    give_turn_to_ben(&officer, "");
    assert_true(officer_sees(&officer, "Nobody talks. It is another's turn."));
    officer.view->floor.turn_count = 0;
    ask(&officer, ASKED_YOUR_TURN, 0);
    assert_true(officer_sees(&officer, "Nobody talks. Your turn: press space to talk."));
    assert_non_null(strstr(officer_keys(&officer), "space talk"));
    officer_end(&officer);
}

static void what_is_told_of_the_floor_stands_as_long_as_it_is_so(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    notice(&officer, EVENT_FLOOR_ASKED);
    assert_true(officer_sees(&officer, "Ben (025764-8) talks in Fire 7: you asked to talk next"));
    assert_false(officer_sees(&officer, "! Ben")); /* it is what the officer wanted */
    give_turn_to_ben(&officer, BEN);
    assert_false(officer_sees(&officer, "you asked"));
    notice(&officer, EVENT_FLOOR_KEPT);
    assert_true(officer_sees(&officer, "It is the turn of Ben (025764-8) in Fire 7"));
    give_turn_to_ben(&officer, ""); /* the next one's */
    assert_false(officer_sees(&officer, "turn of"));
    notice_of(&officer, EVENT_FLOOR_KEPT, "");
    assert_true(officer_sees(&officer, "It is another's turn in Fire 7"));
    officer.view->floor.turn_count = 0;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "turn in"));
    ask(&officer, ASKED_YOUR_TURN, 0);
    notice(&officer, EVENT_FLOOR_GRANTED);
    assert_true(officer_sees(&officer, "Your turn in Fire 7: press to talk"));
    ask(&officer, ASKED_NOTHING, 0);
    assert_false(officer_sees(&officer, "Your turn"));
    officer_end(&officer);
}

static void who_talks_sees_how_many_wait(void **state) {
    (void)state;
    struct officer officer = begin_taken();
    officer.view->talker_count = 0;
    officer.view->talking = true;
    view_add_talker(officer.view, ANNA, "Anna", FIRE)->self = true;
    officer.view->floor.waiting = 1;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "1 waits to talk"));
    officer.view->floor.waiting = 3;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "3 wait to talk"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_key_asks_and_takes_it_back),
        cmocka_unit_test(under_radio_silence_nothing_is_offered),
        cmocka_unit_test(where_it_was_asked_elsewhere_nothing_of_it_is_said),
        cmocka_unit_test(nobody_talks_and_it_is_somebodys_turn),
        cmocka_unit_test(what_is_told_of_the_floor_stands_as_long_as_it_is_so),
        cmocka_unit_test(who_talks_sees_how_many_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
