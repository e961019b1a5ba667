/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A cell of a member list (member_list.h): what it may hold, and what spreadsheets make of it.
 */
#ifndef MUSTER_APP_MANAGER_CELL_H
#define MUSTER_APP_MANAGER_CELL_H

#include "app/identity/display_name.h"
#include "crypto/identifier.h"

enum {
    CELL_SIZE = 2 * DISPLAY_NAME_SIZE
};

enum cell_heading {
    CELL_HEADS_IDENTITY,
    CELL_HEADS_NAME
};

/* The text of a field in UTF-8, without NUL, into `cell`: without blanks at its ends, and without
 * what nobody sees there. One that does not fit is cut: no identity, nor name, is that long. */
void cell_take(struct span field, char cell[CELL_SIZE]);

/* Is it a heading, in any case, in English or German? Returns how surely, from 1 up, and of what in
 * *heading; 0 when it is none, and *heading is then CELL_HEADS_IDENTITY. */
int cell_heading(const char *cell, enum cell_heading *heading);

/* What is wrong with a number that is no identity, to be said before it; NULL for anything else. */
const char *cell_cause(const char *cell);

#endif
