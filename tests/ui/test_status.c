/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The line that is always there, and that no screen claims what is not so (issue: truth). */
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
#include "ui/words/event.h"
#include "ui/words/words.h"

static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}, {26, 12}, {200, 60}};

enum {
    SIZES = sizeof sizes / sizeof sizes[0],
    ROW_SIZE = 4096
};

static struct officer begin_busy(int columns, int rows) {
    struct officer officer = officer_begin(columns, rows);
    view_busy(officer.view);
    view_add_radio(officer.view, "bluetooth", "hci0", RADIO_VIEW_ON, NULL)->peers = 2;
    view_add_radio(officer.view, "udp", "", RADIO_VIEW_ON, NULL);
    officer_look(&officer);
    return officer;
}

/* The row above the keys. */
static const char *status_of(struct officer *officer) {
    static char line[ROW_SIZE];
    canvas_row_text(officer->canvas, officer->canvas->rows - 2, line, sizeof line);
    return line;
}

static void expect(struct officer *officer, const char *text) {
    if (strstr(status_of(officer), text) == NULL) {
        fail_msg("%dx%d: no \"%s\" in \"%s\"", officer->canvas->columns, officer->canvas->rows,
                 text, status_of(officer));
    }
}

static void expect_not(struct officer *officer, const char *text) {
    if (officer_sees(officer, text)) {
        char *screen = officer_screen(officer);
        fail_msg("\"%s\" is claimed:\n%s", text, screen);
        free(screen);
    }
}

static void the_line_is_on_every_screen_and_size(void **state) {
    (void)state;
    static const char *const places[] = {"1",          "2",         "3",          "4",
                                         "5",          "6",         "?",          "escape 2 enter",
                                         "escape n",   "escape q",  "escape 4 p", "escape 4 e",
                                         "escape 4 l", "escape 6 s"};
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = begin_busy(sizes[s][0], sizes[s][1]);
        officer.view->alarms[officer.view->alarm_count++] =
            (struct event){.kind = EVENT_MEMORY_NOT_LOCKED};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            officer_press(&officer, places[i]);
            bool is_wide = sizes[s][0] >= 72;
            expect(&officer, "Anna");
            expect(&officer, "Fire 7");
            expect(&officer, "7 h");
            expect(&officer, is_wide ? "1 of 3 can hear" : " 1/3");
            expect(&officer, is_wide ? "mic off" : "○");
            expect(&officer, is_wide ? "1 link" : "1L");
            expect(&officer, is_wide ? "1 alarm" : "!1");
        }
        officer_end(&officer);
    }
}

static void the_line_fits_in_both_languages_whatever_it_says(void **state) {
    (void)state;
    static const char *const languages[] = {"en", "de"};
    for (size_t n = 0; n < 2 * SIZES; n++) {
        assert_true(words_choose_in(languages[n % 2], officer_locale()));
        struct officer officer = begin_busy(sizes[n / 2][0], sizes[n / 2][1]);
        struct view *view = officer.view;
        officer_press(&officer, "2 t 1");
        for (unsigned i = 0; i < 64; i++) {
            struct view_group *group = &view->groups[0];
            view->talking = (i & 1) != 0;
            view->airplane = (i & 2) != 0;
            view->radio_silence = (i & 4) != 0;
            group->gmk_state = (i & 8) != 0 ? GMK_EXPIRED : GMK_USABLE;
            group->members[1].key = (i & 16) != 0 ? MEMBER_KEY_NEWER : MEMBER_KEY_NOT_OTHER;
            group->created_here = (i & 32) != 0;
            view->emergency_count = 0;
            view->alarm_count = i % 3;
            view->alarms[0] = (struct event){.kind = EVENT_MICROPHONE_SILENT};
            view->alarms[1] = (struct event){.kind = EVENT_MEMORY_NOT_LOCKED};
            officer_look(&officer);
            if (text_width(status_of(&officer)) > officer.canvas->columns) {
                fail_msg("%s", status_of(&officer));
            }
            expect(&officer, sizes[n / 2][0] >= 40 ? "Fire" : "");
        }
        officer_end(&officer);
    }
    assert_true(words_choose_in("en", officer_locale()));
}

