/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the rows on Nearby: which there are, what the heading says, and that it is stable.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/officer.h"

enum {
    SIZES = 3,
    ROWS = 4
};

static const int sizes[SIZES][2] = {{80, 24}, {40, 15}, {26, 14}};

#define EVE "tel:+447700900199"

/* In the view's order: Zoe, Carol, Ben, and one without a name. */
static struct officer begin(size_t size) {
    struct officer officer = officer_begin(sizes[size][0], sizes[size][1]);
    struct view *view = officer.view;
    struct view_nearby *zoe = view_add_nearby(view, BEN, "zoe");
    view_hear(zoe, "bluetooth", 1, 20);
    zoe->heard_ago_ms = 50 * 1000;
    struct view_nearby *carol = view_add_nearby(view, CAROL, "Carol");
    view_hear(carol, "bluetooth", 1, 95);
    carol->is_member = true;
    carol->heard_ago_ms = 200 * 1000;
    struct view_nearby *ben = view_add_nearby(view, DAVE, "Ben");
    view_hear(ben, "bluetooth", 1, 50);
    ben->trusted = true;
    ben->heard_ago_ms = 20 * 1000;
    struct view_nearby *nobody = view_add_nearby(view, EVE, "");
    nobody->heard_ago_ms = 1000;
    officer_look(&officer);
    return officer;
}

/* Goes through the list: are these the rows, from the first to the last? */
static void expect(struct officer *officer, const char *const order[ROWS]) {
    officer_press(officer, "home");
    for (size_t i = 0; i < ROWS; i++) {
        officer_press(officer, "v");
        assert_string_equal(officer->command.identity, order[i]);
        officer_press(officer, "down");
    }
}

static void s_goes_through_the_orders_and_the_heading_says_which(void **state) {
    (void)state;
    static const struct {
        const char *heading;
        const char *order[ROWS];
    } steps[] = {
        {NULL, {BEN, CAROL, DAVE, EVE}},
        {"by name", {DAVE, CAROL, BEN, EVE}},
        {"by trust", {DAVE, CAROL, BEN, EVE}},
        {"by signal", {CAROL, DAVE, BEN, EVE}},
        {"by last heard", {EVE, DAVE, BEN, CAROL}},
        {NULL, {BEN, CAROL, DAVE, EVE}},
    };
    const size_t count = sizeof steps / sizeof steps[0];
    for (size_t size = 0; size < SIZES; size++) {
        struct officer officer = begin(size);
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < count; k++) {
                if (steps[k].heading != NULL) {
                    assert_int_equal(officer_sees(&officer, steps[k].heading), i == k);
                }
            }
            expect(&officer, steps[i].order);
            officer_press(&officer, "s");
        }
        officer_end(&officer);
    }
}

/* The cursor stays with whom it is on; and what moved under it is not acted on unseen. */
static void the_cursor_stays_with_whom_it_is_on(void **state) {
    (void)state;
    struct officer officer = begin(0);
    officer_press(&officer, "home s v");
    assert_int_equal(officer.command.kind, COMMAND_TRUST);
    assert_string_equal(officer.command.identity, BEN);
    officer_end(&officer);
}

/* A second more, or a signal that wavers within its bars, moves no row. */
static void rows_do_not_change_places_with_every_second(void **state) {
    (void)state;
    static const char *const by_heard[ROWS] = {EVE, DAVE, BEN, CAROL};
    static const char *const by_signal[ROWS] = {CAROL, DAVE, BEN, EVE};
    struct officer officer = begin(0);
    struct view_nearby *rows = officer.view->nearby;
    officer_press(&officer, "s s s");
    expect(&officer, by_signal);
    rows[0].quality = 30;
    rows[2].quality = 40;
    expect(&officer, by_signal);
    officer_press(&officer, "s");
    expect(&officer, by_heard);
    for (size_t i = 0; i < ROWS; i++) {
        rows[i].heard_ago_ms += 5000;
    }
    expect(&officer, by_heard);
    rows[2].heard_ago_ms = rows[0].heard_ago_ms - 5000; /* within the step: the usual order */
    static const char *const same_step[ROWS] = {EVE, BEN, DAVE, CAROL};
    expect(&officer, same_step);
    rows[2].heard_ago_ms = 25 * 1000;
    rows[0].heard_ago_ms = rows[1].heard_ago_ms = 0; /* as recent as the first: the usual order */
    const char *const now[ROWS] = {BEN, CAROL, EVE, DAVE};
    expect(&officer, now);
    officer_end(&officer);
}

static void who_is_revoked_or_lost_is_trusted_last(void **state) {
    (void)state;
    static const char *const order[ROWS] = {CAROL, BEN, EVE, DAVE};
    struct officer officer = begin(0);
    officer.view->nearby[2].is_revoked = true;
    officer_press(&officer, "s s");
    expect(&officer, order);
    officer_end(&officer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(s_goes_through_the_orders_and_the_heading_says_which),
        cmocka_unit_test(the_cursor_stays_with_whom_it_is_on),
        cmocka_unit_test(rows_do_not_change_places_with_every_second),
        cmocka_unit_test(who_is_revoked_or_lost_is_trusted_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
