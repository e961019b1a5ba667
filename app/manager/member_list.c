/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/manager/member_list.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NO_COLUMN = -1
};

struct listing {
    const char *name; /* of the file */
    struct roll *roll;
    struct error *error;
    enum status status;
    struct roll_member member; /* of the row that is being read */
    int identity_column, name_column;
    int column; /* of the next field */
    size_t row; /* counted from 1, as people do */
    bool has_identity, is_header;
};

static void fail(struct listing *listing, enum status status, const char *what, const char *which) {
    bool can_be_shown = display_text_is_valid(which, 2 * IDENTITY_SIZE);
    if (listing->status == STATUS_OK) {
        listing->status = error_set(listing->error, status, "%.100s, row %zu: %s%.96s",
                                    listing->name, listing->row, what, can_be_shown ? which : "?");
    }
}

/* A field of the first row, if that names the columns. */
static void take_heading(struct listing *listing, const char *text) {
    if (listing->column == 0) {
        listing->is_header = strcmp(text, "identity") == 0;
    }
    if (!listing->is_header) {
        return;
    }
    if (listing->column == 0) {
        listing->name_column = NO_COLUMN;
    } else if (strcmp(text, "name") == 0) {
        listing->name_column = listing->column;
    }
}

static void take_identity(struct listing *listing, const char *text) {
    if (identity_check(text) != STATUS_OK) {
        fail(listing, STATUS_IDENTITY_INVALID,
             "not an identity, such as tel:+447700900123: ", text);
        return;
    }
    strcpy(listing->member.identity, text); /* it fits: it was checked */
    listing->has_identity = true;
}

static void take_name(struct listing *listing, const char *text) {
    if (display_name_make(text, listing->member.name) != STATUS_OK) {
        fail(listing, STATUS_MALFORMED, DISPLAY_NAME_RULE ", not ", text);
    }
}

static void on_field(void *field, size_t length, void *context) {
    struct listing *listing = context;
    char text[2 * DISPLAY_NAME_SIZE];
    /* An identity or name that does not fit here is invalid, cut or not; other columns do not
     * matter. */
    size_t kept = length < sizeof text ? length : sizeof text - 1;
    memcpy(text, length == 0 ? "" : field, kept);
    text[kept] = '\0';
    if (memchr(text, '\0', kept) != NULL) {
        fail(listing, STATUS_MALFORMED, "this is not text", "");
    }
    if (listing->row == 1) {
        take_heading(listing, text);
    }
    if (!listing->is_header && listing->column == listing->identity_column) {
        take_identity(listing, text);
    } else if (!listing->is_header && listing->column == listing->name_column) {
        take_name(listing, text);
    }
    listing->column++;
}

static void on_row(int end, void *context) {
    struct listing *listing = context;
    (void)end;
    if (!listing->is_header && !listing->has_identity) {
        fail(listing, STATUS_MALFORMED, "the identity is missing", "");
    }
    if (!listing->is_header && listing->status == STATUS_OK) {
        enum status status = roll_append(listing->roll, &listing->member);
        if (status != STATUS_OK) {
            fail(listing, status, "from here on, the list is too long for the program", "");
        }
    }
    listing->member = (struct roll_member){0};
    listing->has_identity = listing->is_header = false;
    listing->column = 0;
    listing->row++;
}

/* What editors put in front of UTF-8. */
static struct span without_mark(struct span text) {
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    if (text.length < sizeof mark || memcmp(text.octets, mark, sizeof mark) != 0) {
        return text;
    }
    return (struct span){text.octets + sizeof mark, text.length - sizeof mark};
}

enum status member_list_read(const char *name, struct span text, struct roll *roll,
                             struct error *error) {
    struct listing listing = {
        .name = name, .roll = roll, .error = error, .name_column = 1, .row = 1};
    struct csv_parser parser;
    struct span content = without_mark(text);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return error_set(error, STATUS_NO_MEMORY, "out of memory; close other programs");
    }
    if (csv_parse(&parser, content.octets, content.length, on_field, on_row, &listing) !=
            content.length ||
        csv_fini(&parser, on_field, on_row, &listing) != 0) {
        fail(&listing, STATUS_MALFORMED, "a quotation mark is out of place, or is missing", "");
    }
    csv_free(&parser);
    const struct roll_member *twice;
    if (listing.status == STATUS_OK && roll_settle(roll, &twice) != STATUS_OK) {
        listing.status = error_set(error, STATUS_ALREADY_DONE, "%.100s: %s is listed twice", name,
                                   twice->identity);
    }
    if (listing.status == STATUS_OK && roll->count == 0) {
        listing.status = error_set(error, STATUS_NOT_FOUND, "%.150s: this list names nobody", name);
    }
    return listing.status;
}
