/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A canvas of cells: what a screen draws on. Terminals, scripts and pictures are backends that
 * read it; screens are functions from a view to cells.
 */
#ifndef MUSTER_UI_CANVAS_H
#define MUSTER_UI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means, not how it looks: a backend gives each meaning its colours, with attributes
 * that tell them apart in monochrome. */
enum style {
    STYLE_PLAIN = 0,
    STYLE_TITLE, /* the bar at the top */
    STYLE_KEYS,  /* the bar of keys at the bottom */
    STYLE_DIM,   /* of less importance */
    STYLE_STRONG,
    STYLE_SELECTED, /* the row under the cursor */
    STYLE_GOOD,     /* green: verified, usable, accepted */
    STYLE_CAUTION,  /* amber: the last tenth, clock differs, waiting */
    STYLE_BAD,      /* red: expired, refused, declined */
    STYLE_TALK,     /* somebody is talking */
    STYLE_CODE,     /* dark on light whatever the palette, for a camera */
    STYLE_COUNT
};

enum {
    CELL_MARKS_MAX = 4 /* what terminals' cells hold */
};

/* A character with all its marks and joiners. One that has more than CELL_MARKS_MAX, which names do
 * not have, shows as U+FFFD alone: never as another letter. */
struct cell {
    uint32_t character;             /* Unicode; 0 in the second cell of a wide character */
    uint32_t marks[CELL_MARKS_MAX]; /* the first ones, then 0 */
    enum style style;
};

struct canvas {
    int columns, rows;
    struct cell *cells; /* rows * columns, row by row */
    /* Texts of which something is missing since canvas_clear: that did not fit into their area, or
     * lie under another one. What is shortened with an ellipsis says so itself and does not count.
     */
    unsigned cut;
};

/* A canvas of blanks, or NULL when out of memory. The caller frees it. */
struct canvas *canvas_new(int columns, int rows);
void canvas_free(struct canvas *canvas);
void canvas_clear(struct canvas *canvas);

/* The cell at (row, column); a shared blank outside the canvas. */
struct cell canvas_cell(const struct canvas *canvas, int row, int column);

/* Have both canvases the same size, and the same cells in that row? */
bool canvas_row_is_alike(const struct canvas *a, const struct canvas *b, int row);

/* The same cells. False, with nothing changed, when the canvases have not the same size. */
bool canvas_copy(struct canvas *to, const struct canvas *from);

/* A part of a canvas to draw in: everything drawn is clipped to it; (0, 0) is its corner. */
struct area {
    struct canvas *canvas;
    int row, column, rows, columns;
};

struct area area_of(struct canvas *canvas);

/* The part of `area` at (row, column), clipped to it: what they have in common, perhaps nothing. */
struct area area_within(struct area area, int row, int column, int rows, int columns);

/* Counts a text that its area has no room for, where a screen finds that out itself. */
void area_count_cut(struct area area);

/* UTF-8 text at (row, column), clipped; invalid octets and control characters become '?' so that a
 * name from the air cannot disturb the screen. A letter that is cut off leaves blanks, no other
 * letter: no part of it is shown. Returns the columns used, up to the area's edge. */
int area_text(struct area area, int row, int column, enum style style, const char *text);

/* The same with a printf format, of which at most 1023 octets are shown. */
int area_print(struct area area, int row, int column, enum style style, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Like area_text, but shortened to `width` columns with an ellipsis where it does not fit. Returns
 * the columns used. For what others have named, which can be of any length; a screen makes room for
 * its own words. */
int area_text_fit(struct area area, int row, int column, int width, enum style style,
                  const char *text);

/* The same for a screen's own words, where a name beside them or a canvas that is smaller than any
 * handset's leaves them no room: shortened, they count as cut. */
int area_words_fit(struct area area, int row, int column, int width, enum style style,
                   const char *text);

/* A horizontal bar of `width` columns, `part` of `whole` filled, in eighths of a column, on a dim
 * track. A part that is not nothing shows at least one eighth. */
void area_bar(struct area area, int row, int column, int width, enum style style, int64_t part,
              int64_t whole);

/* Is this cell the filled part of a bar? Backends show it in its style's strongest colour - the one
 * behind the text, where the style has one - on the plain background. */
bool cell_is_bar(struct cell cell);

/* Every cell of the area becomes `character` (one column wide). */
void area_fill(struct area area, uint32_t character, enum style style);

/* Every cell of the area is drawn in that style, and keeps its character. */
void area_restyle(struct area area, enum style style);

/* One row of a canvas as UTF-8 without trailing blanks. Returns false when out[size] is too small.
 */
bool canvas_row_text(const struct canvas *canvas, int row, char *out, size_t size);

#endif
