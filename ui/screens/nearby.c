/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/nearby.h"

#include <stdio.h>
#include <string.h>

#include "ui/screens/page.h"
#include "ui/screens/text.h"

/* The columns of the full layout behind the identity. */
enum {
    NAME = 13,
    MARK = 11,
    CLOCK = 13,
    HEARD = 7
};

static struct rows nearby_rows(const struct view *view) {
    struct rows rows = {0};
    for (size_t i = 0; i < view->nearby_count; i++) {
        rows_add(&rows, view->nearby[i].identity);
    }
    return rows;
}

const struct view_nearby *nearby_find(const struct view *view, const char *identity) {
    for (size_t i = 0; i < view->nearby_count; i++) {
        if (strcmp(view->nearby[i].identity, identity) == 0) {
            return &view->nearby[i];
        }
    }
    return NULL;
}

static void clock_column(const struct view_nearby *nearby, char out[TEXT_SIZE]) {
    if (!nearby->clock_differs) {
        text_copy(out, TEXT_SIZE, "agrees");
        return;
    }
    char size[TEXT_SIZE];
    text_difference_short(nearby->clock_difference_ms, size);
    snprintf(out, TEXT_SIZE, "! %.20s %s", size,
             nearby->clock_difference_ms < 0 ? "behind" : "ahead");
}

void nearby_clock(const struct view_nearby *nearby, char *out, size_t size) {
    char difference[TEXT_SIZE];
    text_difference(nearby->clock_difference_ms, difference);
    if (nearby->clock_differs) {
        snprintf(out, size, "its clock is %s %s", difference,
                 nearby->clock_difference_ms < 0 ? "behind" : "ahead");
    } else {
        snprintf(out, size, "its clock agrees");
    }
}

static void act(struct nearby *nearby, struct turn *turn) {
    const struct view_nearby *focus = nearby_find(turn->view, nearby->list.focus);
    if (focus == NULL) {
        return;
    }
    if (!list_is_sure(&nearby->list)) {
        turn->notice = turn_look_again;
    } else if (turn->press == 'm') {
        turn_command_identity(turn, focus->trusted ? COMMAND_UNTRUST : COMMAND_TRUST,
                              focus->identity);
    } else {
        turn_command_identity(turn, COMMAND_CALL, focus->identity);
        turn_go(turn, PLACE_TALK, "");
    }
}

void nearby_key(struct nearby *nearby, struct turn *turn) {
    struct rows rows = nearby_rows(turn->view);
    list_settle(&nearby->list, &rows);
    if (list_key(&nearby->list, &rows, turn->press)) {
        return;
    }
    switch (turn->press) {
    case 'n':
        turn_go(turn, PLACE_NEW_GROUP, "");
        break;
    case 'm':
    case 'c':
        act(nearby, turn);
        break;
    case 'l':
        turn_command(turn, COMMAND_RADIO_SILENCE);
        turn->command->on = !turn->view->radio_silence;
        break;
    default:
        break;
    }
}

static void draw_full_row(const struct view_nearby *row, struct area line, enum style style,
                          bool selected) {
    int at = line.columns - HEARD;
    char text[TEXT_SIZE];
    text_duration_short(row->heard_ago_ms, text);
    area_text(line, 0, at, style, text);
    clock_column(row, text);
    at -= CLOCK;
    area_text_fit(line, 0, at, CLOCK - 1,
                  selected             ? style
                  : row->clock_differs ? STYLE_CAUTION
                                       : style,
                  text);
    at -= MARK;
    area_text(line, 0, at,
              selected       ? style
              : row->trusted ? STYLE_GOOD
                             : STYLE_DIM,
              row->trusted ? "✓ trusted" : "unmarked");
    at -= NAME;
    area_text_fit(line, 0, at, NAME - 1, style, row->name);
    text_tail(line, 0, 2, at - 3, style, row->identity);
}

static void draw_short_row(const struct view_nearby *row, struct area line, enum style style,
                           bool selected) {
    char heard[TEXT_SIZE];
    text_duration_short(row->heard_ago_ms, heard);
    int at = line.columns - 7;
    area_print(line, 0, at, style, "%6.6s", heard);
    if (row->clock_differs) {
        area_text(line, 0, at - 1, selected ? style : STYLE_CAUTION, "!");
    }
    area_text(line, 0, 2, selected ? style : STYLE_GOOD, row->trusted ? "✓" : " ");
    if (row->name[0] != '\0') {
        area_text_fit(line, 0, 4, at - 6, style, row->name);
    } else {
        text_tail(line, 0, 4, at - 6, style, row->identity);
    }
}

