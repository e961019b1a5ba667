/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ui/screens/page.h"
#include "ui/screens/text.h"

enum {
    SECOND = 1000,
    MINUTE = 60 * SECOND,
    HOUR = 60 * MINUTE
};

static void time_left_is_never_told_longer_than_it_is(void **state) {
    (void)state;
    static const struct {
        int64_t ms;
        const char *full, *brief;
    } times[] = {
        {INT64_MIN, "0 s", "0 s"},           {999, "0 s", "0 s"},
        {59 * SECOND + 999, "59 s", "59 s"}, {MINUTE, "1 min", "1 min"},
        {HOUR - 1, "59 min", "59 min"},      {HOUR, "1 h", "1 h"},
        {8 * HOUR - 1, "7 h 59 min", "7 h"}, {3 * HOUR + 5 * MINUTE, "3 h 05 min", "3 h"},
        {24 * HOUR, "24 h", "24 h"},         {INT64_C(76) * HOUR, "3 days 4 h", "3 d"},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        char text[TEXT_SIZE];
        text_duration(times[i].ms, text);
        assert_string_equal(text, times[i].full);
        text_duration_short(times[i].ms, text);
        assert_string_equal(text, times[i].brief);
    }
}

static void a_clock_difference_is_rounded_and_has_no_sign(void **state) {
    (void)state;
    char text[TEXT_SIZE];
    text_difference(3 * HOUR - 2 * SECOND, text);
    assert_string_equal(text, "3 h");
    text_difference(-(3 * HOUR + 20 * SECOND), text);
    assert_string_equal(text, "3 h");
    text_difference_short(-(3 * HOUR - 2 * SECOND), text);
    assert_string_equal(text, "3 h");
    text_difference(-40 * SECOND, text);
    assert_string_equal(text, "40 s");
    text_difference(INT64_MIN, text);
    text_difference_short(INT64_MIN, text);
}

static void moments_that_are_none_are_dashes(void **state) {
    (void)state;
    char text[TEXT_SIZE];
    text_time(INT64_C(1795521600000), text);
    assert_string_equal(text, "12:00:00");
    text_date(INT64_C(1795521600000), text);
    assert_string_equal(text, "2026-11-24 12:00");
    text_time(INT64_MAX, text);
    assert_string_equal(text, "--:--:--");
    text_date(INT64_MIN, text);
    assert_string_equal(text, "----------");
}

static void an_identity_over_several_rows_loses_nothing(void **state) {
    (void)state;
    static const char *const identities[] = {
        "urn:gsma:imei:90420156-025763-0", "tel:+447700900123",
        "adhoc:urn:gsma:imei:90420156-025763-0;00c0ffee00c0ffee",
        "sip:a.very.long.name.without.any.joints.at.all@county.example", "火火火火火火火火火"};
    for (size_t i = 0; i < sizeof identities / sizeof identities[0]; i++) {
        for (int width = 2; width < 70; width++) {
            struct canvas *canvas = canvas_new(width, 64);
            int rows = text_wrapped(area_of(canvas), 0, 0, width, STYLE_PLAIN, identities[i]);
            char joined[1024] = "", row[256];
            for (int at = 0; at < rows; at++) {
                assert_true(canvas_row_text(canvas, at, row, sizeof row));
                strcat(joined, row);
            }
            assert_string_equal(joined, identities[i]);
            canvas_free(canvas);
        }
    }
}

static void text_is_broken_at_blanks_and_identities_at_their_joints(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(20, 4);
    char row[64];
    text_wrapped(area_of(canvas), 0, 0, 20, STYLE_PLAIN, "heard from the other handset");
    canvas_row_text(canvas, 0, row, sizeof row);
    assert_string_equal(row, "heard from the other");
    text_wrapped(area_of(canvas), 2, 0, 20, STYLE_PLAIN, "urn:gsma:imei:90420156-025763-0");
    canvas_row_text(canvas, 2, row, sizeof row);
    assert_string_equal(row, "urn:gsma:imei:");
    canvas_free(canvas);
}

static void what_is_cut_is_cut_between_characters(void **state) {
    (void)state;
    char out[6];
    text_copy(out, sizeof out, "abcdé");
    assert_string_equal(out, "abcd");
    text_copy(out, sizeof out, "abcé");
    assert_string_equal(out, "abcé");
}

static void the_last_tenth_ends_soon(void **state) {
    (void)state;
    static struct view_group group = {.gmk_state = GMK_USABLE, .period_ms = 10 * HOUR};
    char text[TEXT_SIZE];
    group.remaining_ms = HOUR + 1;
    text_left(&group, text);
    assert_string_equal(text, "1 h left");
    assert_int_equal(text_left_style(&group), STYLE_GOOD);
    group.remaining_ms = HOUR;
    text_left(&group, text);
    assert_string_equal(text, "1 h left, ends soon");
    assert_int_equal(text_left_style(&group), STYLE_CAUTION);
    group.gmk_state = GMK_EXPIRED;
    assert_int_equal(text_left_style(&group), STYLE_BAD);
    group.gmk_state = GMK_NOT_YET;
    group.begins_in_ms = HOUR;
    text_left(&group, text);
    assert_string_equal(text, "begins in 1 h");
}

static unsigned cut_of_page(struct canvas *canvas, struct scroll *scroll) {
    canvas_clear(canvas);
    struct page page = page_begin(scroll, area_of(canvas));
    do {
        page_text(&page, 0, STYLE_PLAIN, "one two three");
    } while (page_again(&page));
    return canvas->cut;
}

static void text_below_its_area_is_cut_off_unless_it_scrolls(void **state) {
    (void)state;
    struct canvas *two_rows = canvas_new(7, 2), *three_rows = canvas_new(7, 3);
    struct scroll scroll = {0};
    text_wrapped(area_of(three_rows), 0, 0, 7, STYLE_PLAIN, "one two three");
    assert_int_equal(three_rows->cut, 0);
    text_wrapped(area_of(three_rows), 2, 0, 7, STYLE_PLAIN, "one two three");
    assert_int_equal(three_rows->cut, 1);
    text_scrolled(area_of(two_rows), 1, 0, 7, STYLE_PLAIN, "one two three");
    assert_int_equal(two_rows->cut, 0);
    assert_int_equal(cut_of_page(three_rows, NULL), 0);
    assert_int_equal(cut_of_page(two_rows, &scroll), 0);
    assert_int_equal(cut_of_page(two_rows, NULL), 1);
    canvas_free(two_rows);
    canvas_free(three_rows);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_left_is_never_told_longer_than_it_is),
        cmocka_unit_test(a_clock_difference_is_rounded_and_has_no_sign),
        cmocka_unit_test(moments_that_are_none_are_dashes),
        cmocka_unit_test(an_identity_over_several_rows_loses_nothing),
        cmocka_unit_test(text_is_broken_at_blanks_and_identities_at_their_joints),
        cmocka_unit_test(what_is_cut_is_cut_between_characters),
        cmocka_unit_test(the_last_tenth_ends_soon),
        cmocka_unit_test(text_below_its_area_is_cut_off_unless_it_scrolls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
