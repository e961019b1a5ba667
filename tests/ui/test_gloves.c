/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands in gloves: what slips, what is held, what is pasted, and what comes in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/ui/officer.h"
#include "ui/keyboard/keyboard.h"

static struct officer begin_busy(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    officer_look(&officer);
    return officer;
}

static void press(struct officer *officer, uint32_t key) {
    if (!ui_key(officer->ui, officer->view, key, &officer->command)) {
        officer->command.kind = COMMAND_NONE;
    }
}

static void expect_command(const struct officer *officer, enum command_kind kind) {
    assert_int_equal(officer->command.kind, kind);
}

/* --- What opens by itself --------------------------------------------------------------------- */

static void a_key_that_is_held_answers_nothing_that_opens_meanwhile(void **state) {
    (void)state;
    static const enum invitation_purpose purposes[] = {INVITED_TO_GROUP, INVITED_TO_REKEY,
                                                       INVITED_TO_CALL};
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        int64_t now_ms = 5000;
        for (int repeat = 0; repeat < 150; repeat++, now_ms += 33) {
            if (repeat == 15) {
                view_add_invitation(officer.view, 7, BEN, "Ben")->purpose = purposes[i];
            }
            ui_time(officer.ui, now_ms);
            officer_look(&officer);
            press(&officer, 'a');
            expect_command(&officer, COMMAND_NONE);
        }
        ui_time(officer.ui, now_ms + 1000);
        officer_look(&officer);
        press(&officer, 'a');
        expect_command(&officer, COMMAND_ACCEPT);
        officer_end(&officer);
    }
}

static void a_group_that_opens_when_it_is_made_takes_no_key_at_once(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    ui_time(officer.ui, 5000);
    officer_press(&officer, "n space enter O enter enter y");
    view_add_group(officer.view, "adhoc:mine;2", "O")->created_here = true;
    ui_time(officer.ui, 9000);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "adhoc:mine;2"));
    ui_time(officer.ui, 9900);
    officer_press(&officer, "x");
    assert_true(officer_sees(&officer, "look again"));
    assert_false(officer_sees(&officer, "from this handset?"));
    ui_time(officer.ui, 11000);
    officer_press(&officer, "x");
    assert_true(officer_sees(&officer, "from this handset?"));
    officer_end(&officer);
}

/* Who presses again and again sees the screen by then: only a key that is held stays unanswered. */
static void who_keeps_pressing_is_answered(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    int64_t now_ms = 5000;
    ui_time(officer.ui, now_ms);
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    int presses = 0;
    do {
        now_ms += 500;
        ui_time(officer.ui, now_ms);
        press(&officer, 'a');
        officer_look(&officer);
    } while (++presses < 12 && officer.command.kind != COMMAND_ACCEPT);
    assert_in_range(presses, 2, 5);
    officer_end(&officer);
}

/* Who has just made a group has been waiting for it. */
static void space_talks_at_once_in_the_group_that_was_just_made(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    ui_time(officer.ui, 5000);
    officer_press(&officer, "n space enter O enter enter y");
    view_add_group(officer.view, "adhoc:mine;2", "O")->created_here = true;
    ui_time(officer.ui, 5200);
    officer_look(&officer);
    ui_time(officer.ui, 5700);
    officer_press(&officer, "space");
    expect_command(&officer, COMMAND_TALK_BEGIN);
    assert_string_equal(officer.command.group, "adhoc:mine;2");
    officer_end(&officer);
}

/* --- Two different presses -------------------------------------------------------------------- */

