/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/picture.h"

#include "ui/character.h"

enum {
    CELL_WIDTH = 9,
    CELL_HEIGHT = 19,
    BASELINE = 14,
    FONT_SIZE = 15,
    MARGIN = 10
};

/* A style's colours: text and, where it has one of its own, background; light page, dark page. */
static const struct {
    const char *name;
    const char *light, *light_behind;
    const char *dark, *dark_behind;
    const char *weight;
} looks[STYLE_COUNT] = {
    [STYLE_PLAIN] = {"plain", "#1f2328", NULL, "#d6dbe1", NULL, "normal"},
    [STYLE_TITLE] = {"title", "#ffffff", "#1d4f91", "#ffffff", "#28588f", "bold"},
    [STYLE_KEYS] = {"keys", "#ffffff", "#3d444d", "#14181d", "#b9c2cc", "normal"},
    [STYLE_DIM] = {"dim", "#59636e", NULL, "#8b96a3", NULL, "normal"},
    [STYLE_STRONG] = {"strong", "#000000", NULL, "#ffffff", NULL, "bold"},
    [STYLE_SELECTED] = {"selected", "#ffffff", "#0b6e8a", "#0d1117", "#5cc5de", "normal"},
    [STYLE_GOOD] = {"good", "#116329", NULL, "#56d364", NULL, "bold"},
    [STYLE_CAUTION] = {"caution", "#7d4e00", NULL, "#e3b341", NULL, "bold"},
    [STYLE_BAD] = {"bad", "#ffffff", "#b3261e", "#ffffff", "#b62324", "bold"},
    [STYLE_TALK] = {"talk", "#ffffff", "#116329", "#0d1117", "#56d364", "bold"},
    [STYLE_CODE] = {"code", "#000000", "#ffffff", "#000000", "#ffffff", "normal"},
};

static void write_colours(bool is_dark, FILE *out) {
    fprintf(out, "    .paper { fill: %s }\n", is_dark ? "#0d1117" : "#ffffff");
    for (int style = 0; style < STYLE_COUNT; style++) {
        const char *behind = is_dark ? looks[style].dark_behind : looks[style].light_behind;
        fprintf(out, "    .%s { fill: %s }\n", looks[style].name,
                is_dark ? looks[style].dark : looks[style].light);
        if (behind) {
            fprintf(out, "    .%s-behind { fill: %s }\n", looks[style].name, behind);
        }
    }
}

static void write_character(uint32_t character, FILE *out) {
    char text[CHARACTER_UTF8_SIZE];
    switch (character) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    default:
        character_utf8(character, text);
        fputs(text, out);
    }
}

static void write_title(const char *title, FILE *out) {
    fputs("  <title>", out);
    while (*title) {
        write_character(character_next(&title), out);
    }
    fputs("</title>\n", out);
}

/* The column after the cells of one style, all of a bar or none, that start at `column`. */
static int run_end(const struct canvas *canvas, int row, int column) {
    struct cell first = canvas_cell(canvas, row, column), cell = first;
    while (column < canvas->columns && cell.style == first.style &&
           cell_is_bar(cell) == cell_is_bar(first)) {
        cell = canvas_cell(canvas, row, ++column);
    }
    return column;
}

/* How a block or line character is drawn, in hundredths of its cell; false for other characters.
 * Fonts draw these with gaps, and some not at all. */
struct shape {
    int x, y, width, height;
    const char *opacity;
};

static bool shape_of(uint32_t character, struct shape *shape) {
    *shape = (struct shape){.width = 100, .height = 100, .opacity = "1"};
    if (cell_is_bar((struct cell){.character = character})) { /* full block down to one eighth */
        shape->width = (int)(0x2590 - character) * 100 / 8;
        return true;
    }
    switch (character) {
    case 0x2591: /* light shade */
        shape->opacity = "0.2";
        return true;
    case 0x2500: /* a line across */
        shape->y = 48;
        shape->height = 5;
        return true;
    case 0x2502: /* a line down */
        shape->x = 45;
        shape->width = 10;
        return true;
    default:
        return false;
    }
}