static void who_was_left_out_sees_that_others_have_a_newer_key(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = begin_busy(sizes[s][0], sizes[s][1]);
        struct view_group *group = &officer.view->groups[0];
        group->created_here = group->distributing = false;
        for (size_t i = 1; i < group->member_count; i++) {
            group->members[i].state = MEMBER_UNKNOWN;
            group->members[i].is_pursued = false;
        }
        officer_press(&officer, "3");
        expect(&officer, "7 h");
        expect(&officer, sizes[s][0] >= 72 ? "up to 3 of 3 can hear" : "3?/3");
        group->members[2].key = MEMBER_KEY_NEWER;
        officer_look(&officer);
        expect(&officer, "OLD KEY");
        assert_null(strstr(status_of(&officer), "7 h"));
        /* It may have kept this one: who gave the new one out has, until all have it. */
        expect(&officer, sizes[s][0] >= 72 ? "up to 3 of 3 can hear" : "3?/3");
        expect_not(&officer, "hear each other");
        group->members[1].key = MEMBER_KEY_OLDER;
        officer_look(&officer);
        expect(&officer, sizes[s][0] >= 72 ? "up to 2 of 3 can hear" : "2?/3");
        assert_true(officer_sees(&officer, "Carol"));
        if (sizes[s][1] >= 14) {
            assert_true(officer_sees(&officer, "newer key"));
        }
        officer_press(&officer, "2 enter");
        assert_true(officer_sees(&officer, sizes[s][0] >= 72 ? "has a newer key" : "newer"));
        officer_end(&officer);
    }
}

static void who_was_left_out_is_led_to_the_invitation_that_brings_the_key(void **state) {
    (void)state;
    static const int small[][2] = {{80, 24}, {40, 15}, {26, 14}};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        struct officer officer = begin_busy(small[i][0], small[i][1]);
        struct event event = event_of_member(EVENT_OTHERS_KEY, BEN, "Ben", FIRE, "Fire 7");
        event.name_kind = NAME_ATTESTED;
        event.gmk_id = 0xA0000007;
        ui_notice(officer.ui, &event);
        officer_look(&officer);
        assert_true(officer_sees(&officer, "newer"));
        assert_false(officer_sees(&officer, "press i"));
        struct view_invitation *invitation = view_add_invitation(officer.view, 7, CAROL, "Carol");
        snprintf(invitation->group, sizeof invitation->group, "%s", FIRE);
        officer.view->talking = true; /* so that it does not open by itself */
        officer_look(&officer);
        expect_not(&officer, "ask for it");
        assert_true(officer_sees(&officer, "newer"));
        assert_true(i > 0 || officer_sees(&officer, "press i"));
        officer.view->groups[0].gmk_id = event.gmk_id; /* it was taken meanwhile */
        officer_look(&officer);
        expect_not(&officer, "newer");
        officer_end(&officer);
    }
}

static void who_declined_is_no_member_and_hears_nothing(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = begin_busy(sizes[s][0], sizes[s][1]);
        struct view_group *group = &officer.view->groups[0];
        group->members[2].state = MEMBER_DECLINED;
        group->members[2].is_pursued = false;
        officer_press(&officer, "3");
        expect(&officer, sizes[s][0] >= 72 ? "1 of 2 can hear" : "1/2");
        expect_not(&officer, "Members 4");
        expect_not(&officer, "4 members");
        if (sizes[s][0] >= 72) {
            assert_true(officer_sees(&officer, "1 of 2 can hear: Ben; without the key: "));
            officer_press(&officer, "2");
            assert_true(officer_sees(&officer, "ad-hoc      3"));
        }
        officer_end(&officer);
    }
}

static void who_is_away_is_not_counted(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->groups[0].members[1].is_near = false;
    officer_press(&officer, "3");
    expect(&officer, "0 of 3 can hear");
    assert_true(officer_sees(&officer, "0 of 3 can hear: away: Ben; without the key: Carol"));
    officer_end(&officer);
}

static void talk_is_not_offered_where_the_key_is_over(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = begin_busy(sizes[s][0], sizes[s][1]);
        officer.view->groups[0].gmk_state = GMK_EXPIRED;
        officer_press(&officer, "2");
        assert_null(strstr(officer_keys(&officer), "t talk"));
        officer_press(&officer, "t");
        assert_true(officer_sees(&officer, "The key of this group"));
        officer_press(&officer, "enter");
        assert_null(strstr(officer_keys(&officer), "t talk"));
        officer_press(&officer, "t");
        assert_true(officer_sees(&officer, "The key of this group"));
        officer_end(&officer);
    }
}

