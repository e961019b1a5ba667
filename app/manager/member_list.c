/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/member_list.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "app/manager/cell.h"
#include "app/text/encoding.h"

enum {
    NO_COLUMN = -1,
    SHOWN_MAX = 60 /* octets of a cell that is wrong */
};

/* A list on its way, row by row. */
struct listing {
    const char *name; /* of the file */
    struct roll *roll;
    struct error *error;
    enum status status;
    const char *twice; /* an identity whose rows are looked for, in place of reading; or NULL */
    size_t found[2], found_count; /* the first rows that hold it */
    int identity_column, name_column;
    size_t row; /* counted from 1, as people do */
    bool has_begun, has_headings;
    /* The row that is being read. */
    int column;    /* of the next cell */
    int headed[2]; /* the columns that headings name in it, if it is the first */
    int strength[2];
    char identity[CELL_SIZE], text[CELL_SIZE];
    bool is_blank;
};

/* What is shown of a cell: whole characters, and its lines as one. */
static void show_cell(const char *cell, char shown[SHOWN_MAX + 1]) {
    size_t length = strnlen(cell, SHOWN_MAX);
    while (length > 0 && ((uint8_t)cell[length] & 0xC0) == 0x80) {
        length--;
    }
    for (size_t i = 0; i < length; i++) {
        shown[i] = (char)(cell[i] == '\n' || cell[i] == '\t' ? ' ' : cell[i]);
    }
    shown[length] = '\0';
    if (!display_text_is_valid(shown, SHOWN_MAX + 1)) {
        strcpy(shown, "?");
    }
}

static void fail(struct listing *listing, enum status status, int column, const char *what,
                 const char *which) {
    char shown[SHOWN_MAX + 1];
    show_cell(which, shown);
    if (listing->status == STATUS_OK) {
        listing->status = error_set(listing->error, status, "%.80s, row %zu, column %d: %s%s",
                                    listing->name, listing->row, column + 1, what, shown);
    }
}

/* --- Cells and rows ------------------------------------------------------------------------- */

static void begin_row(struct listing *listing) {
    listing->column = 0;
    listing->identity[0] = listing->text[0] = '\0';
    listing->is_blank = true;
}

/* A cell of the first row, which may be a heading. */
static void take_heading(struct listing *listing, const char *cell) {
    enum cell_heading heading;
    int strength = cell_heading(cell, &heading);
    if (strength > listing->strength[heading]) {
        listing->strength[heading] = strength;
        listing->headed[heading] = listing->column;
    }
}

static void on_cell(void *field, size_t length, void *context) {
    struct listing *listing = context;
    char cell[CELL_SIZE];
    cell_take((struct span){field, length}, cell);
    listing->is_blank = listing->is_blank && cell[0] == '\0';
    if (!listing->has_begun) {
        take_heading(listing, cell);
    }
    if (listing->column == listing->identity_column) {
        strcpy(listing->identity, cell);
    } else if (listing->column == listing->name_column) {
        strcpy(listing->text, cell);
    }
    listing->column++;
}

static void take_member(struct listing *listing) {
    struct roll_member member = {0};
    enum status status = identity_check(listing->identity);
    if (status != STATUS_OK) {
        const char *cause = cell_cause(listing->identity);
        fail(listing, STATUS_IDENTITY_INVALID, listing->identity_column,
             cause != NULL           ? cause
             : listing->has_headings ? "not an identity, such as tel:+447700900123: "
                                     : "not an identity, such as tel:+447700900123, nor a heading "
                                       "such as identity: ",
             listing->identity);
        return;
    }
    strcpy(member.identity, listing->identity); /* it fits: it was checked */
    if (display_name_make(listing->text, member.name) != STATUS_OK) {
        fail(listing, STATUS_MALFORMED, listing->name_column, DISPLAY_NAME_RULE ", not ",
             listing->text);
        return;
    }
    status = roll_append(listing->roll, &member);
    if (status != STATUS_OK) {
        fail(listing, status, listing->identity_column,
             "from here on, the list is too long for the program", "");
    }
}

