/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/field.h"

#include <string.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/ui.h"

static bool is_typed(uint32_t press) {
    return press >= ' ' && press != 0x7F && !(press >= 0x80 && press < 0xA0) &&
           !(press >= 0xD800 && press < 0xE000) && press < PRESS_NAMED;
}

static size_t before(const struct field *field) {
    return field->length - field->after;
}

/* Where the letter before `end` begins. */
static size_t letter_before(const struct field *field, size_t end) {
    const char *last = field->text;
    for (const char *at = last; *at != '\0' && (size_t)(at - field->text) < end;
         at = letter_end(at)) {
        last = at;
    }
    return (size_t)(last - field->text);
}

/* Takes out what is before the cursor, from `start` on. What it was is wiped. */
static void take_out(struct field *field, size_t start) {
    size_t count = before(field) - start;
    memmove(field->text + start, field->text + start + count, field->after);
    explicit_bzero(field->text + start + field->after, count);
    field->length -= count;
    field->is_full = false;
}

/* Blanks, and the word before them. */
static size_t word_before(const struct field *field) {
    size_t start = before(field);
    while (start > 0 && field->text[start - 1] == ' ') {
        start--;
    }
    while (start > 0 && field->text[start - 1] != ' ') {
        start--;
    }
    return start;
}

static void move_right(struct field *field) {
    const char *at = field->text + before(field);
    field->after -= *at != '\0' ? (size_t)(letter_end(at) - at) : 0;
}

/* Keys that type nothing. Returns whether it was one. */
static bool edit(struct field *field, uint32_t press) {
    switch (press) {
    case PRESS_BACKSPACE: /* the letter goes whole: its marks are not worth more than it */
        take_out(field, letter_before(field, before(field)));
        return true;
    case 'U' & 0x1F:
        take_out(field, 0);
        return true;
    case 'W' & 0x1F:
        take_out(field, word_before(field));
        return true;
    case PRESS_LEFT:
        field->after = field->length - letter_before(field, before(field));
        return true;
    case PRESS_RIGHT:
        move_right(field);
        return true;
    case PRESS_HOME:
    case 'A' & 0x1F:
        field->after = field->length;
        return true;
    case PRESS_END:
    case 'E' & 0x1F:
        field->after = 0;
        return true;
    default:
        return false;
    }
}

bool field_key(struct field *field, size_t size, uint32_t press) {
    if (edit(field, press)) {
        return true;
    }
    if (!is_typed(press)) {
        return false;
    }
    char octets[CHARACTER_UTF8_SIZE];
    size_t count = character_utf8(press, octets);
    field->is_full |= size > sizeof field->text || field->length + count >= size;
    if (!field->is_full) {
        char *at = field->text + before(field);
        memmove(at + count, at, field->after);
        memcpy(at, octets, count);
        field->length += count;
        field->text[field->length] = '\0';
    }
    explicit_bzero(octets, sizeof octets);
    return true;
}

bool field_key_name(struct field *field, uint32_t press) {
    struct field was = *field;
    bool is_taken = field_key(field, OFFICER_NAME_SIZE, press);
    if (field_letters(field) > OFFICER_NAME_LETTERS) {
        *field = was;
        field->is_full = true;
    }
    return is_taken;
}

void field_trim(struct field *field) {
    size_t lead = strspn(field->text, " ");
    field->after = 0;
    field->length -= lead;
    memmove(field->text, field->text + lead, field->length + 1);
    while (field->length > 0 && field->text[field->length - 1] == ' ') {
        field->text[--field->length] = '\0';
    }
}

size_t field_letters(const struct field *field) {
    return text_letters(field->text);
}

bool field_equal(const struct field *a, const struct field *b) {
    unsigned char difference = 0;
    for (size_t i = 0; i < sizeof a->text; i++) {
        difference |= (unsigned char)(a->text[i] ^ b->text[i]);
    }
    return difference == 0;
}

void field_wipe(struct field *field) {
    explicit_bzero(field, sizeof *field);
}

/* The letters of `count` octets from `start` on, as asterisks. */
static int draw_hidden(const struct field *field, size_t start, size_t count, struct area line,
                       int column) {
    char text[OFFICER_PASSPHRASE_SIZE];
    memcpy(text, field->text + start, count);
    text[count] = '\0';
    int letters = (int)text_letters(text), used = 0;
    explicit_bzero(text, sizeof text);
    for (; used < letters && column + used < line.columns - 1; used++) {
        area_text(line, 0, column + used, STYLE_SELECTED, "*");
    }
    return used;
}

void field_draw(const struct field *field, bool hidden, struct area area, int row, int column,
                int width) {
    if (width < 2) {
        return;
    }
    struct area line = area_within(area, row, column, 1, width);
    area_fill(line, ' ', STYLE_SELECTED);
    size_t head = before(field);
    if (hidden) {
        int used = draw_hidden(field, 0, head, line, 0);
        area_text(line, 0, used, STYLE_SELECTED, "_");
        (void)draw_hidden(field, head, field->after, line, used + 1);
        return;
    }
    char text[OFFICER_PASSPHRASE_SIZE];
    memcpy(text, field->text, head);
    text[head] = '\0';
    const char *tail = field->text + head;
    /* Behind the cursor a third of the room is enough. */
    int behind = text_width(tail) < width / 3 ? text_width(tail) : width / 3;
    int used = text_tail(line, 0, 0, width - 1 - behind, STYLE_SELECTED, text);
    area_text(line, 0, used, STYLE_SELECTED, "_");
    area_text_fit(line, 0, used + 1, width - used - 1, STYLE_SELECTED, tail);
}