static void a_new_key_is_advised_to_who_can_give_one(void **state) {
    (void)state;
    char words_of_it[EVENT_WORDS_SIZE];
    struct event event = {.kind = EVENT_KEY_EXPIRED, .group = FIRE, .group_name = "Fire 7"};
    event_words(&event, words_of_it, sizeof words_of_it);
    assert_string_equal(words_of_it, "The key of Fire 7 has expired: rekey the group");
    snprintf(event.identity, sizeof event.identity, "%s", BEN);
    snprintf(event.name, sizeof event.name, "Ben");
    event.name_kind = NAME_ATTESTED;
    event_words(&event, words_of_it, sizeof words_of_it);
    assert_string_equal(
        words_of_it, "The key of Fire 7 has expired: only Ben (025764-8) can give the group a new "
                     "one");

    struct officer officer = begin_busy(80, 24);
    officer_press(&officer, "2 t");
    officer.view->groups[0].gmk_state = GMK_EXPIRED;
    officer.view->groups[0].created_here = true;
    officer_look(&officer);
    assert_true(officer_sees(&officer, "A new key brings"));
    officer.view->groups[0].created_here = false;
    officer_look(&officer);
    expect_not(&officer, "A new key brings");
    assert_true(officer_sees(&officer, "can give it a new one"));
    officer_end(&officer);
}

static void modes_fill_the_line(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = begin_busy(sizes[s][0], sizes[s][1]);
        for (int mode = 0; mode < 2; mode++) {
            officer.view->airplane = mode == 0;
            officer.view->radio_silence = mode == 1;
            officer_press(&officer, "escape 4 e"); /* also where a name is typed */
            for (int column = 0; column < officer.canvas->columns; column++) {
                assert_int_equal(
                    canvas_cell(officer.canvas, officer.canvas->rows - 2, column).style, STYLE_BAD);
            }
            officer_press(&officer, "escape");
        }
        officer_end(&officer);
    }
}

static void a_microphone_that_is_tested_is_open(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->sound.test = VIEW_TEST_RECORDS;
    officer_look(&officer);
    expect(&officer, "MIC OPEN");
    officer.view->sound.test = VIEW_TEST_PLAYS;
    officer_look(&officer);
    expect(&officer, "mic off");
    officer_end(&officer);
}

static void on_small_screens_what_is_pressing_comes_first(void **state) {
    (void)state;
    static const char *const languages[] = {"en", "de"};
    for (size_t i = 0; i < 2; i++) {
        assert_true(words_choose_in(languages[i], officer_locale()));
        struct officer officer = begin_busy(26, 14);
        officer_press(&officer, "0");
        assert_non_null(strstr(officer_keys(&officer), "y "));
        officer_press(&officer, "1");
        assert_null(strstr(officer_keys(&officer), "y "));
        officer_press(&officer, "c");
        assert_non_null(strstr(officer_keys(&officer), "y "));
        officer.view->call_state = CALL_RINGING;
        snprintf(officer.view->call_identity, sizeof officer.view->call_identity, "%s", BEN);
        officer_press(&officer, "3");
        assert_non_null(strstr(officer_keys(&officer), "h "));
        officer.view->call_state = CALL_NONE;
        officer.view->radio_silence = true;
        officer_look(&officer);
        expect(&officer, i == 0 ? "○ SILENT" : "○ STILL");
        officer_end(&officer);
    }
    assert_true(words_choose_in("en", officer_locale()));
}

static void an_open_microphone_and_a_lost_one_are_told_apart(void **state) {
    (void)state;
    struct officer officer = begin_busy(80, 24);
    officer.view->talking = true;
    officer_look(&officer);
    expect(&officer, "MIC OPEN");
    officer.view->alarms[officer.view->alarm_count++] =
        (struct event){.kind = EVENT_MICROPHONE_SILENT};
    officer_look(&officer);
    expect(&officer, "NO MIC");
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_line_is_on_every_screen_and_size),
        cmocka_unit_test(the_line_fits_in_both_languages_whatever_it_says),
        cmocka_unit_test(who_was_left_out_sees_that_others_have_a_newer_key),
        cmocka_unit_test(who_was_left_out_is_led_to_the_invitation_that_brings_the_key),
        cmocka_unit_test(who_declined_is_no_member_and_hears_nothing),
        cmocka_unit_test(who_is_away_is_not_counted),
        cmocka_unit_test(talk_is_not_offered_where_the_key_is_over),
        cmocka_unit_test(a_new_key_is_advised_to_who_can_give_one),
        cmocka_unit_test(modes_fill_the_line),
        cmocka_unit_test(a_microphone_that_is_tested_is_open),
        cmocka_unit_test(on_small_screens_what_is_pressing_comes_first),
        cmocka_unit_test(an_open_microphone_and_a_lost_one_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