static void modes_and_calls_take_two_different_presses(void **state) {
    (void)state;
    static const struct {
        const char *keys;
        enum command_kind command;
    } cases[] = {
        {"0", COMMAND_NONE},
        {"0 0", COMMAND_NONE},
        {"0 0 0", COMMAND_NONE},
        {"0 y", COMMAND_AIRPLANE},
        {"0 1 y", COMMAND_NONE},
        {"0 9 y", COMMAND_RADIO_SILENCE},
        {"9 9", COMMAND_NONE},
        {"9 y", COMMAND_RADIO_SILENCE},
        {"y", COMMAND_NONE},
        {"1 c", COMMAND_NONE},
        {"1 c c", COMMAND_NONE},
        {"1 c y", COMMAND_CALL},
        {"1 c down y", COMMAND_NONE},
        {"2 x x", COMMAND_NONE},
        {"2 x y", COMMAND_DELETE_GROUP},
        {"2 w w w", COMMAND_NONE},
        {"q q", COMMAND_NONE},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, cases[i].keys);
        if (officer.command.kind != cases[i].command) {
            fail_msg("%s", cases[i].keys);
        }
        officer_end(&officer);
    }
}

static void what_is_asked_is_said_and_names_the_key(void **state) {
    (void)state;
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin_busy(sizes[i][0], sizes[i][1]);
        officer_press(&officer, "0");
        assert_true(officer_sees(&officer, "Airplane mode?"));
        assert_true(officer_sees(&officer, "y."));
        officer.view->talking = true;
        officer_press(&officer, "0");
        assert_true(officer_sees(&officer, "ends"));
        officer.view->talking = false;
        officer_press(&officer, "9");
        assert_true(officer_sees(&officer, "Radio silence?"));
        officer_press(&officer, "1 c");
        assert_true(officer_sees(&officer, "Call Ben (025764-8)?"));
        officer_end(&officer);
    }
}

static void the_one_who_was_asked_about_is_called_and_nobody_else(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "c");
    view_remove_nearby(officer.view, 0); /* another one takes the place under the cursor */
    officer_press_blind(&officer, "y");
    expect_command(&officer, COMMAND_NONE);
    officer_end(&officer);
}

/* A question that is not on the screen any more is not answered. */
static void a_question_that_is_gone_takes_no_answer(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    const struct event event = {.kind = EVENT_MICROPHONE_SILENT};
    officer_press(&officer, "0");
    assert_true(officer_sees(&officer, "Airplane mode?"));
    ui_notice(officer.ui, &event);
    officer_look(&officer);
    officer_press(&officer, "y");
    expect_command(&officer, COMMAND_NONE);
    officer_press(&officer, "9");
    view_add_invitation(officer.view, 7, BEN, "Ben");
    ui_time(officer.ui, 5000);
    officer_look(&officer);
    ui_time(officer.ui, 9000);
    officer_press(&officer, "y");
    expect_command(&officer, COMMAND_NONE);
    officer_end(&officer);
    static const char *const others[] = {"c 3 ? escape 1 y", "c ? escape y", "c 0 y", "c 3 1 y",
                                         "c 0 escape y",     "c 9 k y",      "c 1 y"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        officer = begin_busy(80, 24);
        officer_press(&officer, others[i]);
        if (officer.command.kind == COMMAND_CALL) {
            fail_msg("%s", others[i]);
        }
        officer_end(&officer);
    }
    officer = begin_busy(80, 24);
    officer_press(&officer, "c");
    ui_notice(officer.ui, &event);
    officer_look(&officer);
    officer_press(&officer, "y");
    expect_command(&officer, COMMAND_NONE);
    officer_end(&officer);
}

/* --- Moving ------------------------------------------------------------------------------------
 */

static void j_and_k_move(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    assert_true(officer_sees(&officer, "> …ei:90420156-025764-8"));
    officer_press(&officer, "j");
    assert_true(officer_sees(&officer, "> …ei:90420156-025765-5"));
    officer_press(&officer, "k");
    assert_true(officer_sees(&officer, "> …ei:90420156-025764-8"));
    officer_press(&officer, "2 j");
    assert_true(officer_sees(&officer, "> Rescue 3"));
    officer_press(&officer, "1 n space enter O enter j");
    assert_true(officer_sees(&officer, "> 12 h"));
    officer_press(&officer, "k k");
    assert_true(officer_sees(&officer, "> 4 h"));
    officer_end(&officer);
}

