/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Sound screen: what is set there, and that it says what is not saved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

static struct officer begin(int columns, int rows, bool is_live) {
    struct officer officer = officer_begin(columns, rows);
    officer.view->sound.is_live = is_live;
    officer.view->sound.has_permit_tone = true;
    officer_press(&officer, "6 s");
    return officer;
}

static void the_longest_talk_goes_round_within_its_bounds(void **state) {
    (void)state;
    for (int is_live = 0; is_live <= 1; is_live++) {
        struct officer officer = begin(80, 24, is_live != 0);
        assert_true(officer_sees(&officer, "up to 60 s"));
        bool was_least = false, was_most = false;
        int64_t before_ms = SETTINGS_LONGEST_TALK_MS;
        unsigned presses = 0;
        do {
            officer_press(&officer, "z");
            assert_int_equal(officer.command.kind, COMMAND_LONGEST_TALK);
            int64_t next_ms = officer.command.period_ms;
            assert_in_range(next_ms, SETTINGS_LONGEST_TALK_LEAST_MS, SETTINGS_LONGEST_TALK_MOST_MS);
            assert_int_not_equal(next_ms, before_ms);
            was_least = was_least || next_ms == SETTINGS_LONGEST_TALK_LEAST_MS;
            was_most = was_most || next_ms == SETTINGS_LONGEST_TALK_MOST_MS;
            officer.view->settings.longest_talk_ms = before_ms = next_ms;
        } while (before_ms != SETTINGS_LONGEST_TALK_MS && ++presses < 20);
        assert_true(was_least && was_most);
        assert_int_equal(before_ms, SETTINGS_LONGEST_TALK_MS);
        /* One of the command line is none of these. */
        officer.view->settings.longest_talk_ms = 61 * 1000;
        officer_press(&officer, "z");
        assert_int_equal(officer.command.period_ms, 90 * 1000);
        officer_end(&officer);
    }
}

static void the_permit_tone_is_switched(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, true);
    officer_press(&officer, "p");
    assert_int_equal(officer.command.kind, COMMAND_PERMIT_TONE);
    assert_int_equal(officer.command.on, 0);
    officer.view->sound.has_permit_tone = false;
    officer_press(&officer, "p");
    assert_int_equal(officer.command.on, 1);
    officer_end(&officer);
}

static void a_headset_takes_no_echo_out_of_calls(void **state) {
    (void)state;
    struct officer officer = begin(80, 24, true);
    assert_true(officer_sees(&officer, "e Echo    removed in calls"));
    officer_press(&officer, "e");
    assert_int_equal(officer.command.kind, COMMAND_HEADSET);
    assert_int_equal(officer.command.on, 1);
    officer.view->sound.has_headset = true;
    officer_press(&officer, "e");
    assert_true(officer_sees(&officer, "e Echo    left in (headset)"));
    assert_int_equal(officer.command.on, 0);
    officer_end(&officer);
}

static void speech_is_kept_on_disk_by_a_key(void **state) {
    (void)state;
    for (int is_live = 0; is_live <= 1; is_live++) {
        struct officer officer = begin(80, 24, is_live != 0);
        assert_true(officer_sees(&officer, "in memory only"));
        officer_press(&officer, "d");
        assert_int_equal(officer.command.kind, COMMAND_KEEP_SPEECH);
        assert_int_equal(officer.command.on, 1);
        officer.view->settings.keeps_speech = true;
        officer_press(&officer, "d");
        assert_true(officer_sees(&officer, "on disk, sealed"));
        assert_int_equal(officer.command.on, 0);
        officer_end(&officer);
    }
}

static void who_leaves_ends_the_test_that_runs(void **state) {
    static const char *const ways[] = {"escape", "3", "tab", "?", "q"};
    static const enum view_sound_test tests[] = {VIEW_TEST_RECORDS, VIEW_TEST_PLAYS};
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        for (size_t k = 0; k < 2; k++) {
            struct officer officer = begin(80, 24, true);
            officer.view->sound.test = tests[k];
            officer_press(&officer, "down");
            assert_int_equal(officer.command.kind, COMMAND_NONE);
            if (strcmp(ways[i], "q") == 0) { /* which only leaves a tab */
                officer_press(&officer, "q");
                assert_int_equal(officer.command.kind, COMMAND_NONE);
            } else {
                officer_press(&officer, ways[i]);
                assert_int_equal(officer.command.kind, COMMAND_SOUND_TEST);
            }
            officer_end(&officer);
        }
    }
    struct officer officer = begin(80, 24, true);
    officer_press(&officer, "escape"); /* none runs: none is begun */
    assert_int_equal(officer.command.kind, COMMAND_NONE);
    officer_end(&officer);
}

static void what_is_not_saved_is_said_on_every_size(void **state) {
    static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (int is_live = 0; is_live <= 1; is_live++) {
            struct officer officer = begin(sizes[i][0], sizes[i][1], is_live != 0);
            assert_false(officer_sees(&officer, "Not saved"));
            assert_true(officer_sees(&officer, "up to 60 s"));
            officer.view->settings.is_unsaved = true;
            officer_look(&officer);
            assert_true(officer_sees_style(&officer, "Not saved", STYLE_CAUTION));
            officer_end(&officer);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_longest_talk_goes_round_within_its_bounds),
        cmocka_unit_test(the_permit_tone_is_switched),
        cmocka_unit_test(a_headset_takes_no_echo_out_of_calls),
        cmocka_unit_test(speech_is_kept_on_disk_by_a_key),
        cmocka_unit_test(who_leaves_ends_the_test_that_runs),
        cmocka_unit_test(what_is_not_saved_is_said_on_every_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
