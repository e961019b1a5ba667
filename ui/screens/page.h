/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page of text that can be longer than the screen: it wraps and scrolls.
 */
#ifndef MUSTER_UI_SCREENS_PAGE_H
#define MUSTER_UI_SCREENS_PAGE_H

#include "ui/canvas.h"

/* How far down a page has been moved. Zero is its beginning. */
struct scroll {
    int top;
    int visible; /* rows that were drawn last */
};

/* Moves for up and k, down and j, page up, page down, home and end. Returns false for other keys.
 */
bool scroll_key(struct scroll *scroll, uint32_t press);

/* A page being written. It is written twice: once to measure it, once to draw it, so that it is
 * never scrolled past its end:
 *
 *     struct page page = page_begin(&screen->scroll, area);
 *     do {
 *         page_text(&page, 0, STYLE_PLAIN, ...);
 *     } while (page_again(&page));
 */
struct page {
    struct scroll *scroll; /* NULL: there is none */
    struct area area;
    int row; /* where the next text goes, counted from the page's beginning */
    bool drawing;
};

/* With NULL for `scroll` the page cannot be scrolled: what does not fit then counts as cut. */
struct page page_begin(struct scroll *scroll, struct area area);
bool page_again(struct page *page);

/* Text over as many rows as it takes, `indent` columns in. */
void page_text(struct page *page, int indent, enum style style, const char *text);
void page_print(struct page *page, int indent, enum style style, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* "label  value" with the values aligned; in narrow areas the value goes on rows of its own. */
void page_pair(struct page *page, const char *label, enum style style, const char *value);

/* An empty row. Left out at the very top, and in areas under 16 rows. */
void page_gap(struct page *page);

/* Where on the area the page's next row is drawn; -1 while measuring. */
int page_row(const struct page *page);

#endif
