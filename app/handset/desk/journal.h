/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's log for its officer: events, refused messages, and the talk sessions that have
 * ended. Bounded; the newest is kept.
 */
#ifndef MUSTER_APP_HANDSET_DESK_JOURNAL_H
#define MUSTER_APP_HANDSET_DESK_JOURNAL_H

#include "app/handset/view.h"

enum {
    JOURNAL_REFUSALS_A_SECOND = 5
};

struct journal {
    size_t event_count, event_next;
    struct event events[VIEW_LOG_MAX];
    size_t session_count, session_next;
    struct view_session sessions[VIEW_SESSIONS_MAX];
    uint64_t version; /* of lines and sessions: changes with each that is added */
    uint64_t frames_heard, frames_refused;
    int64_t refusals_second; /* boot clock, seconds */
    int refusals_logged;
};

/* Adds an event, which has its time. */
void journal_add(struct journal *journal, const struct event *event);

/* Counts a refused message; returns whether it may also be in the log: a flood of bad frames must
 * not push everything else out of the log. */
bool journal_may_log_refusal(struct journal *journal, int64_t boot_ms);

/* Adds a talk session that has ended. */
void journal_add_session(struct journal *journal, const struct view_session *session);

/* Copies events and sessions into the view, newest first. */
void journal_show(const struct journal *journal, struct view *view);

#endif
