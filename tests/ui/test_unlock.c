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

#include "ui/screens/unlock.h"

static struct officer begin(enum view_phase phase) {
    struct officer officer = officer_begin(80, 24);
    officer.view->phase = phase;
    officer_look(&officer);
    return officer;
}

static void a_passphrase_is_asked_for_and_not_shown(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer_type(&officer, "correct ?é1q");
    assert_false(officer_sees(&officer, "correct"));
    assert_true(officer_sees(&officer, "************_"));
    officer_press_blind(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_UNLOCK);
    assert_string_equal(officer.command.passphrase, "correct ?é1q");
    officer_look(&officer);
    assert_false(officer_sees(&officer, "*"));
    officer_end(&officer);
}

/* Whoever types on while another passphrase has to wait leaves nothing by it. */
static void what_is_typed_during_a_wait_asks_nothing(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer.view->lock.wrong = 4;
    officer.view->lock.wait_ms = 10 * 1000;
    officer.view->problem.kind = EVENT_PASSPHRASE_WRONG;
    officer_look(&officer);
    assert_false(officer_sees(&officer, "type it again"));
    officer_type(&officer, "quiet");
    assert_false(officer_sees(&officer, "Quit Muster?"));
    officer_type(&officer, "ly");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "4 wrong passphrases."));
    assert_non_null(strstr(officer_keys(&officer), "esc quit"));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "Quit Muster?"));
    assert_false(officer_sees(&officer, "Wrong passphrase"));
    officer_press(&officer, "escape");
    officer.view->lock.wait_ms = 0;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Wrong passphrase; type it again"));
    officer_press(&officer, "ctrl-x");
    assert_false(officer_sees(&officer, "Wrong passphrase"));
    officer_end(&officer);
}

static void a_new_passphrase_is_chosen_twice_alike(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_NEW);
    officer_type(&officer, "four words");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "once more"));
    officer_type(&officer, "four wordz");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    assert_true(officer_sees(&officer, "not the same"));
    officer_type(&officer, "four words");
    officer_press(&officer, "enter");
    officer_type(&officer, "four words");
    officer_press(&officer, "enter");
    assert_int_equal(officer.command.kind, COMMAND_UNLOCK);
    assert_string_equal(officer.command.passphrase, "four words");
    officer_end(&officer);
}

static void a_short_new_passphrase_is_not_taken(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_NEW);
    officer_type(&officer, "1234567");
    assert_true(officer_sees(&officer, "7 of at least 8 characters"));
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "Too short"));
    officer_end(&officer);
}

/* Eight characters that make four letters are no eight. */
static void a_passphrase_is_as_long_as_its_letters(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_NEW);
    officer_type(&officer, "e\u0301e\u0301e\u0301e\u0301");
    assert_true(officer_sees(&officer, "4 of at least 8 characters"));
    officer_press(&officer, "enter");
    assert_true(officer_sees(&officer, "Too short"));
    officer_press(&officer, "backspace");
    assert_true(officer_sees(&officer, "3 of at least 8 characters"));
    officer_end(&officer);
}

static bool all_zero(const void *memory, size_t size) {
    for (size_t i = 0; i < size; i++) {
        if (((const unsigned char *)memory)[i] != 0) {
            return false;
        }
    }
    return true;
}

static void press(struct unlock *unlock, struct view *view, uint32_t key) {
    struct command command = {.kind = COMMAND_NONE};
    struct turn turn = {.view = view, .press = key, .command = &command, .go = PLACE_HERE};
    unlock_key(unlock, &turn);
}

static void what_was_typed_is_wiped_when_sent_cleared_or_taken_back(void **state) {
    (void)state;
    struct view *view = calloc(1, sizeof *view);
    static const uint32_t ends[] = {PRESS_ENTER, PRESS_ESCAPE, PRESS_BACKSPACE};
    for (size_t i = 0; i < 3; i++) {
        struct unlock unlock = {0};
        view->phase = PHASE_LOCKED;
        press(&unlock, view, 0x20AC);
        assert_false(all_zero(&unlock.passphrase, sizeof unlock.passphrase));
        press(&unlock, view, ends[i]);
        assert_true(all_zero(&unlock.passphrase, sizeof unlock.passphrase));
        assert_true(all_zero(&unlock.again, sizeof unlock.again));
    }
    free(view);
}

static void the_longest_passphrase_fits_and_no_more_is_taken(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    for (int i = 0; i < OFFICER_PASSPHRASE_SIZE; i++) {
        officer_press_blind(&officer, "x");
    }
    officer_look(&officer);
    officer_press_blind(&officer, "enter");
    assert_int_equal(strlen(officer.command.passphrase), OFFICER_PASSPHRASE_SIZE - 1);
    officer_end(&officer);
}

static void opening_the_store_shows_that_it_goes_on(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_UNLOCKING);
    char *before = officer_screen(&officer);
    officer.view->utc_ms += 500;
    officer_look(&officer);
    char *after = officer_screen(&officer);
    assert_true(officer_sees(&officer, "Opening the store"));
    assert_string_not_equal(before, after);
    free(before);
    free(after);
    officer_end(&officer);
}

static void a_handset_without_a_credential_says_what_to_do(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_UNENROLLED);
    assert_true(officer_sees(&officer, "muster request --identity URI --out FILE"));
    assert_true(officer_sees(&officer, "muster install BUNDLE"));
    officer_press(&officer, "q y");
    assert_int_equal(officer.command.kind, COMMAND_QUIT);
    officer_end(&officer);
}

static void the_help_says_once_what_each_key_does(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer_press(&officer, "tab");
    assert_true(officer_sees(&officer, "esc         clear what is typed; on an empty line, quit"));
    assert_false(officer_sees(&officer, "esc         back"));
    assert_true(officer_sees(&officer, "Ctrl-T      colours: night, day, high contrast, red"));
    assert_true(officer_sees(&officer, "Ctrl-L      draw the screen again"));
    officer_end(&officer);
}

static void opening_leads_to_the_first_screen(void **state) {
    (void)state;
    struct officer officer = begin(PHASE_LOCKED);
    officer_press(&officer, "x tab");
    assert_true(officer_sees(&officer, "Help"));
    officer.view->phase = PHASE_READY;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "[1 Nearby]"));
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_passphrase_is_asked_for_and_not_shown),
        cmocka_unit_test(what_is_typed_during_a_wait_asks_nothing),
        cmocka_unit_test(a_new_passphrase_is_chosen_twice_alike),
        cmocka_unit_test(a_short_new_passphrase_is_not_taken),
        cmocka_unit_test(a_passphrase_is_as_long_as_its_letters),
        cmocka_unit_test(what_was_typed_is_wiped_when_sent_cleared_or_taken_back),
        cmocka_unit_test(the_longest_passphrase_fits_and_no_more_is_taken),
        cmocka_unit_test(opening_the_store_shows_that_it_goes_on),
        cmocka_unit_test(a_handset_without_a_credential_says_what_to_do),
        cmocka_unit_test(the_help_says_once_what_each_key_does),
        cmocka_unit_test(opening_leads_to_the_first_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
