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
            assert_true(officer_sees(&officer, "Press 5: missed a call"));
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

int main(void) {
    if (!words_choose_in("en", officer_locale())) {
        return 1;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_missed_call_stays_as_a_row_until_the_log_is_looked_at),
        cmocka_unit_test(several_are_counted_and_the_latest_is_named),
        cmocka_unit_test(a_clock_that_is_set_back_hides_nothing_that_is_missed_then),
        cmocka_unit_test(the_title_flashes_and_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
