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

/* The last letter goes whole: its marks are not worth more than it. What it was is wiped. */
static void take_back(struct field *field) {
    const char *last = field->text;
    for (const char *at = last; *at != '\0'; at = letter_end(at)) {
        last = at;
    }
    size_t length = (size_t)(last - field->text);
    field->is_full = false;
    explicit_bzero(field->text + length, field->length - length);
    field->length = length;
}

bool field_key(struct field *field, size_t size, uint32_t press) {
    if (press == PRESS_BACKSPACE) {
        take_back(field);
        return true;
    }
    if (!is_typed(press)) {
        return false;
    }
    char octets[CHARACTER_UTF8_SIZE];
    size_t count = character_utf8(press, octets);
    field->is_full |= size > sizeof field->text || field->length + count >= size;
    if (!field->is_full) {
        memcpy(field->text + field->length, octets, count);
        field->length += count;
        field->text[field->length] = '\0';
    }
    explicit_bzero(octets, sizeof octets);
    return true;
}

bool field_key_name(struct field *field, uint32_t press) {
    struct field before = *field;
    bool is_taken = field_key(field, OFFICER_NAME_SIZE, press);
    if (field_letters(field) > OFFICER_NAME_LETTERS) {
        *field = before;
        field->is_full = true;
    }
    return is_taken;
}

void field_trim(struct field *field) {
    size_t lead = strspn(field->text, " ");
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

void field_draw(const struct field *field, bool hidden, struct area area, int row, int column,
                int width) {
    if (width < 2) {
        return;
    }
    struct area line = area_within(area, row, column, 1, width);
    area_fill(line, ' ', STYLE_SELECTED);
    int used = 0;
    if (hidden) {
        int typed = (int)field_letters(field);
        for (used = 0; used < typed && used < width - 1; used++) {
            area_text(line, 0, used, STYLE_SELECTED, "*");
        }
    } else {
        used = text_tail(line, 0, 0, width - 1, STYLE_SELECTED, field->text);
    }
    area_text(line, 0, used, STYLE_SELECTED, "_");
}
