/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/lesson/lesson.h"

#include <stdio.h>
#include <string.h>

#include "ui/character.h"
#include "ui/words/words.h"

enum {
    PANE_ROWS = 13,      /* a handset's least, with its name above */
    STEP_ROWS = 2,       /* for the step's text */
    BARS = 2,            /* the title at the top, the keys at the bottom */
    ROOMY_COLUMNS = 120, /* from here a frame takes one row, otherwise two */
};

/* Where everything goes, in rows from the top and columns from the left. */
struct layout {
    int pane_rows, pane_columns;
    int step_row, step_rows;
    int air_row, air_rows; /* with its heading; 0 rows when there is no room */
    size_t first, shown;   /* which handsets are shown */
};

static size_t panes_that_fit(int columns) {
    int fit = (columns + 1) / (LESSON_PANE_COLUMNS + 1);
    return fit < 1 ? 1 : (size_t)fit;
}

static struct layout layout_of(const struct lesson *lesson, struct area area) {
    struct layout layout = {.pane_rows = area.rows - BARS};
    int room = layout.pane_rows - PANE_ROWS;
    layout.step_rows = room < 1 ? 0 : room < STEP_ROWS ? room : STEP_ROWS;
    room -= layout.step_rows;
    /* Beyond the least, the air has two rows of five. */
    if (room >= 3) {
        layout.air_rows = room <= 7 ? room : 7 + (room - 7) * 2 / 5;
    }
    layout.pane_rows -= layout.step_rows + layout.air_rows;
    layout.air_row = 1 + layout.pane_rows;
    layout.step_row = layout.air_row + layout.air_rows;

    size_t fit = panes_that_fit(area.columns);
    layout.shown = lesson->handset_count < fit ? lesson->handset_count : fit;
    if (layout.shown > 0) {
        layout.first = lesson->focus < layout.shown ? 0 : lesson->focus - layout.shown + 1;
        layout.pane_columns = (area.columns - (int)layout.shown + 1) / (int)layout.shown;
    }
    return layout;
}

