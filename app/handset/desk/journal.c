/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/journal.h"

void journal_add(struct journal *journal, const struct event *event) {
    journal->events[journal->event_next] = *event;
    journal->event_next = (journal->event_next + 1) % VIEW_LOG_MAX;
    journal->version++;
    if (journal->event_count < VIEW_LOG_MAX) {
        journal->event_count++;
    }
}

bool journal_may_log_refusal(struct journal *journal, int64_t boot_ms) {
    journal->frames_refused++;
    int64_t second = boot_ms / 1000;
    if (second != journal->refusals_second) {
        journal->refusals_second = second;
        journal->refusals_logged = 0;
    }
    return journal->refusals_logged++ < JOURNAL_REFUSALS_A_SECOND;
}

void journal_add_session(struct journal *journal, const struct view_session *session) {
    journal->sessions[journal->session_next] = *session;
    journal->session_next = (journal->session_next + 1) % VIEW_SESSIONS_MAX;
    journal->version++;
    if (journal->session_count < VIEW_SESSIONS_MAX) {
        journal->session_count++;
    }
}

void journal_show(const struct journal *journal, struct view *view) {
    view->frames_heard = journal->frames_heard;
    view->frames_refused = journal->frames_refused;
    view->log_count = journal->event_count;
    for (size_t i = 0; i < journal->event_count; i++) {
        view->log[i] = journal->events[(journal->event_next + VIEW_LOG_MAX - 1 - i) % VIEW_LOG_MAX];
    }
    view->session_count = journal->session_count;
    for (size_t i = 0; i < journal->session_count; i++) {
        view->sessions[i] =
            journal
                ->sessions[(journal->session_next + VIEW_SESSIONS_MAX - 1 - i) % VIEW_SESSIONS_MAX];
    }
}
