/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/screens/log.h"

#include <stdio.h>

#include "ui/screens/text.h"
#include "ui/words/event.h"
#include "ui/words/words.h"

void log_key(struct log *log, struct turn *turn) {
    scroll_key(&log->scroll, turn->press);
}

/* The sentence, and for how many events it stands since when. */
static void line_words(const struct event *event, const struct view_log_times *times,
                       char out[EVENT_WORDS_SIZE]) {
    char sentence[EVENT_WORDS_SIZE], since[TEXT_SIZE];
    event_words(event, sentence, sizeof sentence);
    text_time(times->since_utc_ms, since);
    if (times->times < 2) {
        snprintf(out, EVENT_WORDS_SIZE, "%s", sentence);
    } else if (event->kind == EVENT_REFUSED) { /* the sentence has the count */
        snprintf(out, EVENT_WORDS_SIZE, _("%s since %.5s"), sentence, since);
    } else {
        unsigned more = times->times - 1;
        snprintf(out, EVENT_WORDS_SIZE,
                 words_many("%s (and %u more since %.5s)", "%s (and %u more since %.5s)", more),
                 sentence, more, since);
    }
}

static void write_event(struct page *page, const struct event *event,
                        const struct view_log_times *times) {
    static const char *const marks[] = {
        [LOG_DETAIL] = " ", [LOG_NOTICE] = "·", [LOG_WARNING] = "!"};
    static const enum style styles[] = {
        [LOG_DETAIL] = STYLE_DIM, [LOG_NOTICE] = STYLE_PLAIN, [LOG_WARNING] = STYLE_CAUTION};
    enum log_weight weight = event_weight(event->kind);
    char time[TEXT_SIZE], words[EVENT_WORDS_SIZE];
    text_time(event->utc_ms, time);
    line_words(event, times, words);
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
            write_event(&page, &view->log[i], &view->log_times[i]);
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
