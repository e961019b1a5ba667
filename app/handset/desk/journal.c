/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/journal.h"

#include <stdlib.h>

/* --- Lines ---------------------------------------------------------------------------------- */

/* The first line of a shelf. */
static struct journal_line *begin_of(struct journal *journal, enum shelf shelf) {
    size_t at = 0;
    for (int before = 0; before < (int)shelf; before++) {
        at += shelf_size((enum shelf)before);
    }
    return &journal->lines[at];
}

static struct journal_line *older(struct journal_line *one, struct journal_line *other) {
    return one == NULL || other->number < one->number ? other : one;
}

/* The line now stands for what the older one stood for as well. */
static void take_over(struct view_log_times *times, const struct view_log_times *older) {
    times->times += older->times;
    times->since_utc_ms = older->since_utc_ms;
}

/* A place for the event: where there are enough that are alike, that of the oldest of them, which
 * the next oldest, or the event itself, then stands for; else a free one, or the oldest. */
static struct journal_line *place(struct journal *journal, const struct event *event,
                                  struct view_log_times *times) {
    enum shelf shelf = shelf_of(event->kind);
    struct journal_line *lines = begin_of(journal, shelf);
    struct journal_line *oldest = NULL, *alike = NULL, *next_alike = NULL;
    size_t count = 0;
    for (size_t i = 0; i < shelf_size(shelf); i++) {
        struct journal_line *line = &lines[i];
        oldest = older(oldest, line);
        if (line->number == 0 || !shelf_is_alike(&line->event, event)) {
            continue;
        }
        count++;
        if (alike == NULL || line->number < alike->number) {
            next_alike = alike;
            alike = line;
        } else {
            next_alike = older(next_alike, line);
        }
    }
    if (count < shelf_alike_max(shelf)) {
        return oldest;
    }
    take_over(next_alike != NULL ? &next_alike->times : times, &alike->times);
    return alike;
}

void journal_add(struct journal *journal, const struct event *event) {
    if (journal->is_shut) {
        return;
    }
    struct view_log_times times = {.times = 1, .since_utc_ms = event->utc_ms};
    struct journal_line *line = place(journal, event, &times);
    *line =
        (struct journal_line){.number = ++journal->last_number, .times = times, .event = *event};
    journal->version++;
}

/* --- Refusals ------------------------------------------------------------------------------- */

bool journal_refuses(struct journal *journal, int64_t boot_ms) {
    int64_t second = boot_ms / 1000;
    journal->frames_refused++;
    if (second != journal->refusals_second) {
        journal->refusals_second = second;
        journal->refusals_told = 0;
    }
    return !journal->is_shut && journal->refusals_told++ < JOURNAL_REFUSALS_A_SECOND;
}

bool journal_refuse(struct journal *journal, int64_t boot_ms, const struct source_namer *namer,
                    struct event *event) {
    bool is_told = journal_refuses(journal, boot_ms);
    if (journal->is_shut) {
        return false;
    }
    refusals_count(&journal->refusals, ++journal->last_number, journal->peer, namer, event);
    journal->version += is_told;
    return is_told;
}

/* --- Sessions, and the picture -------------------------------------------------------------- */

void journal_add_session(struct journal *journal, const struct view_session *session) {
    if (journal->is_shut) {
        return;
    }
    journal->sessions[journal->session_next] = *session;
    journal->session_next = (journal->session_next + 1) % VIEW_SESSIONS_MAX;
    journal->version++;
    if (journal->session_count < VIEW_SESSIONS_MAX) {
        journal->session_count++;
    }
}

/* A line of the log, with its number. */
struct shown {
    uint64_t number;
    const struct event *event;
    struct view_log_times times;
};

static int compare_newest_first(const void *one, const void *other) {
    uint64_t a = ((const struct shown *)one)->number, b = ((const struct shown *)other)->number;
    return a > b ? -1 : a < b;
}

static void show_log(const struct journal *journal, struct view *view) {
    struct shown shown[VIEW_LOG_MAX];
    size_t count = 0;
    for (size_t i = 0; i < JOURNAL_LINES_MAX; i++) {
        const struct journal_line *line = &journal->lines[i];
        shown[count] = (struct shown){line->number, &line->event, line->times};
        count += line->number != 0;
    }
    for (size_t i = 0; i < REFUSALS_ROWS_MAX; i++) {
        const struct refusals_row *row = &journal->refusals.rows[i];
        shown[count] =
            (struct shown){row->number, &row->event, {row->event.count, row->since_utc_ms}};
        count += row->number != 0;
    }
    qsort(shown, count, sizeof shown[0], compare_newest_first);
    view->log_count = count;
    for (size_t i = 0; i < count; i++) {
        view->log[i] = *shown[i].event;
        view->log_times[i] = shown[i].times;
    }
}

void journal_show(const struct journal *journal, struct view *view) {
    view->frames_heard = journal->frames_heard;
    view->frames_refused = journal->frames_refused;
    show_log(journal, view);
    view->session_count = journal->session_count;
    for (size_t i = 0; i < journal->session_count; i++) {
        view->sessions[i] =
            journal
                ->sessions[(journal->session_next + VIEW_SESSIONS_MAX - 1 - i) % VIEW_SESSIONS_MAX];
    }
}

_Static_assert(JOURNAL_LINES_MAX + REFUSALS_ROWS_MAX == VIEW_LOG_MAX, "all are shown");
