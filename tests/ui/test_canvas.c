/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>
#include <locale.h>

#include "ui/canvas.h"
#include "ui/character.h"

static void assert_row(const struct canvas *canvas, int row, const char *expected) {
    char text[512];
    assert_true(canvas_row_text(canvas, row, text, sizeof text));
    assert_string_equal(text, expected);
}

static void widths_agree_with_the_c_library(void **state) {
    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8")) {
        skip();
    }
    unsigned compared = 0;
    for (uint32_t character = 0xA0; character < 0x110000; character++) {
        int expected = wcwidth((wchar_t)character);
        char text[CHARACTER_UTF8_SIZE];
        const char *at = text;
        character_utf8(character, text);
        if (expected < 0 || character_next(&at) != character) {
            continue;
        }
        if (character_width(character) != expected) {
            fail_msg("U+%04X is %d columns, not %d", (unsigned)character, expected,
                     character_width(character));
        }
        compared++;
    }
    assert_true(compared > 100000);
    setlocale(LC_CTYPE, "C");
}

static void every_character_survives_utf8_or_becomes_a_question_mark(void **state) {
    (void)state;
    for (uint32_t character = 1; character < 0x110000; character++) {
        char text[CHARACTER_UTF8_SIZE];
        size_t length = character_utf8(character, text);
        const char *at = text;
        uint32_t back = character_next(&at);
        assert_true(back == character || back == '?');
        if (character >= 0x20 && character < 0x7F) {
            assert_int_equal(back, character);
        }
        if (character < 0xD800 || character >= 0xE000) {
            assert_ptr_equal(at, text + length);
        }
    }
}

static void octets_that_are_not_utf8_become_one_question_mark_each(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(40, 1);
    /* a lone continuation, an overlong '/', a surrogate, above U+10FFFF, a cut-off sequence */
    area_text(area_of(canvas), 0, 0, STYLE_PLAIN,
              "a\x80"
              "b\xC0\xAF"
              "c\xED\xA0\x80"
              "d\xF4\x90\x80\x80"
              "e\xE2\x82");
    assert_row(canvas, 0, "a?b??c???d????e??");
    canvas_free(canvas);
}

static void a_name_from_the_air_cannot_disturb_the_screen(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(20, 2);
    /* escape, newline, bell, delete, C1 CSI, right-to-left override, zero width space */
    int used = area_text(area_of(canvas), 0, 0, STYLE_PLAIN,
                         "\033[2J\n\a\x7F\xC2\x9B\xE2\x80\xAE\xE2\x80\x8Bx");
    assert_int_equal(used, 11);
    assert_row(canvas, 0, "?[2J??????x");
    assert_row(canvas, 1, "");
    canvas_free(canvas);
}

static void combining_marks_take_no_column(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 1);
    /* Zoë with a combining diaeresis, a second mark and a variation selector */
    const char *name = "Zoe\xCC\x88\xCC\x81\xEF\xB8\x8F!";
    assert_int_equal(text_width(name), 4);
    assert_int_equal(area_text(area_of(canvas), 0, 0, STYLE_PLAIN, name), 4);
    assert_int_equal(canvas_cell(canvas, 0, 2).character, 'e');
    assert_int_equal(canvas_cell(canvas, 0, 2).marks[0], 0x308);
    assert_int_equal(canvas_cell(canvas, 0, 2).marks[1], 0x301);
    assert_int_equal(canvas_cell(canvas, 0, 2).marks[2], 0);
    assert_int_equal(canvas_cell(canvas, 0, 3).character, '!');
    assert_row(canvas, 0, "Zoe\xCC\x88\xCC\x81!");
    /* A mark with nothing to stand on must not land on a neighbour's cell, and is seen. */
    assert_int_equal(area_text(area_of(canvas), 0, 4, STYLE_PLAIN, "\xCC\x88z"), 2);
    assert_int_equal(text_width("\xCC\x88z"), 2);
    assert_int_equal(canvas_cell(canvas, 0, 3).marks[0], 0);
    assert_row(canvas, 0, "Zoe\xCC\x88\xCC\x81!\xE2\x97\x8C\xCC\x88z");
    canvas_free(canvas);
}

