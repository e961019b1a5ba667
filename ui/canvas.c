/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/character.h"

enum {
    REPLACEMENT = 0xFFFD,
    DOTTED_CIRCLE = 0x25CC /* what a mark stands on that has no letter */
};

static const struct cell blank = {.character = ' ', .style = STYLE_PLAIN};

struct canvas *canvas_new(int columns, int rows) {
    if (columns < 1 || rows < 1) {
        columns = rows = 1;
    }
    struct canvas *canvas = malloc(sizeof *canvas);
    struct cell *cells = calloc((size_t)columns * (size_t)rows, sizeof *cells);
    if (!canvas || !cells) {
        free(canvas);
        free(cells);
        return NULL;
    }
    *canvas = (struct canvas){.columns = columns, .rows = rows, .cells = cells};
    canvas_clear(canvas);
    return canvas;
}

void canvas_free(struct canvas *canvas) {
    if (!canvas) {
        return;
    }
    free(canvas->cells);
    free(canvas);
}

void canvas_clear(struct canvas *canvas) {
    for (int i = 0; i < canvas->columns * canvas->rows; i++) {
        canvas->cells[i] = blank;
    }
    canvas->cut = 0;
}

static struct cell *cell_at(const struct canvas *canvas, int row, int column) {
    if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns) {
        return NULL;
    }
    return &canvas->cells[row * canvas->columns + column];
}

struct cell canvas_cell(const struct canvas *canvas, int row, int column) {
    const struct cell *cell = cell_at(canvas, row, column);
    return cell ? *cell : blank;
}

static bool are_one_size(const struct canvas *a, const struct canvas *b) {
    return a->columns == b->columns && a->rows == b->rows;
}

bool canvas_row_is_alike(const struct canvas *a, const struct canvas *b, int row) {
    _Static_assert(sizeof(struct cell) == (1 + CELL_MARKS_MAX) * 4 + sizeof(enum style),
                   "a cell has no padding");
    size_t octets = (size_t)a->columns * sizeof(struct cell);
    return are_one_size(a, b) && row >= 0 && row < a->rows &&
           memcmp(cell_at(a, row, 0), cell_at(b, row, 0), octets) == 0;
}

bool canvas_copy(struct canvas *to, const struct canvas *from) {
    if (!are_one_size(to, from)) {
        return false;
    }
    memcpy(to->cells, from->cells, (size_t)to->columns * (size_t)to->rows * sizeof *to->cells);
    return true;
}

/* Sets one cell. Half a wide character never stays behind: its other half becomes a blank. */
static void set_cell(struct canvas *canvas, int row, int column, struct cell value) {
    struct cell *cell = cell_at(canvas, row, column);
    if (!cell) {
        return;
    }
    struct cell *before = cell_at(canvas, row, column - 1);
    struct cell *after = cell_at(canvas, row, column + 1);
    if (cell->character == 0 && value.character != 0 && before) {
        *before = (struct cell){.character = ' ', .style = before->style};
    }
    if (after && after->character == 0) {
        after->character = ' ';
    }
    *cell = value;
}

struct area area_of(struct canvas *canvas) {
    return (struct area){.canvas = canvas, .rows = canvas->rows, .columns = canvas->columns};
}

/* The part of [start, start + length) that lies in [0, limit). */
static void clip(int *start, int *length, int limit) {
    int end = *length > limit - *start ? limit : *start + *length;
    if (*start < 0) {
        *start = 0;
    }
    if (*start > limit) {
        *start = limit;
    }
    *length = end > *start ? end - *start : 0;
}

struct area area_within(struct area area, int row, int column, int rows, int columns) {
    clip(&row, &rows, area.rows);
    clip(&column, &columns, area.columns);
    return (struct area){.canvas = area.canvas,
                         .row = area.row + row,
                         .column = area.column + column,
                         .rows = rows,
                         .columns = columns};
}

static void area_set(struct area area, int row, int column, struct cell value) {
    if (row >= 0 && row < area.rows && column >= 0 && column < area.columns) {
        set_cell(area.canvas, area.row + row, area.column + column, value);
    }
}

