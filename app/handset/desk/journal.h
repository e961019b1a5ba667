/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handset's log for its officer: what happened, what was refused, and the talk sessions that
 * have ended. It is bounded, the newest is kept, and nobody can push out of it what others did:
 *
 * Lines stand on shelves by what they are about, each with room of its own, so that no amount of
 * one pushes another out. What the officer did and what became of the own groups and keys stands
 * apart from what others ask, from emergencies, from talk, and from what is around. On a shelf,
 * nobody has more than a few lines of one kind: a further one takes the place of the oldest of
 * them, which the next oldest then counts as well ("and 20 more since 11:50").
 *
 * Refusals are counted (refusals.h).
 */
#ifndef MUSTER_APP_HANDSET_DESK_JOURNAL_H
#define MUSTER_APP_HANDSET_DESK_JOURNAL_H

#include "app/handset/desk/refusals.h"
#include "app/handset/shelf.h"

enum {
    JOURNAL_REFUSALS_A_SECOND = 5,
    JOURNAL_LINES_MAX = SHELVES_LINES,
};

struct journal_line {
    uint64_t number; /* when it came among all lines, from 1 up; 0: a free place */
    struct view_log_times times;
    struct event event;
};

struct journal {
    uint64_t last_number;
    struct journal_line lines[JOURNAL_LINES_MAX]; /* shelf after shelf, each in no order */
    struct refusals refusals;
    size_t session_count, session_next;
    struct view_session sessions[VIEW_SESSIONS_MAX];
    uint64_t version; /* of lines and sessions: changes with each that is added */
    uint64_t frames_heard, frames_refused;
    uint64_t peer;           /* that the frame came from which is being heard; EVERYONE: none is */
    int64_t refusals_second; /* boot clock, seconds */
    int refusals_told;
    bool is_shut; /* nothing is written into it */
};

/* Adds an event, which has its time. */
void journal_add(struct journal *journal, const struct event *event);

/* Counts a refused message of the peer that is being heard (`name`: who that is), at event->utc_ms.
 * *event, which has message and check, becomes the line that counts it. Returns whether it is to be
 * told as well, which at most JOURNAL_REFUSALS_A_SECOND are. */
bool journal_refuse(struct journal *journal, int64_t boot_ms, const struct source_namer *namer,
                    struct event *event);

/* Counts a refused message at `boot_ms`, of which the caller makes the line. Returns whether it is
 * to be told at all, as JOURNAL_REFUSALS_A_SECOND are. */
bool journal_refuses(struct journal *journal, int64_t boot_ms);

/* Adds a talk session that has ended. */
void journal_add_session(struct journal *journal, const struct view_session *session);

/* Copies events and sessions into the view, newest first. */
void journal_show(const struct journal *journal, struct view *view);

#endif
