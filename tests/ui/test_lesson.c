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
#include "ui/lesson/lesson.h"
#include "ui/words/words.h"

enum {
    HANDSETS = 5,
    FRAMES = 12,
    ROW_SIZE = 2048
};

/* A lesson with handsets that have just started. */
struct classroom {
    struct view views[HANDSETS];
    struct lesson_handset handsets[HANDSETS];
    struct lesson_frame frames[FRAMES];
    struct lesson lesson;
    struct canvas *canvas;
};

static const char *const names[HANDSETS] = {"Ada", "Ben", "Cleo", "Dina", "Emil"};

static int set_up(void **state) {
    struct classroom *room = calloc(1, sizeof *room);
    for (int i = 0; i < HANDSETS; i++) {
        room->views[i].phase = PHASE_READY;
        room->handsets[i] =
            (struct lesson_handset){.ui = ui_new(), .view = &room->views[i], .name = names[i]};
    }
    for (int i = 0; i < FRAMES; i++) {
        room->frames[i] = (struct lesson_frame){.utc_ms = 36000000, .count = 1, .from = 1};
        snprintf(room->frames[i].what, LESSON_TEXT_SIZE, "frame %d.", i);
        snprintf(room->frames[i].protection, LESSON_TEXT_SIZE, "sealed %d.", i);
    }
    room->lesson = (struct lesson){
        .handsets = room->handsets,
        .handset_count = 3,
        .frames = room->frames,
        .frame_count = FRAMES,
        .step = "Ada picks Ben.",
        .utc_ms = 36000000,
        .speed = 4,
    };
    *state = room;
    return 0;
}

static int tear_down(void **state) {
    struct classroom *room = *state;
    for (int i = 0; i < HANDSETS; i++) {
        ui_free(room->handsets[i].ui);
    }
    canvas_free(room->canvas);
    free(room);
    return 0;
}

static void draw(struct classroom *room, int columns, int rows) {
    canvas_free(room->canvas);
    room->canvas = canvas_new(columns, rows);
    lesson_draw(&room->lesson, area_of(room->canvas));
}

/* The row in which the text is shown; -1 when it is not. */
static int row_of(const struct classroom *room, const char *text) {
    char row[ROW_SIZE];
    for (int i = 0; i < room->canvas->rows; i++) {
        assert_true(canvas_row_text(room->canvas, i, row, sizeof row));
        if (strstr(row, text)) {
            return i;
        }
    }
    return -1;
}

static void three_handsets_stand_side_by_side_in_80x24(void **state) {
    struct classroom *room = *state;
    draw(room, 80, 24);
    char row[ROW_SIZE];
    assert_true(canvas_row_text(room->canvas, 1, row, sizeof row));
    assert_string_equal(row, "▶F1 Ada                   │ F2 Ben                   │ F3 Cleo");
    assert_true(row_of(room, "10:00:00") == 0);
    assert_true(row_of(room, "frame 0.") > 13);
    assert_true(row_of(room, "sealed 2.") > 0);
    assert_int_equal(row_of(room, "Ada picks Ben."), 21);
    assert_int_equal(row_of(room, "^G next step"), 23);
}

static void larger_terminals_show_more_of_the_air_and_more_handsets(void **state) {
    struct classroom *room = *state;
    room->lesson.handset_count = HANDSETS;
    draw(room, 80, 24);
    assert_int_equal(row_of(room, "sealed 6."), -1);
    assert_int_equal(row_of(room, "F4 Dina"), -1);
    draw(room, 160, 50);
    assert_true(row_of(room, "sealed 6.") > 0);
    assert_int_equal(row_of(room, "frame 6."), row_of(room, "sealed 6."));
    assert_int_equal(row_of(room, "F5 Emil"), 1);
}

static void the_handset_with_the_focus_is_always_shown(void **state) {
    struct classroom *room = *state;
    room->lesson.handset_count = HANDSETS;
    for (size_t focus = 0; focus < HANDSETS; focus++) {
        room->lesson.focus = focus;
        for (int columns = 30; columns <= 160; columns += 10) {
            char expected[32];
            snprintf(expected, sizeof expected, "▶F%zu %s", focus + 1, names[focus]);
            draw(room, columns, 24);
            assert_int_equal(row_of(room, expected), 1);
        }
    }
}

static void nothing_is_cut_off_in_either_language(void **state) {
    struct classroom *room = *state;
    static const char *const languages[] = {"en", "de"};
    static const int sizes[][2] = {{80, 24}, {120, 40}};
    room->views[1].talking = true;
    for (int i = 0; i < 4; i++) {
        canvas_free(room->canvas);
        room->canvas = canvas_new(sizes[i % 2][0], sizes[i % 2][1]);
        assert_true(words_choose_in(languages[i / 2], officer_locale()));
        lesson_draw(&room->lesson, area_of(room->canvas));
        assert_int_equal(room->canvas->cut, 0);
    }
    assert_true(words_choose_in("en", officer_locale()));
}

static void who_talks_is_marked_also_without_colours(void **state) {
    struct classroom *room = *state;
    room->views[1].talking = true;
    draw(room, 80, 24);
    assert_int_equal(row_of(room, "F2 Ben ● talking"), 1);
}

static void a_pause_is_shown(void **state) {
    struct classroom *room = *state;
    draw(room, 80, 24);
    assert_int_equal(row_of(room, " 4x "), 0);
    room->lesson.is_paused = true;
    draw(room, 80, 24);
    assert_int_equal(row_of(room, "PAUSED"), 0);
}

static void many_frames_alike_are_one_line_with_their_number(void **state) {
    struct classroom *room = *state;
    room->frames[0].count = 50;
    room->frames[1].to = 2;
    draw(room, 80, 24);
    assert_true(row_of(room, "1→all ×50") > 0);
    assert_true(row_of(room, "1→2 ") > 0);
}

static void a_long_step_is_wrapped_between_words(void **state) {
    struct classroom *room = *state;
    room->lesson.step = "Ada picks Ben and Cleo, names the group Fire 7 and gives its key a period "
                        "of use.  Press Ctrl-G to see it.";
    draw(room, 80, 24);
    assert_int_equal(row_of(room, "a period of"), 21);
    assert_int_equal(row_of(room, " use.  Press Ctrl-G to see it."), 22);
}

static void after_the_lesson_no_next_step_is_offered(void **state) {
    struct classroom *room = *state;
    room->lesson.is_over = true;
    draw(room, 80, 24);
    assert_int_equal(row_of(room, "next step"), -1);
    assert_int_equal(row_of(room, " F1-F3 focus"), 23);
}

/* Under a sanitizer this shows that no size makes it draw outside. */
static void no_size_is_too_small(void **state) {
    struct classroom *room = *state;
    room->lesson.handset_count = HANDSETS;
    for (int columns = 1; columns < 60; columns += 3) {
        for (int rows = 1; rows < 30; rows++) {
            draw(room, columns, rows);
        }
    }
    draw(room, 30, 4);
    assert_int_equal(row_of(room, "^G next step"), 3);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(three_handsets_stand_side_by_side_in_80x24),
        TEST(larger_terminals_show_more_of_the_air_and_more_handsets),
        TEST(the_handset_with_the_focus_is_always_shown),
        TEST(who_talks_is_marked_also_without_colours),
        TEST(nothing_is_cut_off_in_either_language),
        TEST(a_pause_is_shown),
        TEST(many_frames_alike_are_one_line_with_their_number),
        TEST(a_long_step_is_wrapped_between_words),
        TEST(after_the_lesson_no_next_step_is_offered),
        TEST(no_size_is_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
