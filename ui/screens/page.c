/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/page.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "ui/character.h"
#include "ui/screens/text.h"
#include "ui/ui.h"

bool scroll_key(struct scroll *scroll, uint32_t press) {
    int leap = scroll->visible > 1 ? scroll->visible - 1 : 1;
    switch (press) {
    case PRESS_UP:
    case 'k':
        scroll->top -= 1;
        break;
    case PRESS_DOWN:
    case 'j':
        scroll->top += 1;
        break;
    case PRESS_PAGE_UP:
        scroll->top -= leap;
        break;
    case PRESS_PAGE_DOWN:
        scroll->top += leap;
        break;
    case PRESS_HOME:
        scroll->top = 0;
        break;
    case PRESS_END:
        scroll->top = INT_MAX / 2;
        break;
    default:
        return false;
    }
    if (scroll->top < 0) {
        scroll->top = 0;
    }
    return true;
}

struct page page_begin(struct scroll *scroll, struct area area) {
    return (struct page){.scroll = scroll, .area = area};
}

static int top_of(const struct page *page) {
    return page->scroll != NULL ? page->scroll->top : 0;
}

bool page_again(struct page *page) {
    struct scroll *scroll = page->scroll;
    int farthest = page->row > page->area.rows ? page->row - page->area.rows : 0;
    if (page->drawing) {
        if (top_of(page) > 0) {
            area_text(page->area, 0, page->area.columns - 1, STYLE_DIM, "▲");
        }
        if (top_of(page) < farthest) {
            area_text(page->area, page->area.rows - 1, page->area.columns - 1, STYLE_DIM, "▼");
        }
        if (scroll == NULL && farthest > 0 && page->area.rows > 0) {
            area_count_cut(page->area);
        }
        return false;
    }
    if (scroll != NULL) {
        scroll->top = scroll->top < farthest ? scroll->top : farthest;
        scroll->visible = page->area.rows;
    }
    page->row = 0;
    page->drawing = true;
    return true;
}

int page_row(const struct page *page) {
    return page->drawing ? page->row - top_of(page) : -1;
}

void page_text(struct page *page, int indent, enum style style, const char *text) {
    /* One column free on either side; the right one is for the marks of more. */
    int width = page->area.columns - indent - 2;
    if (width < 1) {
        width = 1;
    }
    struct area nowhere = area_within(page->area, 0, 0, 0, 0);
    page->row += text_scrolled(page->drawing ? page->area : nowhere, page_row(page), 1 + indent,
                               width, style, text);
}

void page_print(struct page *page, int indent, enum style style, const char *format, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    page_text(page, indent, style, text);
}

void page_pair(struct page *page, const char *label, enum style style, const char *value) {
    if (!text_is_full(page->area)) {
        if (text_width(label) + 2 + text_width(value) + 2 <= page->area.columns) {
            if (page->drawing) {
                area_text(page->area, page_row(page), 1, STYLE_DIM, label);
            }
            page_text(page, text_width(label) + 2, style, value);
            return;
        }
        page_text(page, 0, STYLE_DIM, label);
        page_text(page, 2, style, value);
        return;
    }
    if (page->drawing) {
        area_text(page->area, page_row(page), 1, STYLE_DIM, label);
    }
    page_text(page, 18, style, value);
}

void page_gap(struct page *page) {
    if (page->row > 0 && page->area.rows >= 16) {
        page->row++;
    }
}
