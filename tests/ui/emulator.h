/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A terminal of the xterm family as far as texts go: what is on its screen after the octets that it
 * was sent. It knows the sequences that ncurses uses for TERM=xterm and counts all others, so that
 * a torn one shows. Colours and attributes are passed over.
 */
#ifndef MUSTER_TESTS_UI_EMULATOR_H
#define MUSTER_TESTS_UI_EMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    EMULATOR_COLUMNS_MAX = 200,
    EMULATOR_ROWS_MAX = 60,
    EMULATOR_SEQUENCE_SIZE = 64
};

struct emulator {
    int columns, rows;
    int row, column;
    int top, bottom; /* of the region that scrolls */
    bool wraps;      /* the next character goes to the next row */
    uint32_t last;   /* the character that was written last */
    uint32_t cells[EMULATOR_ROWS_MAX][EMULATOR_COLUMNS_MAX];
    size_t length; /* of the sequence under way */
    char sequence[EMULATOR_SEQUENCE_SIZE];
    uint32_t character; /* of UTF-8, under way */
    int octets_left;
    unsigned unknown; /* sequences that it does not know */
};

void emulator_start(struct emulator *emulator, int columns, int rows);

/* What terminals make of their content then differs; this one leaves nothing of it as it was. */
void emulator_resize(struct emulator *emulator, int columns, int rows);

void emulator_take(struct emulator *emulator, const uint8_t *octets, size_t length);

#endif
