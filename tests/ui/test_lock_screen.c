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

static struct officer begin(enum view_phase phase) {
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    officer.view->phase = phase;
    officer_look(&officer);
    return officer;
}

/* The screens, and what is reached from them: some ask, some take text. */
static const char *const ways[] = {"1",       "2",   "3",     "4",   "5",   "6", "2 enter",
                                   "n space", "4 e", "4 p",   "4 u", "6 s", "q", "n space enter",
                                   "?",       "2 x", "ctrl-x"};

enum {
    WAYS = sizeof ways / sizeof ways[0]
};

static void one_key_locks_on_every_screen(void **state) {
    (void)state;
    for (size_t i = 0; i < WAYS; i++) {
        struct officer officer = begin(PHASE_READY);
        officer_press(&officer, ways[i]);
        officer_press(&officer, "ctrl-k");
        assert_int_equal(officer.command.kind, COMMAND_LOCK);
        officer_end(&officer);
    }
}

static void what_is_not_open_is_not_locked(void **state) {
    (void)state;
    static const enum view_phase phases[] = {PHASE_NEW, PHASE_LOCKED, PHASE_UNLOCKING};
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(phases[i]);
        officer_press(&officer, "ctrl-k");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_end(&officer);
    }
}

static void zeroising_takes_two_keys_on_every_screen(void **state) {
    (void)state;
    for (size_t i = 0; i + 1 < WAYS; i++) {
        struct officer officer = begin(PHASE_READY);
        officer_press(&officer, ways[i]);
        officer_press(&officer, "ctrl-x");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        assert_true(officer_sees(&officer, "Zeroise this handset?"));
        officer_press(&officer, "Z");
        assert_int_equal(officer.command.kind, COMMAND_ZEROISE);
        officer_end(&officer);
    }
}

static void no_other_key_zeroises(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_READY);
    for (uint32_t press = 1; press < 0x300; press++) {
        struct command command = {0};
        if (press == 'Z') {
            continue;
        }
        officer_press(&officer, "escape escape 1 ctrl-x");
        (void)ui_key(officer.ui, officer.view, press, &command);
        assert_int_not_equal(command.kind, COMMAND_ZEROISE);
        officer_look(&officer);
    }
    officer_press(&officer, "escape escape 1 Z Z Z");
    assert_int_not_equal(officer.command.kind, COMMAND_ZEROISE);
    officer_end(&officer);
}

static void escape_leaves_the_question(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_READY);
    officer_press(&officer, "2 ctrl-x ctrl-x escape");
    assert_false(officer_sees(&officer, "Zeroise this handset?"));
    officer_press(&officer, "Z");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void zeroising_needs_no_passphrase(void **state) {
    (void)state;
    static const int64_t waits_ms[] = {0, 30000};
    for (size_t i = 0; i < 2; i++) {
        struct officer officer = begin(PHASE_LOCKED);
        officer.view->lock.wait_ms = waits_ms[i];
        officer_look(&officer);
        officer_press(&officer, "a Z ctrl-x");
        assert_int_equal(officer.command.kind, COMMAND_NONE);
        officer_press(&officer, "Z");
        assert_int_equal(officer.command.kind, COMMAND_ZEROISE);
        officer_end(&officer);
    }
}

/* Who pastes means text, whatever is in it. */
static void what_is_pasted_neither_locks_nor_zeroises(void **state) {
    (void)state;
    static const char *const places[] = {"1", "4 e", "4 p"};
    static const uint32_t pasted[] = {PRESS_PASTE_BEGIN, 'X' & 0x1F, 'Z',
                                      'K' & 0x1F,        'Z',        PRESS_PASTE_END};
    for (size_t i = 0; i < 3; i++) {
        struct officer officer = begin(PHASE_READY);
        officer_press(&officer, places[i]);
        for (size_t k = 0; k < sizeof pasted / sizeof pasted[0]; k++) {
            struct command command = {0};
            (void)ui_key(officer.ui, officer.view, pasted[k], &command);
            assert_int_not_equal(command.kind, COMMAND_ZEROISE);
            assert_int_not_equal(command.kind, COMMAND_LOCK);
            officer_look(&officer);
        }
        officer_end(&officer);
    }
}

static void a_locked_screen_shows_nothing_of_the_handset(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_READY);
    officer_press(&officer, "2 enter");
    officer.view->phase = PHASE_LOCKED;
    officer.view->lock.was_open = true;
    officer_look(&officer);
    char *screen = officer_screen(&officer);
    static const char *const secrets[] = {"Anna",   "Ben",      "Carol", "Fire",
                                          "Rescue", "90420156", "county"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        if (strstr(screen, secrets[i]) != NULL) {
            fail_msg("%s is on the locked screen:\n%s", secrets[i], screen);
        }
    }
    assert_true(officer_sees(&officer, "This handset is locked"));
    assert_true(officer_sees(&officer, "calls no emergency"));
    free(screen);
    officer_end(&officer);
}