/* --- The draft ----------------------------------------------------------------------------------
 */

static void what_was_picked_is_there_whatever_came_in_between(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space down space enter O p s enter");
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_press(&officer, "i d 1");
    officer.view->invitation_count = 0;
    officer_press(&officer, "4 1 n");
    assert_true(officer_sees(&officer, "2 picked"));
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "Ops"));
    officer_press(&officer, "enter enter y");
    expect_command(&officer, COMMAND_CREATE_GROUP);
    assert_int_equal(officer.command.member_count, 2);
    assert_string_equal(officer.command.name, "Ops");
    /* That one is made: the next begins anew. */
    officer_press(&officer, "escape 1 n");
    assert_true(officer_sees(&officer, "0 picked"));
    officer_press(&officer, "space escape n");
    assert_true(officer_sees(&officer, "1 picked"));
    officer_press(&officer, "x");
    assert_true(officer_sees(&officer, "0 picked"));
    officer_end(&officer);
}

static void a_new_key_in_between_leaves_the_draft_of_a_new_group(void **state) {
    (void)state;
    static const char *const between[] = {"2 w 1 n", "2 a 1 n", "2 w down space 1 2 a space 1 n"};
    for (size_t i = 0; i < sizeof between / sizeof between[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, "n space enter O p s escape");
        assert_true(officer_sees(&officer, "1 picked"));
        officer_press(&officer, between[i]);
        assert_true(officer_sees(&officer, "1 picked"));
        officer_press(&officer, "enter");
        assert_true(officer_sees(&officer, "Ops"));
        officer_press(&officer, "escape x space enter");
        assert_false(officer_sees(&officer, "Ops"));
        officer_end(&officer);
    }
}

/* --- Pastes without marks -----------------------------------------------------------------------
 */

static void what_comes_faster_than_a_hand_presses_no_key(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2");
    press(&officer, PRESS_BURST_BEGIN);
    for (const char *c = "x y 0y1cyq"; *c != '\0'; c++) {
        press(&officer, (unsigned char)*c);
        expect_command(&officer, COMMAND_NONE);
    }
    assert_false(ui_has_talk_key(officer.ui, officer.view));
    press(&officer, PRESS_BURST_END);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[2 Groups]"));
    assert_true(officer_sees(&officer, "looks like a paste"));
    /* An open microphone is closed even so. */
    officer.view->talking = true;
    press(&officer, PRESS_BURST_BEGIN);
    press(&officer, 'x');
    expect_command(&officer, COMMAND_NONE);
    press(&officer, ' ');
    expect_command(&officer, COMMAND_TALK_END);
    press(&officer, PRESS_BURST_END);
    officer.view->talking = false;
    /* Where one types, it is text. */
    officer_press(&officer, "4 e ctrl-u");
    press(&officer, PRESS_BURST_BEGIN);
    for (const char *c = "Anna 0y"; *c != '\0'; c++) {
        press(&officer, (unsigned char)*c);
    }
    press(&officer, PRESS_BURST_END);
    officer_press(&officer, "enter");
    expect_command(&officer, COMMAND_SET_NAME);
    assert_string_equal(officer.command.name, "Anna 0y");
    officer_end(&officer);
}

/* What a keyboard hands out for these octets, which come at once: '(' and ')' for a burst. */
static void expect_presses(const char *octets, const char *presses) {
    int pipes[2];
    char taken[64] = "";
    struct keyboard keyboard;
    struct input input;
    assert_int_equal(pipe(pipes), 0);
    keyboard_begin(&keyboard, pipes[0]);
    assert_int_equal(write(pipes[1], octets, strlen(octets)), (ssize_t)strlen(octets));
    for (size_t i = 0; i < sizeof taken - 1 && keyboard_next(&keyboard, &input); i++) {
        taken[i] = input.press == PRESS_BURST_BEGIN ? '('
                   : input.press == PRESS_BURST_END ? ')'
                   : input.press == PRESS_ENTER     ? '/'
                   : input.press > 0x7E             ? '?'
                                                    : (char)input.press;
    }
    close(pipes[0]);
    close(pipes[1]);
    assert_string_equal(taken, presses);
}