/* Those of a run that are alike and side by side are one rectangle, so that no seams show. */
static void write_shapes(const struct canvas *canvas, int row, int column, int end, FILE *out) {
    while (column < end) {
        struct cell cell = canvas_cell(canvas, row, column);
        struct shape shape;
        int start = column++;
        if (!shape_of(cell.character, &shape)) {
            continue;
        }
        while (shape.width == 100 && column < end &&
               canvas_cell(canvas, row, column).character == cell.character) {
            column++;
        }
        fprintf(out,
                "  <rect class=\"%s%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
                "opacity=\"%s\"/>\n",
                looks[cell.style].name,
                cell_is_bar(cell) && looks[cell.style].light_behind ? "-behind" : "",
                MARGIN + CELL_WIDTH * (start + shape.x / 100.0),
                MARGIN + CELL_HEIGHT * (row + shape.y / 100.0),
                CELL_WIDTH * (column - start - 1 + shape.width / 100.0),
                CELL_HEIGHT * (shape.height / 100.0), shape.opacity);
    }
}

/* Is there something in this cell for a font to draw? */
static bool is_inked(struct cell cell) {
    struct shape shape;
    return cell.character != ' ' && !shape_of(cell.character, &shape);
}

static void write_run(const struct canvas *canvas, int row, int column, int end, FILE *out) {
    enum style style = canvas_cell(canvas, row, column).style;
    int x = MARGIN + column * CELL_WIDTH, y = MARGIN + row * CELL_HEIGHT;
    if (looks[style].light_behind && !cell_is_bar(canvas_cell(canvas, row, column))) {
        fprintf(out, "  <rect class=\"%s-behind\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n",
                looks[style].name, x, y, (end - column) * CELL_WIDTH, CELL_HEIGHT);
    }
    write_shapes(canvas, row, column, end, out);
    while (end > column && !is_inked(canvas_cell(canvas, row, end - 1))) {
        end--;
    }
    if (end == column) {
        return;
    }
    fprintf(out, "  <text class=\"%s\" x=\"%d\" y=\"%d\" textLength=\"%d\">", looks[style].name, x,
            y + BASELINE, (end - column) * CELL_WIDTH);
    for (; column < end; column++) {
        struct cell cell = canvas_cell(canvas, row, column);
        if (cell.character) {
            write_character(is_inked(cell) ? cell.character : ' ', out);
        }
        for (int i = 0; i < CELL_MARKS_MAX && cell.marks[i] != 0; i++) {
            write_character(cell.marks[i], out);
        }
    }
    fputs("</text>\n", out);
}

bool picture_write(const struct canvas *canvas, const char *title, FILE *out) {
    int width = canvas->columns * CELL_WIDTH + 2 * MARGIN;
    int height = canvas->rows * CELL_HEIGHT + 2 * MARGIN;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" xml:space=\"preserve\" "
            "viewBox=\"0 0 %d %d\" "
            "width=\"%d\" height=\"%d\">\n",
            width, height, width, height);
    write_title(title, out);
    fprintf(out,
            "  <style>\n    text { font: %dpx 'DejaVu Sans Mono', Menlo, Consolas, monospace; "
            "white-space: pre }\n",
            FONT_SIZE);
    for (int style = 0; style < STYLE_COUNT; style++) {
        fprintf(out, "    .%s { font-weight: %s }\n", looks[style].name, looks[style].weight);
    }
    write_colours(false, out);
    fputs("    @media (prefers-color-scheme: dark) {\n", out);
    write_colours(true, out);
    fputs("    }\n  </style>\n", out);
    fprintf(out, "  <rect class=\"paper\" width=\"%d\" height=\"%d\" rx=\"8\"/>\n", width, height);
    for (int row = 0; row < canvas->rows; row++) {
        for (int column = 0; column < canvas->columns;) {
            int end = run_end(canvas, row, column);
            write_run(canvas, row, column, end, out);
            column = end;
        }
    }
    fputs("</svg>\n", out);
    return fflush(out) == 0 && !ferror(out);
}
