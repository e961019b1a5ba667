/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/log.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

void log_key(struct log *log, struct turn *turn) {
    scroll_key(&log->scroll, turn->press);
}

static void write_event(struct page *page, const struct event *event) {
    static const char *const marks[] = {
        [LOG_DETAIL] = " ", [LOG_NOTICE] = "·", [LOG_WARNING] = "!"};
    static const enum style styles[] = {
        [LOG_DETAIL] = STYLE_DIM, [LOG_NOTICE] = STYLE_PLAIN, [LOG_WARNING] = STYLE_CAUTION};
    enum log_weight weight = event_weight(event->kind);
    char time[TEXT_SIZE], words[EVENT_WORDS_SIZE];
    text_time(event->utc_ms, time);
    event_words(event, words, sizeof words);
    if (text_is_full(page->area)) {
        area_print(page->area, page_row(page), 1, STYLE_DIM, "%s", time);
        area_text(page->area, page_row(page), 11, styles[weight], marks[weight]);
        page_text(page, 12, styles[weight], words);
    } else {
        page_print(page, 0, styles[weight], "%.5s%s %s", time, weight == LOG_WARNING ? " !" : "",
                   words);
    }
}

/* What stands comes before what has happened. */
static void write_alarms(struct page *page, const struct view *view) {
    char words[EVENT_WORDS_SIZE], text[EVENT_WORDS_SIZE + 2];
    for (size_t i = 0; i < view->alarm_count; i++) {
        event_words(&view->alarms[i], words, sizeof words);
        snprintf(text, sizeof text, "! %s", words);
        page_text(page, 0, STYLE_BAD, text);
    }
    if (view->alarm_count > 0) {
        page_gap(page);
    }
}

void log_draw(struct log *log, const struct view *view, struct area area) {
    struct page page = page_begin(&log->scroll, area);
    bool reading = log->scroll.top > 0;
    do {
        write_alarms(&page, view);
        if (view->log_count == 0) {
            page_text(&page, 0, STYLE_PLAIN, _("Nothing has happened yet."));
        }
        for (size_t i = 0; i < view->log_count; i++) {
            int before = page.row;
            write_event(&page, &view->log[i]);
            /* Whoever has scrolled down keeps the same lines in front of them. */
            if (reading && !page.drawing && view->log[i].utc_ms > log->newest_utc_ms) {
                log->scroll.top += page.row - before;
            }
        }
    } while (page_again(&page));
    log->newest_utc_ms = view->log_count > 0 ? view->log[0].utc_ms : 0;
}

void log_hints(struct hints *hints) {
    hints_add(hints, _("up/down"), _("scroll"));
    hints_add(hints, _("home"), _("newest"));
}