static void a_burst_is_known_by_several_keys_at_once(void **state) {
    (void)state;
    expect_presses("n", "n");
    expect_presses("2k\r", "2k/");
    expect_presses("ny0y", "(ny0y)");
    expect_presses("mail at 10\r", "(mail at 10/)");
    expect_presses("aaaaaaaa", "aaaaaaaa"); /* a key that is held while the program stood still */
    expect_presses("\033[A\033[B\033[A", "???");
    expect_presses("\033[200~n0y9\033[201~", "?n0y9?");
    expect_presses("\303\251", "?");
}

/* Reads what waits, and notes it as expect_presses does. */
static void take_presses(struct keyboard *keyboard, char taken[64]) {
    struct input input;
    size_t at = 0;
    while (at < 63 && keyboard_next(keyboard, &input)) {
        taken[at++] = input.press == PRESS_BURST_BEGIN ? '('
                      : input.press == PRESS_BURST_END ? ')'
                                                       : (char)input.press;
    }
    taken[at] = '\0';
}

/* The program stood still for a moment, and the last key has been held since. */
static void a_key_that_is_held_after_others_is_no_paste(void **state) {
    (void)state;
    static const char *const stalls[] = {"3    ", "3EEEE", "kkj ", "2kjE", "3\303\251\303\251"};
    for (size_t i = 0; i < sizeof stalls / sizeof stalls[0]; i++) {
        expect_presses(stalls[i], i < 4 ? stalls[i] : "3??");
    }
    expect_presses("ny0y    ", "(ny0y    )");
    int pipes[2];
    char taken[64];
    struct keyboard keyboard;
    assert_int_equal(pipe(pipes), 0);
    keyboard_begin(&keyboard, pipes[0]);
    assert_int_equal(write(pipes[1], "jkjk ", 5), 5);
    take_presses(&keyboard, taken);
    assert_string_equal(taken, "(jkjk )");
    for (int repeat = 0; repeat < 3; repeat++) {
        keyboard.burst_ms -= keyboard.burst_ms > 33 ? 33 : 0; /* it was so long ago */
        assert_int_equal(write(pipes[1], "  ", repeat == 1 ? 2 : 1), repeat == 1 ? 2 : 1);
        take_presses(&keyboard, taken);
        assert_string_equal(taken, repeat == 1 ? "  " : " ");
    }
    /* The rest of a paste comes at once, be it one character. */
    assert_int_equal(write(pipes[1], "n0y1", 4), 4);
    take_presses(&keyboard, taken);
    assert_string_equal(taken, "(n0y1)");
    keyboard.burst_ms += 1000; /* as if no time had passed, however slow the machine */
    assert_int_equal(write(pipes[1], "y", 1), 1);
    take_presses(&keyboard, taken);
    assert_string_equal(taken, "(y)");
    close(pipes[0]);
    close(pipes[1]);
}

/* --- Decisions -----------------------------------------------------------------------------------
 */

static void what_counts_about_twenty_is_on_the_smallest_screen(void **state) {
    (void)state;
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin_busy(sizes[i][0], sizes[i][1]);
        struct view_invitation *asked = view_add_invitation(officer.view, 7, BEN, "Ben");
        while (asked->member_count < 21) {
            struct view_member *member = &asked->members[asked->member_count];
            *member = asked->members[0];
            snprintf(member->identity, sizeof member->identity, "tel:+4477009%05zu",
                     asked->member_count++);
            member->state = MEMBER_UNKNOWN;
        }
        officer_look(&officer);
        assert_true(officer_sees(&officer, "20 others"));
        assert_true(officer_sees(&officer, "19 not trusted") ||
                    (officer_sees(&officer, "19 not") && officer_sees(&officer, "trusted")));
        assert_true(officer_sees(&officer, "1 clock") || officer_sees(&officer, "clock differs"));
        officer_press(&officer, "down down");
        assert_true(officer_sees(&officer, "20 others"));
        officer_end(&officer);
    }
}