static void a_wait_is_counted_down_and_takes_no_passphrase(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer.view->lock = (struct view_lock){.wrong = 5, .wait_ms = 20000};
    officer_look(&officer);
    assert_true(officer_sees(&officer, "5 wrong passphrases"));
    assert_true(officer_sees(&officer, "taken in 20 s"));
    officer_press(&officer, "a b c enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer.view->lock.wait_ms = 95 * 1000 - 1;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "taken in 1:35 min"));
    officer.view->lock.wait_ms = 1;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "taken in 1 s"));
    officer.view->lock.wait_ms = 0;
    officer_look(&officer);
    officer_press(&officer, "d enter");
    assert_int_equal(officer.command.kind, COMMAND_UNLOCK);
    assert_string_equal(officer.command.passphrase, "d");
    officer_end(&officer);
}

static void it_warns_before_it_erases_itself(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer.view->lock = (struct view_lock){.wrong = 0, .erase_after = 10};
    officer_look(&officer);
    assert_false(officer_sees(&officer, "erase"));
    officer.view->lock.wrong = 4;
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "6 more wrong ones erase", STYLE_CAUTION));
    officer.view->lock.wrong = 9;
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "1 more wrong one erases", STYLE_BAD));
    officer_end(&officer);
}

static void it_is_said_who_can_open_a_copy(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Who copies its files and knows the passphrase opens"));
    officer.view->is_bound = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Bound to this machine: a copy"));
    officer_end(&officer);
    officer = begin(PHASE_READY);
    officer_press(&officer, "4 u");
    assert_true(officer_sees_style(&officer, "open elsewhere with the passphrase", STYLE_CAUTION));
    officer.view->is_bound = true;
    officer_look(&officer);
    assert_true(officer_sees_style(&officer, "open nowhere else", STYLE_GOOD));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "bound to this machine"));
    officer_end(&officer);
}

/* Each step can be reached, and none is out of what the engine takes. */
static void how_it_locks_is_set_step_by_step(void **state) {
    (void)state;
    static const int64_t minutes[] = {1, 5, 15, 60, 0};
    static const int counts[] = {50, 20, 10, 5, 0};
    struct officer officer = begin(PHASE_READY);
    officer_press(&officer, "4 u");
    assert_true(officer_sees(&officer, "never by itself"));
    for (size_t i = 0; i < 5; i++) {
        officer_press(&officer, "u");
        assert_int_equal(officer.command.kind, COMMAND_LOCK_AFTER);
        assert_int_equal(officer.command.period_ms, minutes[i] * 60 * 1000);
        officer.view->settings.lock_after_ms = officer.command.period_ms;
        officer_press(&officer, "e");
        assert_int_equal(officer.command.kind, COMMAND_ERASE_AFTER);
        assert_int_equal(officer.command.on, counts[i]);
        officer.view->settings.erase_after = (unsigned)officer.command.on;
        officer_look(&officer);
    }
    officer_end(&officer);
}

static void hearing_while_locked_is_set_and_said(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_READY);
    officer_press(&officer, "4 u");
    assert_true(officer_sees(&officer, "nobody while locked"));
    for (int on = 1; on >= 0; on--) {
        officer_press(&officer, "h");
        assert_int_equal(officer.command.kind, COMMAND_HEAR_LOCKED);
        assert_int_equal(officer.command.on, on);
        officer.view->settings.hears_locked = on != 0;
        officer_look(&officer);
        assert_int_equal(officer_sees(&officer, "keeps its groups' keys"), on);
        assert_int_equal(officer_sees(&officer, "has no keys in its memory"), !on);
    }
    officer_end(&officer);
    officer = begin(PHASE_LOCKED);
    officer.view->lock = (struct view_lock){.was_open = true};
    officer_look(&officer);
    assert_true(officer_sees(&officer, "It hears nobody"));
    officer.view->lock.hears = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "It still hears its groups"));
    assert_false(officer_sees(&officer, "It hears nobody"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_key_locks_on_every_screen),
        cmocka_unit_test(what_is_not_open_is_not_locked),
        cmocka_unit_test(zeroising_takes_two_keys_on_every_screen),
        cmocka_unit_test(no_other_key_zeroises),
        cmocka_unit_test(escape_leaves_the_question),
        cmocka_unit_test(zeroising_needs_no_passphrase),
        cmocka_unit_test(what_is_pasted_neither_locks_nor_zeroises),
        cmocka_unit_test(a_locked_screen_shows_nothing_of_the_handset),
        cmocka_unit_test(a_wait_is_counted_down_and_takes_no_passphrase),
        cmocka_unit_test(it_warns_before_it_erases_itself),
        cmocka_unit_test(it_is_said_who_can_open_a_copy),
        cmocka_unit_test(how_it_locks_is_set_step_by_step),
        cmocka_unit_test(hearing_while_locked_is_set_and_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