/* Two names that differ in one mark must not look alike. */
static void a_letter_is_drawn_with_all_its_marks(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int columns;
    } names[] = {
        {"\u0E1E\u0E35\u0E48\u0E14\u0E33", 3},             /* Thai: vowel and tone */
        {"Nguye\u0302\u0303n", 6},                         /* Vietnamese, decomposed */
        {"\u05E9\u05B8\u05BC\u05C1\u05DC", 2},             /* Hebrew points */
        {"\u0645\u06CC\u200C\u0631\u0648\u0645", 5},       /* Persian, non-joiner */
        {"\u0915\u094D\u200D\u0937", 2},                   /* Devanagari half form */
        {"\u0928\u093F\u0932\u093E", 4},                   /* vowel signs beside letters */
        {"\u1112\u1161\u11AB", 2},                         /* Hangul letters */
        {"\u304B\u3099\u6D88\u0301x", 5},                  /* marks on wide characters */
        {"\U0001F468\u200D\U0001F469\u200D\U0001F467", 6}, /* a family */
        {"a\u0305\u0332\u0333\u033F", 1},                  /* as many as a cell holds */
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct canvas *canvas = canvas_new(10, 1);
        assert_int_equal(text_width(names[i].name), names[i].columns);
        assert_int_equal(area_text(area_of(canvas), 0, 0, STYLE_PLAIN, names[i].name),
                         names[i].columns);
        assert_row(canvas, 0, names[i].name);
        canvas_free(canvas);
    }
}

static void a_letter_with_too_many_marks_is_no_other_letter(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 1);
    int used =
        area_text(area_of(canvas), 0, 0, STYLE_PLAIN, "ax\u0301\u0302\u0303\u0304\u0305\u0306z");
    assert_int_equal(used, 3);
    assert_row(canvas, 0, "a\uFFFDz");
    used = area_text(area_of(canvas), 0, 4, STYLE_PLAIN, "\u6D88\u0301\u0302\u0303\u0304\u0305z");
    assert_int_equal(used, 3);
    assert_row(canvas, 0, "a\uFFFDz \uFFFD z");
    canvas_free(canvas);
}

static void a_joiner_that_joins_nothing_is_seen(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 1);
    assert_int_equal(text_width("An\u200Dna"), 5);
    area_text(area_of(canvas), 0, 0, STYLE_PLAIN, "An\u200Dna");
    assert_row(canvas, 0, "An?na");
    canvas_free(canvas);
}

/* Part of a letter is another letter. */
static void a_letter_is_cut_off_whole(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 3);
    struct area area = area_of(canvas);
    area_text_fit(area, 0, 0, 4, STYLE_PLAIN, "\u0928\u093F\u0932\u093E\u0932");
    assert_row(canvas, 0, "\u0928\u093F …");
    area_text_fit(area, 1, 0, 7, STYLE_PLAIN, "ab\U0001F468\u200D\U0001F469\u200D\U0001F467");
    assert_row(canvas, 1, "ab    …");
    assert_int_equal(area_text(area_within(area, 2, 0, 1, 3), 0, 0, STYLE_PLAIN, "ab\u0928\u093F"),
                     3);
    assert_row(canvas, 2, "ab");
    assert_int_equal(canvas->cut, 1);
    canvas_free(canvas);
}

static void wide_characters_take_two_cells_and_are_never_halved(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(6, 3);
    struct area area = area_of(canvas);
    assert_int_equal(area_text(area, 0, 0, STYLE_PLAIN, "消防車x"), 6);
    assert_int_equal(canvas_cell(canvas, 0, 0).character, 0x6D88);
    assert_int_equal(canvas_cell(canvas, 0, 1).character, 0);
    assert_row(canvas, 0, "消防車");
    area_text(area, 0, 1, STYLE_PLAIN, "a");
    assert_row(canvas, 0, " a防車");
    area_text(area, 0, 2, STYLE_PLAIN, "b");
    assert_row(canvas, 0, " ab 車");
    assert_int_equal(area_text(area, 1, 5, STYLE_PLAIN, "車"), 1);
    assert_row(canvas, 1, "");
    assert_int_equal(canvas_cell(canvas, 1, 5).character, ' ');
    area_text(area, 2, -1, STYLE_PLAIN, "車y");
    assert_row(canvas, 2, " y");
    canvas_free(canvas);
}

static void drawing_is_clipped_to_its_area(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 4);
    area_fill(area_of(canvas), '.', STYLE_PLAIN);
    struct area part = area_within(area_of(canvas), 1, 2, 2, 5);
    assert_int_equal(area_text(part, 0, 0, STYLE_PLAIN, "abcdefgh"), 5);
    assert_int_equal(area_text(part, 1, -2, STYLE_PLAIN, "abcd"), 4);
    area_text(part, 2, 0, STYLE_PLAIN, "never");
    area_text(part, -1, 0, STYLE_PLAIN, "never");
    assert_row(canvas, 0, "..........");
    assert_row(canvas, 1, "..abcde...");
    assert_row(canvas, 2, "..cd......");
    assert_row(canvas, 3, "..........");
    canvas_free(canvas);
}