/* A character of one or two columns; where the area's edge cuts a wide one, a blank. */
static void area_character(struct area area, int row, int column, int width, struct cell value) {
    if (width == 2 && (column < 0 || column + 1 >= area.columns)) {
        value.character = ' ';
        width = column < 0 ? 2 : 1;
    }
    area_set(area, row, column, value);
    if (width == 2) {
        value.character = value.character == ' ' ? ' ' : 0;
        area_set(area, row, column + 1, value);
    }
}

/* Puts a mark over the character that ends before `column`. */
static void area_mark(struct area area, int row, int column, uint32_t mark) {
    if (row < 0 || row >= area.rows || column < 1 || column > area.columns) {
        return;
    }
    struct cell *cell = cell_at(area.canvas, area.row + row, area.column + column - 1);
    if (cell && cell->character == 0) {
        cell = cell_at(area.canvas, area.row + row, area.column + column - 2);
    }
    if (cell == NULL || cell->character == REPLACEMENT) {
        return;
    }
    for (int i = 0; i < CELL_MARKS_MAX; i++) {
        if (cell->marks[i] == 0) {
            cell->marks[i] = mark;
            return;
        }
    }
    bool is_wide = character_width(cell->character) == 2;
    *cell = (struct cell){.character = REPLACEMENT, .style = cell->style};
    if (is_wide) {
        cell[1].character = ' ';
    }
}

/* Variation selectors and the grapheme joiner change no layout and mean nothing to a cell. */
static bool is_left_out(uint32_t mark) {
    return mark == 0x34F || (mark >= 0xFE00 && mark <= 0xFE0F) ||
           (mark >= 0xE0100 && mark <= 0xE01EF);
}

/* Does a text stand there already? Lines, shades and blocks are drawn to be written on. */
static bool has_text(struct area area, int row, int column) {
    const struct cell *cell = NULL;
    if (row >= 0 && row < area.rows && column >= 0 && column < area.columns) {
        cell = cell_at(area.canvas, area.row + row, area.column + column);
    }
    return cell != NULL && cell->character != ' ' &&
           (cell->character < 0x2500 || cell->character > 0x259F);
}

/* One letter at `column`, with all its marks. Returns the column after it; *before is the text's
 * last character so far, and *is_over is set where it covers another text. */
static int draw_letter(struct area area, int row, int column, enum style style, const char *text,
                       const char *end, uint32_t *before, bool *is_over) {
    while (text < end) {
        int width;
        uint32_t character = character_next_after(*before, &text, &width);
        bool is_mark = character_width(character) == 0;
        if (width > 0) {
            *is_over |= has_text(area, row, column);
            area_character(
                area, row, column, width,
                (struct cell){.character = is_mark ? DOTTED_CIRCLE : character, .style = style});
            column += width;
        }
        if (is_mark && !is_left_out(character)) {
            area_mark(area, row, column, character);
        }
        *before = character;
    }
    return column;
}

/* Text from `column` up to `limit`, both within the area. Returns the column after it; *rest is
 * what there was no room for, and *is_over is set where it covers another text. */
static int draw_text(struct area area, int row, int column, int limit, enum style style,
                     const char *text, const char **rest, bool *is_over) {
    uint32_t before = 0;
    area.columns = limit;
    *rest = "";
    while (*text != '\0') {
        const char *end = letter_end(text);
        if (column + letter_width(text, end) > limit) {
            *rest = text;
            break;
        }
        column = draw_letter(area, row, column, style, text, end, &before, is_over);
        text = end;
    }
    for (; **rest != '\0' && column < limit; column++) {
        *is_over |= has_text(area, row, column);
        area_set(area, row, column, (struct cell){.character = ' ', .style = style});
    }
    return column;
}

void area_count_cut(struct area area) {
    area.canvas->cut++;
}

