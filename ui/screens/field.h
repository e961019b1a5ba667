/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One line that the officer types: a name, or a passphrase that is not shown.
 */
#ifndef MUSTER_UI_SCREENS_FIELD_H
#define MUSTER_UI_SCREENS_FIELD_H

#include "app/handset/command.h"
#include "ui/canvas.h"

enum {
    FIELD_SIZE = MESSAGE_TEXT_SIZE /* octets of the longest, terminated */
};

struct field {
    char text[FIELD_SIZE]; /* UTF-8, terminated */
    size_t length;         /* octets, */
    size_t after;          /* and those of them behind the cursor */
    bool is_full;          /* something had no room: its marks must not go to another letter */
};

/* Types a character at the cursor or takes the letter before it back, with its marks; left, right,
 * home, end, Ctrl-A and Ctrl-E move the cursor, Ctrl-U takes back all before it and Ctrl-W the last
 * word there. `size` is the room that the text may take, its terminator included, at most
 * FIELD_SIZE; what does not fit is not taken, nor what follows it until a letter is
 * taken back. Returns false for other keys. */
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

/* Draws it at (row, column), at most `width` columns: what was typed before the cursor, or its end;
 * the cursor; and what is behind it. Or an asterisk a letter. */
void field_draw(const struct field *field, bool hidden, struct area area, int row, int column,
                int width);

#endif