static void an_area_within_an_area_is_what_they_have_in_common(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 4);
    struct area inner = area_within(area_within(area_of(canvas), 1, 5, 9, 9), 0, 2, 100, 100);
    assert_int_equal(inner.row, 1);
    assert_int_equal(inner.column, 7);
    assert_int_equal(inner.rows, 3);
    assert_int_equal(inner.columns, 3);
    assert_int_equal(area_within(area_of(canvas), 0, 20, 1, 5).columns, 0);
    assert_int_equal(area_within(area_of(canvas), -2, -2, 3, 3).columns, 1);
    assert_int_equal(area_within(area_of(canvas), 0, 0, 1, -4).columns, 0);
    assert_int_equal(area_within(area_of(canvas), 0, 1, 1, INT32_MAX).columns, 9);
    canvas_free(canvas);
}

static void random_drawing_stays_inside_and_leaves_no_half_character(void **state) {
    (void)state;
    unsigned seed = 20260101;
    print_message("seed %u\n", seed);
    srandom(seed);
    static const char *const pieces[] = {"消", "a", "\xCC\x88", "\xFF", "…", "🚒", " "};
    struct canvas *canvas = canvas_new(9, 3);
    for (int round = 0; round < 20000; round++) {
        char text[64] = "";
        for (long i = random() % 8; i > 0; i--) {
            strcat(text, pieces[random() % 7]);
        }
        struct area area =
            area_within(area_of(canvas), (int)(random() % 5) - 1, (int)(random() % 11) - 1,
                        (int)(random() % 4), (int)(random() % 11));
        int column = (int)(random() % 12) - 2, width = (int)(random() % 8);
        int used = random() % 2 ? area_text(area, 0, column, STYLE_PLAIN, text)
                                : area_text_fit(area, 0, column, width, STYLE_PLAIN, text);
        assert_true(used >= 0 && column + used <= (area.columns > column ? area.columns : column));
        for (int i = 0; i < 27; i++) {
            bool second = canvas->cells[i].character == 0;
            bool after_wide = i % 9 > 0 && character_width(canvas->cells[i - 1].character) == 2 &&
                              canvas->cells[i - 1].character != 0;
            assert_int_equal(second, after_wide);
        }
    }
    canvas_free(canvas);
}

static void text_that_does_not_fit_ends_in_an_ellipsis(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(12, 5);
    struct area area = area_of(canvas);
    assert_int_equal(area_text_fit(area, 0, 0, 6, STYLE_PLAIN, "abcdef"), 6);
    assert_row(canvas, 0, "abcdef");
    assert_int_equal(area_text_fit(area, 1, 0, 6, STYLE_PLAIN, "abcdefg"), 6);
    assert_row(canvas, 1, "abcde…");
    assert_int_equal(area_text_fit(area, 2, 0, 4, STYLE_PLAIN, "消防車"), 4);
    assert_row(canvas, 2, "消 …");
    assert_int_equal(area_text_fit(area, 3, 8, 20, STYLE_PLAIN, "abcdefg"), 4);
    assert_row(canvas, 3, "        abc…");
    assert_int_equal(area_text_fit(area, 4, 0, 0, STYLE_PLAIN, "abc"), 0);
    assert_row(canvas, 4, "");
    canvas_free(canvas);
}

