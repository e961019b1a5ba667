/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What calls for an officer who does not look: the title flashes, and what was missed stays as a
 * row until it is looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "officer.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

static const int sizes[][2] = {{80, 24}, {40, 15}, {26, 14}, {200, 60}};

enum {
    SIZES = sizeof sizes / sizeof sizes[0],
    SECOND_MS = 1000,
};

/* The newest line of the log. */
static void happen(struct view *view, struct event event) {
    memmove(&view->log[1], &view->log[0], view->log_count * sizeof view->log[0]);
    memmove(&view->log_times[1], &view->log_times[0], view->log_count * sizeof view->log_times[0]);
    view->utc_ms += 60 * SECOND_MS;
    event.utc_ms = view->utc_ms - SECOND_MS;
    event.name_kind = NAME_ATTESTED;
    view->log[0] = event;
    view->log_times[0] = (struct view_log_times){.times = 1};
    view->log_count++;
}

static void a_missed_call_stays_as_a_row_until_the_log_is_looked_at(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = officer_begin(sizes[s][0], sizes[s][1]);
        view_busy(officer.view);
        officer_look(&officer);
        assert_false(officer_sees(&officer, "missed"));
        happen(officer.view, event_of_member(EVENT_INVITATION_EXPIRED, BEN, "Ben", "", ""));
        static const char *const places[] = {"1", "2", "3", "4", "6", "2 enter", "escape n"};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            officer_press(&officer, places[i]);
            assert_true(officer_sees(&officer, sizes[s][0] < 40 ? "5: missed" : "Press 5: missed"));
            assert_true(officer_sees(&officer, "Ben"));
        }
        officer_press(&officer, "escape 5");
        assert_false(officer_sees(&officer, "Press 5"));
        officer_press(&officer, "1");
        assert_false(officer_sees(&officer, "missed"));
        officer_end(&officer);
    }
}

static void several_are_counted_and_the_latest_is_named(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    happen(officer.view,
           event_of_member(EVENT_INVITATION_WITHDRAWN, CAROL, "Carol", FIRE, "Fire 7"));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "missed a request"));
    assert_true(officer_sees(&officer, "Carol, Fire 7"));
    happen(officer.view, event_of_member(EVENT_INVITATION_LOST, BEN, "Ben", FIRE, "Fire 7"));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "missed 2 calls and requests"));
    assert_true(officer_sees(&officer, "Ben"));
    /* What this officer declined was not missed. */
    officer_press(&officer, "5 1");
    happen(officer.view, event_of_member(EVENT_INVITATION_DECLINED, BEN, "Ben", FIRE, "Fire 7"));
    officer_look(&officer);
    assert_false(officer_sees(&officer, "missed"));
    happen(officer.view, event_of_member(EVENT_INVITATION_LOST, BEN, "Ben", "", ""));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "missed a call"));
    officer_end(&officer);
}

static void a_clock_that_is_set_back_hides_nothing_that_is_missed_then(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    officer_press(&officer, "5 1");
    officer.view->utc_ms -= 3600 * SECOND_MS;
    officer.view->log_count = 0;
    officer_look(&officer);
    happen(officer.view, event_of_member(EVENT_INVITATION_LOST, BEN, "Ben", "", ""));
    officer_look(&officer);
    assert_true(officer_sees(&officer, "missed a call"));
    officer_end(&officer);
}

static void the_title_flashes_and_says_the_same(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    ui_time(officer.ui, 5 * SECOND_MS);
    officer_look(&officer);
    char before[256], after[256];
    assert_true(canvas_row_text(officer.canvas, 0, before, sizeof before));
    const struct cell calm = canvas_cell(officer.canvas, 0, 0);
    ui_alert(officer.ui);
    officer_look(&officer);
    assert_true(canvas_row_text(officer.canvas, 0, after, sizeof after));
    assert_string_equal(before, after);
    assert_int_not_equal(canvas_cell(officer.canvas, 0, 0).style, calm.style);
    assert_int_not_equal(canvas_cell(officer.canvas, 0, 79).style, calm.style);
    ui_time(officer.ui, 7 * SECOND_MS);
    officer_look(&officer);
    assert_int_equal(canvas_cell(officer.canvas, 0, 0).style, calm.style);
    officer_end(&officer);
}