int area_text(struct area area, int row, int column, enum style style, const char *text) {
    const char *rest = text;
    bool is_over = false;
    int end = column;
    if (column < area.columns) {
        end = draw_text(area, row, column, area.columns, style, text, &rest, &is_over);
    }
    bool is_seen = row >= 0 && row < area.rows;
    bool lacks = column < 0 || rest[strspn(rest, " ")] != '\0';
    if (is_seen && (is_over || (lacks && *text != '\0'))) {
        area_count_cut(area);
    }
    return end - column;
}

int area_print(struct area area, int row, int column, enum style style, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    return area_text(area, row, column, style, text);
}

int area_text_fit(struct area area, int row, int column, int width, enum style style,
                  const char *text) {
    if (width > area.columns - column) {
        width = area.columns - column;
    }
    if (width < 1) {
        return 0;
    }
    const char *rest;
    bool is_whole = text_width(text) <= width, is_over = false;
    /* A wide character that the ellipsis cuts leaves a blank before it. */
    int end = draw_text(area, row, column, column + width - (is_whole ? 0 : 1), style, text, &rest,
                        &is_over);
    if (!is_whole) {
        area_character(area, row, end, 1, (struct cell){.character = 0x2026, .style = style});
        end++;
    }
    if (is_over) {
        area_count_cut(area);
    }
    return end - column;
}

int area_words_fit(struct area area, int row, int column, int width, enum style style,
                   const char *text) {
    if (row >= 0 && row < area.rows && text_width(text) > width) {
        area_count_cut(area);
    }
    return area_text_fit(area, row, column, width, style, text);
}

void area_bar(struct area area, int row, int column, int width, enum style style, int64_t part,
              int64_t whole) {
    if (width < 1) {
        return;
    }
    if (whole < 1 || part < 0) {
        part = 0;
    } else if (part > whole) {
        part = whole;
    }
    int eighths = whole < 1 ? 0 : (int)((double)part / (double)whole * width * 8);
    if (part > 0 && eighths == 0) {
        eighths = 1;
    }
    for (int i = 0; i < width; i++, eighths -= 8) {
        struct cell cell = {.character = 0x2591, .style = STYLE_DIM}; /* light shade */
        if (eighths >= 8) {
            cell = (struct cell){.character = 0x2588, .style = style}; /* full block */
        } else if (eighths > 0) { /* from U+258F, one eighth, down to U+2589, seven eighths */
            cell = (struct cell){.character = 0x2590 - (uint32_t)eighths, .style = style};
        }
        area_set(area, row, column + i, cell);
    }
}

bool cell_is_bar(struct cell cell) {
    return cell.character >= 0x2588 && cell.character <= 0x258F;
}

void area_restyle(struct area area, enum style style) {
    for (int row = 0; row < area.rows; row++) {
        for (int column = 0; column < area.columns; column++) {
            cell_at(area.canvas, area.row + row, area.column + column)->style = style;
        }
    }
}

void area_fill(struct area area, uint32_t character, enum style style) {
    const struct cell cell = {.character = character, .style = style};
    for (int row = 0; row < area.rows; row++) {
        /* Only at its edges may a wide character lie half within the area. */
        area_set(area, row, 0, cell);
        area_set(area, row, area.columns - 1, cell);
        for (int column = 1; column < area.columns - 1; column++) {
            *cell_at(area.canvas, area.row + row, area.column + column) = cell;
        }
    }
}

bool canvas_row_text(const struct canvas *canvas, int row, char *out, size_t size) {
    if (size == 0) {
        return false;
    }
    size_t length = 0, kept = 0;
    for (int column = 0; column < canvas->columns; column++) {
        struct cell cell = canvas_cell(canvas, row, column);
        for (int part = 0; part < 1 + CELL_MARKS_MAX; part++) {
            uint32_t character = part == 0 ? cell.character : cell.marks[part - 1];
            if (character == 0) {
                continue;
            }
            char octets[CHARACTER_UTF8_SIZE];
            size_t count = character_utf8(character, octets);
            if (length + count < size) {
                memcpy(out + length, octets, count);
            }
            length += count;
            if (character != ' ') {
                kept = length;
            }
        }
    }
    bool fits = kept < size;
    out[fits ? kept : 0] = 0;
    return fits;
}