/* Is the first row one of headings, which say where identity and name stand? */
static bool take_headings(struct listing *listing) {
    if (listing->strength[CELL_HEADS_IDENTITY] == 0) {
        return false;
    }
    listing->identity_column = listing->headed[CELL_HEADS_IDENTITY];
    listing->name_column =
        listing->strength[CELL_HEADS_NAME] == 0 ? NO_COLUMN : listing->headed[CELL_HEADS_NAME];
    listing->has_headings = true;
    return true;
}

static void take_row(struct listing *listing) {
    bool is_first = !listing->has_begun;
    listing->has_begun = true;
    if (is_first && take_headings(listing)) {
        return;
    }
    if (listing->twice == NULL) {
        take_member(listing);
    } else if (listing->found_count < 2 && strcmp(listing->twice, listing->identity) == 0) {
        listing->found[listing->found_count++] = listing->row;
    }
}

static void on_row(int end, void *context) {
    struct listing *listing = context;
    (void)end;
    if (!listing->is_blank && listing->status == STATUS_OK) {
        take_row(listing);
    }
    begin_row(listing);
    listing->row++;
}

/* --- The text ------------------------------------------------------------------------------- */

/* The text in UTF-8, with line feeds alone at the ends of its lines. */
static enum status make_even(struct span text, uint8_t **octets, struct span *even) {
    size_t length = 0;
    *octets = malloc(ENCODING_GROWTH * text.length + 1);
    if (*octets == NULL) {
        return STATUS_NO_MEMORY;
    }
    size_t full = encoding_to_utf8(text, *octets);
    for (size_t i = 0; i < full; i++) {
        uint8_t c = (*octets)[i];
        if (c != '\r') {
            (*octets)[length++] = c;
        } else if (i + 1 == full || (*octets)[i + 1] != '\n') {
            (*octets)[length++] = '\n';
        }
    }
    *even = (struct span){*octets, length};
    return STATUS_OK;
}

/* Takes the line that names the separator, which a spreadsheet does not count as a row, off the
 * text; 0 when there is none. */
static char named_separator(struct span *text) {
    static const char *const lines[] = {"sep=", "\"sep="};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        size_t length = strlen(lines[i]);
        if (text->length <= length ||
            strncasecmp((const char *)text->octets, lines[i], length) != 0 ||
            memchr(",;\t|", text->octets[length], 4) == NULL) {
            continue;
        }
        char separator = (char)text->octets[length];
        const uint8_t *end = memchr(text->octets, '\n', text->length);
        size_t line = end == NULL ? text->length : (size_t)(end - text->octets) + 1;
        *text = (struct span){text->octets + line, text->length - line};
        return separator;
    }
    return 0;
}

/* How many rows hold what belongs into a member list, were they separated like that. */
struct sample {
    size_t rows;
    bool has_hit;
};

static void on_sample_cell(void *field, size_t length, void *context) {
    struct sample *sample = context;
    char cell[CELL_SIZE];
    enum cell_heading heading;
    cell_take((struct span){field, length}, cell);
    sample->has_hit = sample->has_hit || identity_check(cell) == STATUS_OK ||
                      cell_heading(cell, &heading) > 0 || cell_cause(cell) != NULL;
}

static void on_sample_row(int end, void *context) {
    struct sample *sample = context;
    (void)end;
    sample->rows += sample->has_hit;
    sample->has_hit = false;
}