static void who_and_when_are_there_on_a_small_screen_however_many_there_are(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = officer_begin(sizes[s][0], sizes[s][1]);
        view_busy(officer.view);
        view_add_group(officer.view, BOAT, "A boat with a name that is long");
        for (unsigned i = 1; i <= 2; i++) {
            happen(officer.view, event_of_member(EVENT_INVITATION_EXPIRED, DAVE, "Zoe", BOAT,
                                                 "A boat with a name that is long"));
            officer_look(&officer);
            officer_press(&officer, "4");
            assert_true(officer_sees(&officer, "missed"));
            assert_true(officer_sees(&officer, "Zoe"));
            assert_true(officer_sees(&officer, i == 1 ? " 12:34 " : " 12:35 ") ||
                        officer_sees(&officer, i == 1 ? " 12:35 " : " 12:36 "));
        }
        officer_end(&officer);
    }
}

static void no_key_is_named_where_it_does_nothing_or_is_text(void **state) {
    (void)state;
    struct officer officer = officer_begin(80, 24);
    view_busy(officer.view);
    happen(officer.view, event_of_member(EVENT_INVITATION_EXPIRED, BEN, "Ben", "", ""));
    officer_press(&officer, "3 ?");
    assert_true(officer_sees(&officer, "Missed a call"));
    assert_false(officer_sees(&officer, "Press 5"));
    officer_press(&officer, "escape m n");
    officer.view->invitation_count = 0;
    view_add_invitation(officer.view, 7, BEN, "Ben");
    officer_look(&officer);
    assert_true(officer_sees(&officer, "Missed a call"));
    assert_false(officer_sees(&officer, "Press 5"));
    assert_true(officer_sees(&officer, "! Ben asks"));
    assert_false(officer_sees(&officer, "Press i"));
    officer_press(&officer, "escape");
    assert_true(officer_sees(&officer, "! Press i: Ben asks") ||
                officer_sees(&officer, "Your decision"));
    officer_end(&officer);
}

static void unread_messages_are_a_row_on_every_screen(void **state) {
    (void)state;
    for (size_t s = 0; s < SIZES; s++) {
        struct officer officer = officer_begin(sizes[s][0], sizes[s][1]);
        view_add_group(officer.view, FIRE, "Fire 7");
        view_add_group(officer.view, RESCUE, "Rescue 2");
        officer.view->groups[1].unread = 2;
        officer_look(&officer);
        static const char *const places[] = {"1", "2", "4", "5", "6", "2 enter", "escape n"};
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            officer_press(&officer, places[i]);
            assert_true(officer_sees(&officer, "2 unread"));
            assert_true(officer_sees(&officer, "3"));
        }
        officer_press(&officer, "escape 3"); /* where another group is shown */
        assert_true(officer_sees(&officer, "2 unread"));
        officer_press(&officer, "right");
        assert_true(officer_sees(&officer, "* 2 unread messages: m"));
        officer_press(&officer, "m");
        assert_false(officer_sees(&officer, "2 unread"));
        officer_press(&officer, "escape");
        officer.view->groups[1].unread = 0;
        officer_press(&officer, "1");
        assert_false(officer_sees(&officer, "unread"));
        officer_end(&officer);
    }
}

static void what_nobody_decided_was_not_declined(void **state) {
    (void)state;
    char words[EVENT_WORDS_SIZE];
    struct event event = event_of_member(EVENT_INVITATION_EXPIRED, BEN, "Ben", "", "");
    event.name_kind = NAME_ATTESTED;
    event_words(&event, words, sizeof words);
    assert_null(strstr(words, "declined"));
    assert_non_null(strstr(words, "nobody answered"));
    event = (struct event){.kind = EVENT_MESSAGE_WAITS, .group_name = "Fire 7"};
    event_words(&event, words, sizeof words);
    assert_null(strstr(words, "until radio silence is over")); /* it may be airplane mode */
    event = (struct event){
        .kind = EVENT_MESSAGE_NOT_SENT, .group_name = "Fire 7", .check = "gmk-expired"};
    event_words(&event, words, sizeof words);
    assert_null(strstr(words, "GMK"));
}

int main(void) {
    if (!words_choose_in("en", officer_locale())) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missed_call_stays_as_a_row_until_the_log_is_looked_at),
        cmocka_unit_test(several_are_counted_and_the_latest_is_named),
        cmocka_unit_test(a_clock_that_is_set_back_hides_nothing_that_is_missed_then),
        cmocka_unit_test(the_title_flashes_and_says_the_same),
        cmocka_unit_test(who_and_when_are_there_on_a_small_screen_however_many_there_are),
        cmocka_unit_test(no_key_is_named_where_it_does_nothing_or_is_text),
        cmocka_unit_test(unread_messages_are_a_row_on_every_screen),
        cmocka_unit_test(what_nobody_decided_was_not_declined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
