/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A list with a cursor. The cursor stays with what it is on, not with a row number: rows come and
 * go under it. And it knows whether the officer has seen what it is on, so that no key acts on
 * something that took another's place.
 */
#ifndef MUSTER_UI_SCREENS_LIST_H
#define MUSTER_UI_SCREENS_LIST_H

#include "app/handset/command.h"
#include "ui/canvas.h"

enum {
    LIST_ROWS_MAX = 512
};

/* What the rows are now: for each a text that names it (an identity), borrowed from the view. They
 * are added one by one, or are all those of an array, however many. */
struct rows {
    size_t count;
    const char *key[LIST_ROWS_MAX];
    const char *first; /* the key of an array's first row, or NULL */
    size_t stride;     /* octets from one to the next */
};

struct list {
    char focus[OFFICER_GROUP_SIZE]; /* what the cursor is on; "" when the list is empty */
    size_t row;                     /* where that is */
    size_t top;                     /* the first row drawn */
    int visible;                    /* how many were drawn */
    uint64_t seen;                  /* stands for the rows as they were drawn last */
    bool changed;                   /* they are others now */
    bool sure;                      /* the officer has seen what the cursor is on */
};

/* Adds a row; more than LIST_ROWS_MAX are left out. */
void rows_add(struct rows *rows, const char *key);

/* The rows of an array of `count` elements of `size` octets, each of which begins with its key. */
struct rows rows_of(const void *array, size_t size, size_t count);

/* The key of a row. */
const char *rows_key(const struct rows *rows, size_t row);

/* Finds what the cursor is on in the rows as they are now. To be called before a key is handled and
 * before drawing. */
void list_settle(struct list *list, const struct rows *rows);

/* Moves the cursor for up and k, down and j, page up, page down, home and end. Returns false for
 * other keys. */
bool list_key(struct list *list, const struct rows *rows, uint32_t press);

/* Puts the cursor on `key`, as seen: the officer got there by naming it. */
void list_focus(struct list *list, const struct rows *rows, const char *key);

/* May a key act on the row under the cursor? */
bool list_is_sure(const struct list *list);

/* Begins to draw in `area`, one or more screen rows each: settles, scrolls to the cursor, marks
 * where more is above or below, and remembers what is seen. The rows to draw are list->top up to
 * the number returned. */
size_t list_draw(struct list *list, const struct rows *rows, struct area area);

/* The style of a row: selected under the cursor. And its mark, "> " or "  ". */
enum style list_style(const struct list *list, size_t row, enum style otherwise);
const char *list_mark(const struct list *list, size_t row);

#endif