static void draw_rows(struct nearby *nearby, const struct view *view, struct area area) {
    struct rows rows = nearby_rows(view);
    size_t end = list_draw(&nearby->list, &rows, area);
    for (size_t i = nearby->list.top; i < end; i++) {
        bool selected = i == nearby->list.row;
        enum style style = list_style(&nearby->list, i, STYLE_PLAIN);
        struct area line = area_within(area, (int)(i - nearby->list.top), 0, 1, area.columns - 1);
        if (selected) {
            area_fill(line, ' ', style);
        }
        area_text(line, 0, 0, style, list_mark(&nearby->list, i));
        if (text_is_full(area)) {
            draw_full_row(&view->nearby[i], line, style, selected);
        } else {
            draw_short_row(&view->nearby[i], line, style, selected);
        }
    }
}

/* The identity under the cursor in full. */
static void draw_focus(const struct view_nearby *focus, struct area area) {
    char clock[96], heard[TEXT_SIZE], words[256];
    nearby_clock(focus, clock, sizeof clock);
    text_duration_short(focus->heard_ago_ms, heard);
    if (text_is_full(area)) {
        snprintf(words, sizeof words, "verified, %s, %s, heard %s ago",
                 focus->trusted ? "trusted by you" : "not marked by you", clock, heard);
    } else {
        snprintf(words, sizeof words, "%s, %s", focus->trusted ? "trusted" : "unmarked", clock);
    }
    int width = area.columns - 2;
    int row = text_wrapped(area, 0, 1, width, STYLE_STRONG, focus->identity);
    text_wrapped(area, row, 1, width, STYLE_PLAIN, words);
}

static void draw_nobody(struct area area) {
    struct scroll scroll = {0};
    struct page page = page_begin(&scroll, area);
    do {
        page_text(&page, 0, STYLE_PLAIN, "No other identity in reach.");
        page_gap(&page);
        page_text(&page, 0, STYLE_DIM,
                  "Handsets in reach appear here by themselves, as soon as what they send proves "
                  "their identity.");
    } while (page_again(&page));
}

static void draw_heading(const struct view *view, struct area line) {
    if (text_is_full(line)) {
        int at = line.columns - 1 - HEARD;
        area_text(line, 0, at, STYLE_DIM, "Heard");
        area_text(line, 0, at -= CLOCK, STYLE_DIM, "Clock");
        area_text(line, 0, at -= MARK, STYLE_DIM, "Mark");
        area_text(line, 0, at - NAME, STYLE_DIM, "Name");
        area_text(line, 0, 2, STYLE_DIM, "Verified identity");
    } else if (!view->radio_silence) {
        area_text(line, 0, 1, STYLE_DIM, "Verified identities");
    }
}

void nearby_draw(struct nearby *nearby, const struct view *view, struct area area) {
    int row = 0;
    if (view->radio_silence) {
        area_text_fit(area, row, 1, area.columns - 1, STYLE_CAUTION,
                      text_is_full(area)
                          ? "Radio silence: this handset listens only, others do not see it."
                          : "Radio silence is on");
        row++;
    }
    if (view->nearby_count == 0) {
        struct rows none = {0};
        list_draw(&nearby->list, &none, area_within(area, row, 0, 0, 0));
        draw_nobody(area_within(area, row, 0, area.rows - row, area.columns));
        return;
    }
    if (text_is_full(area) || !view->radio_silence) {
        draw_heading(view, area_within(area, row, 0, 1, area.columns));
        row++;
    }
    int detail = area.rows >= 8 ? (text_is_full(area) ? 3 : 4) : 0;
    draw_rows(nearby, view, area_within(area, row, 0, area.rows - row - detail, area.columns));
    const struct view_nearby *focus = nearby_find(view, nearby->list.focus);
    if (detail > 0 && focus != NULL) {
        draw_focus(focus, area_within(area, area.rows - detail, 0, detail, area.columns));
    }
}

void nearby_hints(const struct view *view, struct hints *hints) {
    hints_add(hints, "n", "new group");
    if (view->nearby_count > 0) {
        hints_add(hints, "m", "mark");
        hints_add(hints, "c", "call");
    }
    hints_add(hints, "l", view->radio_silence ? "send again" : "listen only");
}
