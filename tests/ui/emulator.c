/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/ui/emulator.h"

#include <stdlib.h>
#include <string.h>

static int clamp(int value, int least, int most) {
    return value < least ? least : value > most ? most : value;
}

static void blank(struct emulator *emulator, int row, int from, int to) {
    for (int column = from; column < to; column++) {
        emulator->cells[row][column] = ' ';
    }
}

static void set_size(struct emulator *emulator, int columns, int rows) {
    emulator->columns = columns;
    emulator->rows = rows;
    emulator->top = 0;
    emulator->bottom = rows - 1;
    emulator->row = clamp(emulator->row, 0, rows - 1);
    emulator->column = clamp(emulator->column, 0, columns - 1);
    emulator->wraps = false;
}

void emulator_resize(struct emulator *emulator, int columns, int rows) {
    set_size(emulator, columns, rows);
    for (int row = 0; row < rows; row++) {
        blank(emulator, row, 0, columns);
        emulator->cells[row][row % columns] = 'x';
    }
}

void emulator_start(struct emulator *emulator, int columns, int rows) {
    memset(emulator, 0, sizeof *emulator);
    set_size(emulator, columns, rows);
    for (int row = 0; row < EMULATOR_ROWS_MAX; row++) {
        blank(emulator, row, 0, EMULATOR_COLUMNS_MAX);
    }
}

static void move(struct emulator *emulator, int row, int column) {
    emulator->row = clamp(row, 0, emulator->rows - 1);
    emulator->column = clamp(column, 0, emulator->columns - 1);
    emulator->wraps = false;
}

/* Moves `count` rows of [top, bottom] up, or down where it is negative. */
static void scroll(struct emulator *emulator, int top, int bottom, int count) {
    for (int n = abs(count); n > 0; n--) {
        if (count > 0) {
            memmove(emulator->cells[top], emulator->cells[top + 1],
                    (size_t)(bottom - top) * sizeof emulator->cells[0]);
        } else {
            memmove(emulator->cells[top + 1], emulator->cells[top],
                    (size_t)(bottom - top) * sizeof emulator->cells[0]);
        }
        blank(emulator, count > 0 ? bottom : top, 0, EMULATOR_COLUMNS_MAX);
    }
}

static void line_feed(struct emulator *emulator) {
    if (emulator->row == emulator->bottom) {
        scroll(emulator, emulator->top, emulator->bottom, 1);
    } else {
        move(emulator, emulator->row + 1, emulator->column);
    }
}

static void put(struct emulator *emulator, uint32_t character) {
    if (emulator->wraps) {
        emulator->column = 0;
        emulator->wraps = false;
        line_feed(emulator);
    }
    emulator->cells[emulator->row][emulator->column] = character;
    emulator->last = character;
    if (emulator->column == emulator->columns - 1) {
        emulator->wraps = true;
    } else {
        emulator->column++;
    }
}

static void erase(struct emulator *emulator, int mode) {
    int first = mode == 0 ? emulator->row + 1 : 0;
    int after = mode == 1 ? emulator->row : emulator->rows;
    for (int row = first; row < after; row++) {
        blank(emulator, row, 0, emulator->columns);
    }
}

static void erase_line(struct emulator *emulator, int mode) {
    blank(emulator, emulator->row, mode == 0 ? emulator->column : 0,
          mode == 1 ? emulator->column + 1 : emulator->columns);
}

static void shift(struct emulator *emulator, int count) {
    uint32_t *row = emulator->cells[emulator->row];
    int from = emulator->column, left = emulator->columns - from;
    int by = clamp(abs(count), 0, left);
    size_t size = (size_t)(left - by) * sizeof *row;
    if (count < 0) {
        memmove(row + from, row + from + by, size);
        blank(emulator, emulator->row, emulator->columns - by, emulator->columns);
    } else {
        memmove(row + from + by, row + from, size);
        blank(emulator, emulator->row, from, from + by);
    }
}