static void texts_that_are_cut_off_or_covered_are_counted(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 3);
    struct area area = area_of(canvas);
    area_text(area, 0, 0, STYLE_PLAIN, "0123456789");
    area_text(area, 1, 8, STYLE_PLAIN, "ab   ");
    area_text(area, 1, 10, STYLE_PLAIN, "");
    area_text(area, 1, 10, STYLE_PLAIN, "  ");
    area_text(area, 3, 0, STYLE_PLAIN, "below everything that is shown");
    area_text_fit(area, 1, 0, 5, STYLE_PLAIN, "a long name");
    area_words_fit(area, 2, 0, 5, STYLE_PLAIN, "words");
    assert_int_equal(canvas->cut, 0);
    area_text(area, 2, 6, STYLE_PLAIN, "words");
    assert_int_equal(canvas->cut, 1);
    area_text(area, 1, 10, STYLE_PLAIN, "x");
    assert_int_equal(canvas->cut, 2);
    area_text(area, 2, -1, STYLE_PLAIN, "x");
    assert_int_equal(canvas->cut, 3);
    canvas_clear(canvas);
    assert_int_equal(canvas->cut, 0);
    area_words_fit(area, 2, 0, 4, STYLE_PLAIN, "words");
    assert_int_equal(canvas->cut, 1);
    /* What lies on another text; lines and bars are made to be written on. */
    area_text(area, 0, 0, STYLE_PLAIN, "under");
    area_text(area, 0, 4, STYLE_PLAIN, " over");
    assert_int_equal(canvas->cut, 2);
    area_text_fit(area, 0, 2, 3, STYLE_PLAIN, "name");
    assert_int_equal(canvas->cut, 3);
    area_fill(area, 0x2500, STYLE_DIM);
    area_bar(area, 1, 0, 10, STYLE_GOOD, 1, 2);
    area_text(area, 0, 1, STYLE_PLAIN, "over");
    area_text(area, 1, 1, STYLE_PLAIN, "over");
    assert_int_equal(canvas->cut, 3);
    canvas_free(canvas);
}

static void a_bar_shows_its_part_in_eighths(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(4, 6);
    struct area area = area_of(canvas);
    area_bar(area, 0, 0, 4, STYLE_GOOD, 1, 2);
    assert_row(canvas, 0, "██░░");
    area_bar(area, 1, 0, 4, STYLE_GOOD, 3, 8);
    assert_row(canvas, 1, "█▌░░");
    area_bar(area, 2, 0, 4, STYLE_BAD, 1, INT64_MAX);
    assert_row(canvas, 2, "▏░░░");
    area_bar(area, 3, 0, 4, STYLE_BAD, 0, 100);
    assert_row(canvas, 3, "░░░░");
    area_bar(area, 4, 0, 4, STYLE_GOOD, 200, 100);
    assert_row(canvas, 4, "████");
    area_bar(area, 5, 0, 4, STYLE_GOOD, 5, 0);
    assert_row(canvas, 5, "░░░░");
    assert_int_equal(canvas_cell(canvas, 0, 0).style, STYLE_GOOD);
    assert_int_equal(canvas_cell(canvas, 0, 3).style, STYLE_DIM);
    canvas_free(canvas);
}

static void a_row_that_does_not_fit_its_buffer_is_refused(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 1);
    area_text(area_of(canvas), 0, 0, STYLE_PLAIN, "abc");
    char text[4];
    assert_true(canvas_row_text(canvas, 0, text, 4));
    assert_string_equal(text, "abc");
    assert_false(canvas_row_text(canvas, 0, text, 3));
    assert_false(canvas_row_text(canvas, 0, text, 0));
    canvas_free(canvas);
}

static void cells_outside_the_canvas_are_blank(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(2, 2);
    area_fill(area_of(canvas), 'x', STYLE_BAD);
    assert_int_equal(canvas_cell(canvas, 2, 0).character, ' ');
    assert_int_equal(canvas_cell(canvas, 0, -1).character, ' ');
    assert_int_equal(canvas_cell(canvas, 0, 2).style, STYLE_PLAIN);
    canvas_free(canvas);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_agree_with_the_c_library),
        cmocka_unit_test(every_character_survives_utf8_or_becomes_a_question_mark),
        cmocka_unit_test(octets_that_are_not_utf8_become_one_question_mark_each),
        cmocka_unit_test(a_name_from_the_air_cannot_disturb_the_screen),
        cmocka_unit_test(combining_marks_take_no_column),
        cmocka_unit_test(a_letter_is_drawn_with_all_its_marks),
        cmocka_unit_test(a_letter_with_too_many_marks_is_no_other_letter),
        cmocka_unit_test(a_joiner_that_joins_nothing_is_seen),
        cmocka_unit_test(a_letter_is_cut_off_whole),
        cmocka_unit_test(wide_characters_take_two_cells_and_are_never_halved),
        cmocka_unit_test(drawing_is_clipped_to_its_area),
        cmocka_unit_test(an_area_within_an_area_is_what_they_have_in_common),
        cmocka_unit_test(random_drawing_stays_inside_and_leaves_no_half_character),
        cmocka_unit_test(text_that_does_not_fit_ends_in_an_ellipsis),
        cmocka_unit_test(texts_that_are_cut_off_or_covered_are_counted),
        cmocka_unit_test(a_bar_shows_its_part_in_eighths),
        cmocka_unit_test(a_row_that_does_not_fit_its_buffer_is_refused),
        cmocka_unit_test(cells_outside_the_canvas_are_blank),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
