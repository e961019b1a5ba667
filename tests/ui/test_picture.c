/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/picture.h"

static char *drawn(const struct canvas *canvas, const char *title) {
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    assert_true(picture_write(canvas, title, out));
    fclose(out);
    return text;
}

static void assert_has(const char *picture, const char *part) {
    if (!strstr(picture, part)) {
        fail_msg("no '%s' in:\n%s", part, picture);
    }
}

static void each_run_of_a_style_stands_on_its_columns(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(10, 2);
    area_text(area_of(canvas), 0, 0, STYLE_PLAIN, "ab");
    area_text(area_of(canvas), 1, 4, STYLE_BAD, "expired");
    char *picture = drawn(canvas, "Muster");
    assert_has(picture, "viewBox=\"0 0 110 58\"");
    assert_has(picture, "<text class=\"plain\" x=\"10\" y=\"24\" textLength=\"18\">ab</text>");
    assert_has(picture,
               "<rect class=\"bad-behind\" x=\"46\" y=\"29\" width=\"54\" height=\"19\"/>");
    assert_has(picture, "<text class=\"bad\" x=\"46\" y=\"43\" textLength=\"54\">expire</text>");
    free(picture);
    canvas_free(canvas);
}

static void light_and_dark_pages_have_their_own_colours(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(1, 1);
    char *picture = drawn(canvas, "Muster");
    char *dark = strstr(picture, "@media (prefers-color-scheme: dark)");
    assert_non_null(dark);
    assert_has(dark, ".paper { fill: #0d1117 }");
    *dark = 0;
    assert_has(picture, ".paper { fill: #ffffff }");
    free(picture);
    canvas_free(canvas);
}

static void what_xml_would_read_as_markup_is_escaped(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(12, 1);
    area_text(area_of(canvas), 0, 0, STYLE_STRONG, "</text>&amp;");
    char *picture = drawn(canvas, "a<b");
    assert_has(picture, "<title>a&lt;b</title>");
    assert_has(picture, ">&lt;/text&gt;&amp;amp;</text>");
    free(picture);
    canvas_free(canvas);
}

static void wide_characters_and_marks_are_written_once(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(5, 1);
    area_text(area_of(canvas), 0, 0, STYLE_GOOD, "消e\xCC\x88防");
    char *picture = drawn(canvas, "Muster");
    assert_has(picture, "textLength=\"45\">消e\xCC\x88防</text>");
    free(picture);
    canvas_free(canvas);
}

static void bars_and_lines_are_drawn_without_a_font(void **state) {
    (void)state;
    struct canvas *canvas = canvas_new(8, 1);
    area_bar(area_of(canvas), 0, 0, 4, STYLE_GOOD, 5, 8);
    area_text(area_of(canvas), 0, 5, STYLE_GOOD, "x");
    char *picture = drawn(canvas, "Muster");
    assert_has(picture, "<rect class=\"good\" x=\"10.00\" y=\"10.00\" width=\"18.00\" "
                        "height=\"19.00\" opacity=\"1\"/>");
    assert_has(picture, "<rect class=\"good\" x=\"28.00\" y=\"10.00\" width=\"4.50\" ");
    assert_has(picture, "<rect class=\"dim\" x=\"37.00\" y=\"10.00\" width=\"9.00\" "
                        "height=\"19.00\" opacity=\"0.2\"/>");
    assert_has(picture, "<text class=\"good\" x=\"55\" y=\"24\" textLength=\"9\">x</text>");
    assert_null(strstr(picture, "█"));
    free(picture);
    /* A bar has the colour behind its style's text. */
    canvas_clear(canvas);
    area_bar(area_of(canvas), 0, 0, 4, STYLE_TALK, 3, 8);
    picture = drawn(canvas, "Muster");
    assert_has(picture, "<rect class=\"talk-behind\" x=\"19.00\" y=\"10.00\" width=\"4.50\" ");
    free(picture);
    canvas_free(canvas);
}

static void a_picture_that_cannot_be_written_is_reported(void **state) {
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        skip();
    }
    struct canvas *canvas = canvas_new(80, 24);
    assert_false(picture_write(canvas, "Muster", full));
    fclose(full);
    canvas_free(canvas);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_run_of_a_style_stands_on_its_columns),
        cmocka_unit_test(light_and_dark_pages_have_their_own_colours),
        cmocka_unit_test(what_xml_would_read_as_markup_is_escaped),
        cmocka_unit_test(wide_characters_and_marks_are_written_once),
        cmocka_unit_test(bars_and_lines_are_drawn_without_a_font),
        cmocka_unit_test(a_picture_that_cannot_be_written_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