static enum status find_separator(struct span text, char *separator) {
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t best = 0;
    *separator = candidates[0];
    for (size_t i = 0; i < sizeof candidates; i++) {
        struct csv_parser parser;
        struct sample sample = {0};
        if (csv_init(&parser, 0) != 0) {
            return STATUS_NO_MEMORY;
        }
        csv_set_delim(&parser, (unsigned char)candidates[i]);
        bool is_whole = csv_parse(&parser, text.octets, text.length, on_sample_cell, on_sample_row,
                                  &sample) == text.length &&
                        csv_fini(&parser, on_sample_cell, on_sample_row, &sample) == 0;
        csv_free(&parser);
        if (!is_whole) {
            return STATUS_NO_MEMORY;
        }
        if (sample.rows > best) {
            best = sample.rows;
            *separator = candidates[i];
        }
    }
    return STATUS_OK;
}

static void read_rows(struct listing *listing, struct span text, char separator) {
    struct csv_parser parser;
    begin_row(listing);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL) != 0) {
        listing->status = STATUS_NO_MEMORY;
        return;
    }
    csv_set_delim(&parser, (unsigned char)separator);
    if (csv_parse(&parser, text.octets, text.length, on_cell, on_row, listing) != text.length ||
        csv_fini(&parser, on_cell, on_row, listing) != 0) {
        if (csv_error(&parser) == CSV_EPARSE) {
            fail(listing, STATUS_MALFORMED, listing->column,
                 "a quotation mark is out of place, or is missing", "");
        } else {
            listing->status = STATUS_NO_MEMORY;
        }
    }
    csv_free(&parser);
}

static struct listing listing_of(const char *name, struct roll *roll, struct error *error) {
    return (struct listing){.name = name, .roll = roll, .error = error, .name_column = 1, .row = 1};
}

static enum status settle(struct listing *listing, struct span text, char separator) {
    const struct roll_member *twice;
    if (listing->roll->count == 0) {
        return error_set(listing->error, STATUS_NOT_FOUND, "%.150s: this list names nobody",
                         listing->name);
    }
    if (roll_settle(listing->roll, &twice) == STATUS_OK) {
        return STATUS_OK;
    }
    struct listing again = listing_of(listing->name, listing->roll, listing->error);
    again.twice = twice->identity;
    read_rows(&again, text, separator);
    return error_set(listing->error, STATUS_ALREADY_DONE,
                     "%.100s, rows %zu and %zu: %s is listed twice", listing->name, again.found[0],
                     again.found[1], twice->identity);
}

/* What a spreadsheet keeps for itself: .xlsx and .ods are ZIP files, .xls has a mark of its own. */
static bool is_workbook(struct span text) {
    return text.length >= 4 && (memcmp(text.octets, "PK\x03\x04", 4) == 0 ||
                                memcmp(text.octets, "\xD0\xCF\x11\xE0", 4) == 0);
}

static enum status read_text(struct span text, struct listing *listing) {
    char separator = named_separator(&text);
    enum status status = STATUS_OK;
    if (memchr(text.octets, 0, text.length) != NULL) {
        return error_set(listing->error, STATUS_MALFORMED, "%.200s: this is not text",
                         listing->name);
    }
    if (separator == 0) {
        status = find_separator(text, &separator);
    }
    if (status == STATUS_OK) {
        read_rows(listing, text, separator);
        status = listing->status;
    }
    return status == STATUS_OK ? settle(listing, text, separator) : status;
}

enum status member_list_read(const char *name, struct span text, struct roll *roll,
                             struct error *error) {
    struct listing listing = listing_of(name, roll, error);
    uint8_t *octets = NULL;
    struct span even;
    if (is_workbook(text)) {
        return error_set(error, STATUS_MALFORMED,
                         "%.150s: this is a spreadsheet's own file; save the list as CSV", name);
    }
    enum status status = make_even(text, &octets, &even);
    if (status == STATUS_OK) {
        status = read_text(even, &listing);
    }
    free(octets);
    if (status == STATUS_NO_MEMORY) {
        error_set(error, status, "%.150s: out of memory; close other programs", name);
    }
    if (status != STATUS_OK) {
        roll_clear(roll);
    }
    return status;
}
