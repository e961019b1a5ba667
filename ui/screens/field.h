/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line that the officer types: a name, or a passphrase that is not shown.
 */
#ifndef MUSTER_UI_SCREENS_FIELD_H
#define MUSTER_UI_SCREENS_FIELD_H

#include "app/handset/command.h"
#include "ui/canvas.h"

struct field {
    char text[OFFICER_PASSPHRASE_SIZE]; /* UTF-8, terminated */
    size_t length;                      /* octets */
    bool is_full; /* something had no room: its marks must not go to another letter */
};

/* Types a character or takes the last letter back, with its marks. `size` is the room that the text
 * may take, its terminator included, at most OFFICER_PASSPHRASE_SIZE; what does not fit is not
 * taken, nor what follows it until a letter is taken back. Returns false for other keys. */
bool field_key(struct field *field, size_t size, uint32_t press);

/* The same for a name: of at most OFFICER_NAME_LETTERS letters. */
bool field_key_name(struct field *field, uint32_t press);

/* Takes the blanks before and after the text away: of a name, they cannot be seen. */
void field_trim(struct field *field);

/* How many letters were typed, as a person counts them: with all their marks. */
size_t field_letters(const struct field *field);

/* Are both the same? Takes the same time whatever they hold. */
bool field_equal(const struct field *a, const struct field *b);

/* Overwrites what was typed; a compiler does not leave that out. */
void field_wipe(struct field *field);

/* Draws it at (row, column), at most `width` columns: the end of what was typed and the cursor, or
 * an asterisk a letter. */
void field_draw(const struct field *field, bool hidden, struct area area, int row, int column,
                int width);

#endif