/* "ESC [ numbers letter" */
static void control(struct emulator *emulator) {
    char *rest = emulator->sequence + 2, final = emulator->sequence[emulator->length - 1];
    bool is_private = strchr("?><=", *rest) != NULL;
    int first = (int)strtol(rest, &rest, 10);
    int second = *rest == ';' ? (int)strtol(rest + 1, NULL, 10) : 0;
    int count = first > 0 ? first : 1, row = emulator->row, column = emulator->column;
    if (is_private || strchr("mhltc", final) != NULL) {
        return;
    }
    switch (final) {
    case 'H':
        move(emulator, count - 1, second - (second > 0));
        break;
    case 'A':
        move(emulator, row - count, column);
        break;
    case 'B':
        move(emulator, row + count, column);
        break;
    case 'C':
        move(emulator, row, column + count);
        break;
    case 'D':
        move(emulator, row, column - count);
        break;
    case 'G':
        move(emulator, row, count - 1);
        break;
    case 'd':
        move(emulator, count - 1, column);
        break;
    case 'J':
        erase(emulator, first);
        if (first != 2) {
            erase_line(emulator, first);
        }
        break;
    case 'K':
        erase_line(emulator, first);
        break;
    case 'X':
        blank(emulator, row, column, clamp(column + count, 0, emulator->columns));
        break;
    case 'P':
        shift(emulator, -count);
        break;
    case '@':
        shift(emulator, count);
        break;
    case 'L':
        scroll(emulator, row, emulator->bottom, -count);
        break;
    case 'M':
        scroll(emulator, row, emulator->bottom, count);
        break;
    case 'S':
        scroll(emulator, emulator->top, emulator->bottom, count);
        break;
    case 'T':
        scroll(emulator, emulator->top, emulator->bottom, -count);
        break;
    case 'b':
        for (; count > 0; count--) {
            put(emulator, emulator->last);
        }
        break;
    case 'r':
        emulator->top = count - 1;
        emulator->bottom = second > 0 ? second - 1 : emulator->rows - 1;
        move(emulator, 0, 0);
        break;
    default:
        emulator->unknown++;
        break;
    }
}

/* Is the sequence whole with this octet? */
static bool is_whole(const struct emulator *emulator) {
    char second = emulator->sequence[1], final = emulator->sequence[emulator->length - 1];
    if (emulator->length < 2) {
        return false;
    }
    if (second == '[') {
        return emulator->length > 2 && final >= '@' && final <= '~';
    }
    return second == '(' || second == ')' ? emulator->length == 3 : true;
}

static void take_in_sequence(struct emulator *emulator, uint8_t octet) {
    if (octet < ' ' || octet > '~' || emulator->length + 1 >= sizeof emulator->sequence) {
        emulator->unknown++;
        emulator->length = 0;
        return;
    }
    emulator->sequence[emulator->length++] = (char)octet;
    emulator->sequence[emulator->length] = '\0';
    if (!is_whole(emulator)) {
        return;
    }
    if (emulator->sequence[1] == '[') {
        control(emulator);
    } else if (emulator->sequence[1] == 'M' && emulator->row > emulator->top) {
        move(emulator, emulator->row - 1, emulator->column);
    } else if (emulator->sequence[1] == 'M') {
        scroll(emulator, emulator->top, emulator->bottom, -1);
    } else if (strchr("()=>78", emulator->sequence[1]) == NULL) {
        emulator->unknown++;
    }
    emulator->length = 0;
}

static void take_character(struct emulator *emulator, uint8_t octet) {
    if (emulator->octets_left > 0) {
        emulator->character = emulator->character << 6 | (octet & 0x3F);
        emulator->octets_left--;
    } else if (octet >= 0xC0) {
        emulator->octets_left = octet >= 0xF0 ? 3 : octet >= 0xE0 ? 2 : 1;
        emulator->character = octet & (0x3Fu >> emulator->octets_left);
    } else {
        emulator->character = octet;
    }
    if (emulator->octets_left == 0) {
        put(emulator, emulator->character);
    }
}

void emulator_take(struct emulator *emulator, const uint8_t *octets, size_t length) {
    for (size_t i = 0; i < length; i++) {
        uint8_t octet = octets[i];
        if (emulator->length > 0) {
            take_in_sequence(emulator, octet);
        } else if (octet == '\033') {
            emulator->sequence[emulator->length++] = '\033';
        } else if (octet == '\r') {
            move(emulator, emulator->row, 0);
        } else if (octet == '\n') {
            line_feed(emulator);
        } else if (octet == '\b') {
            move(emulator, emulator->row, emulator->column - 1);
        } else if (octet >= ' ') {
            take_character(emulator, octet);
        }
    }
}
