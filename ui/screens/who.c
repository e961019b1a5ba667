/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/who.h"

#include <string.h>

#include "app/text/digits.h"
#include "ui/character.h"
#include "ui/screens/text.h"

enum {
    NARROW = 20, /* columns: below, there is room for the last digits alone */
    FEW = 5
};

/* The end of the identity, in a narrow row the end of that. */
static const char *end_of(const char *identity, bool is_narrow, char digits[IDENTITY_DIGITS_SIZE]) {
    identity_digits(identity, digits);
    size_t length = strlen(digits);
    return is_narrow && length > FEW ? digits + length - FEW : digits;
}

int who_draw(struct area line, int row, int column, int width, enum style style, const char *name,
             enum name_kind kind, const char *identity) {
    char room[WHO_SIZE], digits[IDENTITY_DIGITS_SIZE];
    if (name[0] == '\0') {
        return text_tail(line, row, column, width, style, identity);
    }
    const char *end = end_of(identity, width < NARROW, digits);
    int left = width - text_width(end) - 1;
    int used = left > 0
                   ? area_text_fit(line, row, column, left, style, who_name(room, name, kind)) + 1
                   : 0;
    return used +
           area_text(area_within(line, row, column + used, 1, width - used), 0, 0, style, end);
}

int who_draw_digits(struct area line, int row, int end, enum style style, const char *identity) {
    char room[IDENTITY_DIGITS_SIZE];
    const char *digits = end_of(identity, line.columns < 2 * NARROW, room);
    int begin = end - text_width(digits);
    area_text(line, row, begin, style, digits);
    return begin;
}