static void the_page_to_confirm_shows_trust_and_clocks(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "n space down space enter O enter enter");
    assert_true(officer_sees(&officer, "✓ trusted by you"));
    assert_true(officer_sees(&officer, "! not marked as trusted"));
    assert_true(officer_sees(&officer, "! its clock is 3 h ahead"));
    assert_true(officer_sees(&officer, "2 others, 1 not trusted, 1 clock differs"));
    officer_end(&officer);
}

/* --- Talk
 * ----------------------------------------------------------------------------------------- */

static void space_talks_from_every_screen_in_the_group_that_the_line_names(void **state) {
    (void)state;
    static const char *const places[] = {"1", "2", "3", "4", "5", "6", "2 enter", "4 u", "1 ?"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, places[i]);
        assert_true(ui_has_talk_key(officer.ui, officer.view));
        officer_press(&officer, "space");
        expect_command(&officer, COMMAND_TALK_BEGIN);
        assert_string_equal(officer.command.group, FIRE);
        assert_true(officer_sees(&officer, "[3 Talk]"));
        officer.view->talking = true;
        officer_press(&officer, "1 space");
        expect_command(&officer, COMMAND_TALK_END);
        officer_end(&officer);
    }
    static const char *const others[] = {"n", "n space enter", "4 e", "q", "4 p", "2 x", "1 /"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct officer officer = begin_busy(80, 24);
        officer_press(&officer, others[i]);
        assert_false(ui_has_talk_key(officer.ui, officer.view));
        officer_press(&officer, "space");
        expect_command(&officer, COMMAND_NONE);
        officer_end(&officer);
    }
}

static void space_on_a_group_s_page_talks_in_that_group(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 j enter space");
    expect_command(&officer, COMMAND_TALK_BEGIN);
    assert_string_equal(officer.command.group, RESCUE);
    officer_end(&officer);
    officer = begin_busy(80, 24);
    officer_press(&officer, "2 j j enter space"); /* its key is over */
    expect_command(&officer, COMMAND_NONE);
    assert_true(officer_sees(&officer, "The key of this group"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_that_is_held_answers_nothing_that_opens_meanwhile),
        cmocka_unit_test(a_group_that_opens_when_it_is_made_takes_no_key_at_once),
        cmocka_unit_test(who_keeps_pressing_is_answered),
        cmocka_unit_test(space_talks_at_once_in_the_group_that_was_just_made),
        cmocka_unit_test(modes_and_calls_take_two_different_presses),
        cmocka_unit_test(what_is_asked_is_said_and_names_the_key),
        cmocka_unit_test(the_one_who_was_asked_about_is_called_and_nobody_else),
        cmocka_unit_test(a_question_that_is_gone_takes_no_answer),
        cmocka_unit_test(j_and_k_move),
        cmocka_unit_test(what_was_picked_is_there_whatever_came_in_between),
        cmocka_unit_test(a_new_key_in_between_leaves_the_draft_of_a_new_group),
        cmocka_unit_test(what_comes_faster_than_a_hand_presses_no_key),
        cmocka_unit_test(a_burst_is_known_by_several_keys_at_once),
        cmocka_unit_test(a_key_that_is_held_after_others_is_no_paste),
        cmocka_unit_test(what_counts_about_twenty_is_on_the_smallest_screen),
        cmocka_unit_test(the_page_to_confirm_shows_trust_and_clocks),
        cmocka_unit_test(space_talks_from_every_screen_in_the_group_that_the_line_names),
        cmocka_unit_test(space_on_a_group_s_page_talks_in_that_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
