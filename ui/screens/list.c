/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/list.h"

#include <string.h>

#include "ui/screens/text.h"
#include "ui/ui.h"

void rows_add(struct rows *rows, const char *key) {
    if (rows->count < LIST_ROWS_MAX) {
        rows->key[rows->count++] = key;
    }
}

struct rows rows_of(const void *array, size_t size, size_t count) {
    return (struct rows){.count = count, .first = array, .stride = size};
}

const char *rows_key(const struct rows *rows, size_t row) {
    return rows->first != NULL ? rows->first + row * rows->stride : rows->key[row];
}

/* FNV-1a over all rows in their order: enough to notice that a list is not the one drawn. */
static uint64_t rows_digest(const struct rows *rows) {
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < rows->count; i++) {
        const char *octet = rows_key(rows, i);
        do {
            digest = (digest ^ (unsigned char)*octet) * UINT64_C(0x100000001B3);
        } while (*octet++ != '\0');
    }
    return digest;
}

static void put_cursor(struct list *list, const struct rows *rows, size_t row) {
    list->row = row;
    text_copy(list->focus, sizeof list->focus, rows->count > 0 ? rows_key(rows, row) : "");
}

void list_settle(struct list *list, const struct rows *rows) {
    list->changed = rows_digest(rows) != list->seen;
    for (size_t i = 0; i < rows->count; i++) {
        if (strcmp(rows_key(rows, i), list->focus) == 0) {
            list->row = i;
            return;
        }
    }
    list->sure = false;
    put_cursor(list, rows,
               rows->count == 0          ? 0
               : list->row < rows->count ? list->row
                                         : rows->count - 1);
}

bool list_key(struct list *list, const struct rows *rows, uint32_t press) {
    size_t last = rows->count > 0 ? rows->count - 1 : 0;
    size_t leap = list->visible > 1 ? (size_t)list->visible - 1 : 1;
    size_t row = list->row;
    switch (press) {
    case PRESS_UP:
    case 'k':
        row -= row > 0 ? 1 : 0;
        break;
    case PRESS_DOWN:
    case 'j':
        row += row < last ? 1 : 0;
        break;
    case PRESS_PAGE_UP:
        row -= row > leap ? leap : row;
        break;
    case PRESS_PAGE_DOWN:
        row += last - row > leap ? leap : last - row;
        break;
    case PRESS_HOME:
        row = 0;
        break;
    case PRESS_END:
        row = last;
        break;
    default:
        return false;
    }
    /* Moving in a list that is not the one on the screen: the officer aims at what was there. */
    if (list->changed) {
        list->sure = false;
    }
    put_cursor(list, rows, row);
    return true;
}

void list_focus(struct list *list, const struct rows *rows, const char *key) {
    text_copy(list->focus, sizeof list->focus, key);
    list_settle(list, rows);
}

bool list_is_sure(const struct list *list) {
    return list->sure && list->focus[0] != '\0';
}

size_t list_draw(struct list *list, const struct rows *rows, struct area area) {
    list_settle(list, rows);
    list->seen = rows_digest(rows);
    list->changed = false;
    list->visible = area.rows;
    size_t room = area.rows > 0 ? (size_t)area.rows : 0;
    list->sure = room > 0 && rows->count > 0;
    if (list->row < list->top) {
        list->top = list->row;
    }
    if (room > 0 && list->row >= list->top + room) {
        list->top = list->row - room + 1;
    }
    if (list->top + room > rows->count) {
        list->top = rows->count > room ? rows->count - room : 0;
    }
    size_t end = list->top + room < rows->count ? list->top + room : rows->count;
    if (room > 0 && list->top > 0) {
        area_text(area, 0, area.columns - 1, STYLE_DIM, "▲");
    }
    if (room > 0 && end < rows->count) {
        area_text(area, area.rows - 1, area.columns - 1, STYLE_DIM, "▼");
    }
    return end;
}

enum style list_style(const struct list *list, size_t row, enum style otherwise) {
    return row == list->row ? STYLE_SELECTED : otherwise;
}

const char *list_mark(const struct list *list, size_t row) {
    return row == list->row ? "> " : "  ";
}