static void clock_text(int64_t utc_ms, char out[16]) {
    int64_t seconds = utc_ms / 1000 % 86400;
    snprintf(out, 16, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
}

static void draw_title(const struct lesson *lesson, struct area area) {
    char now[16], right[48];
    area_fill(area, ' ', STYLE_TITLE);
    area_print(area, 0, 1, STYLE_TITLE, _("Muster: %zu handsets on one air"),
               lesson->handset_count);
    clock_text(lesson->utc_ms, now);
    if (lesson->is_paused) {
        snprintf(right, sizeof right, _(" PAUSED  %s "), now);
    } else {
        snprintf(right, sizeof right, " %ux  %s ", lesson->speed, now);
    }
    area_text(area, 0, area.columns - text_width(right), STYLE_TITLE, right);
}

static void draw_keys(const struct lesson *lesson, struct area area) {
    char handsets[16];
    snprintf(handsets, sizeof handsets, "F1-F%zu",
             lesson->handset_count > 9 ? 9 : lesson->handset_count);
    const struct {
        const char *key, *what;
    } keys[] = {
        {"^G", _("next step")},    {handsets, _("focus")}, {"^Q", _("quit")},
        {"^N", _("next handset")}, {"^P", _("pause")},     {"^F", _("faster")},
        {"^T", _("day/night")},
    };
    area_fill(area, ' ', STYLE_KEYS);
    int column = 1;
    for (size_t i = lesson->is_over ? 1 : 0; i < sizeof keys / sizeof keys[0]; i++) {
        int width = text_width(keys[i].key) + 1 + text_width(keys[i].what);
        if (column + width > area.columns) {
            break;
        }
        area_print(area, 0, column, STYLE_KEYS, "%s %s", keys[i].key, keys[i].what);
        column += width + 2;
    }
}

static void draw_pane(const struct lesson *lesson, size_t number, struct area area) {
    const struct lesson_handset *handset = &lesson->handsets[number];
    bool has_focus = number == lesson->focus;
    char name[96];
    const char *talks = handset->view->talking ? _(" ● talking") : "";
    snprintf(name, sizeof name, "%sF%zu %s%s", has_focus ? "▶" : " ", number + 1, handset->name,
             talks);
    enum style style = has_focus ? STYLE_SELECTED : handset->view->talking ? STYLE_TALK : STYLE_DIM;
    area_fill(area_within(area, 0, 0, 1, area.columns), ' ', style);
    area_text_fit(area, 0, 0, area.columns, style, name);
    ui_draw(handset->ui, handset->view, area_within(area, 1, 0, area.rows - 1, area.columns));
}

static void draw_panes(const struct lesson *lesson, const struct layout *layout, struct area area) {
    for (size_t i = 0; i < layout->shown; i++) {
        int column = (int)i * (layout->pane_columns + 1);
        /* The last one takes what the division leaves over. */
        int columns = i + 1 < layout->shown ? layout->pane_columns : area.columns - column;
        draw_pane(lesson, layout->first + i, area_within(area, 0, column, area.rows, columns));
        area_fill(area_within(area, 0, column + columns, area.rows, 1), 0x2502, STYLE_DIM);
    }
}

/* "1→2", "1→all", and how many of them. */
static void frame_route(const struct lesson_frame *frame, char out[48]) {
    char to[16];
    if (frame->to > 0) {
        snprintf(to, sizeof to, "%u", frame->to);
    } else {
        snprintf(to, sizeof to, "%s", _("all"));
    }
    if (frame->count > 1) {
        snprintf(out, 48, "%u→%s ×%u", frame->from, to, frame->count);
    } else {
        snprintf(out, 48, "%u→%s", frame->from, to);
    }
}

/* One frame, in one row or in two. Returns the rows. */
static int draw_frame(const struct lesson_frame *frame, struct area area, int row) {
    char now[16], route[48];
    clock_text(frame->utc_ms, now);
    frame_route(frame, route);
    area_text(area, row, 1, STYLE_DIM, now);
    area_text(area, row, 10, STYLE_STRONG, route);
    bool is_roomy = area.columns >= ROOMY_COLUMNS;
    int column = 23, width = is_roomy ? (area.columns - column) / 2 - 2 : area.columns - column;
    area_text_fit(area, row, column, width, STYLE_PLAIN, frame->what);
    if (is_roomy) {
        area_text_fit(area, row, column + width + 2, area.columns, STYLE_GOOD, frame->protection);
    } else {
        area_text_fit(area, row + 1, column, width, STYLE_GOOD, frame->protection);
    }
    return is_roomy ? 1 : 2;
}

static void draw_air(const struct lesson *lesson, struct area area) {
    area_fill(area_within(area, 0, 0, 1, area.columns), 0x2500, STYLE_DIM);
    area_text(area, 0, 1, STYLE_STRONG, _(" On the air, and what protects it "));
    int row = 1;
    for (size_t i = 0; i < lesson->frame_count && row < area.rows; i++) {
        row += draw_frame(&lesson->frames[i], area, row);
    }
}

/* Where a row of at most `columns` ends: after a word where there is one. */
static size_t row_length(const char *text, int columns) {
    const char *at = text, *word_end = NULL;
    int width = 0;
    while (*at) {
        const char *before = at;
        at = letter_end(at);
        width += letter_width(before, at);
        if (*before == ' ') {
            word_end = before;
        }
        if (width > columns) {
            return (size_t)((word_end ? word_end : before) - text);
        }
    }
    return strlen(text);
}

static void draw_step(const struct lesson *lesson, struct area area) {
    const char *text = lesson->step;
    area_fill(area, ' ', STYLE_STRONG);
    for (int row = 0; row < area.rows && *text; row++) {
        char line[512];
        size_t length = row_length(text, area.columns - 2);
        bool is_last = row + 1 == area.rows;
        snprintf(line, sizeof line, "%.*s", is_last ? (int)strlen(text) : (int)length, text);
        area_text_fit(area, row, 1, area.columns - 2, STYLE_STRONG, line);
        text += length;
        text += strspn(text, " ");
    }
}

void lesson_draw(const struct lesson *lesson, struct area area) {
    struct layout layout = layout_of(lesson, area);
    area_fill(area, ' ', STYLE_PLAIN);
    draw_title(lesson, area_within(area, 0, 0, 1, area.columns));
    draw_panes(lesson, &layout, area_within(area, 1, 0, layout.pane_rows, area.columns));
    draw_air(lesson, area_within(area, layout.air_row, 0, layout.air_rows, area.columns));
    draw_step(lesson, area_within(area, layout.step_row, 0, layout.step_rows, area.columns));
    draw_keys(lesson, area_within(area, area.rows - 1, 0, 1, area.columns));
}
