/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The refused messages, in one row for each kind, check that failed and source. Anybody can make
 * any number of all three, so the rows are few: of one kind and check a few sources have rows of
 * their own, and all others one together. Where there is no room for a row, that of what came
 * longest ago makes way, and is counted in a row for the rest.
 */
#ifndef MUSTER_APP_HANDSET_DESK_REFUSALS_H
#define MUSTER_APP_HANDSET_DESK_REFUSALS_H

#include "app/handset/desk/source.h"

enum {
    REFUSALS_ROWS_MAX = 24,
    REFUSALS_SOURCES_MAX = 3, /* of one kind and check that have rows of their own */
};

struct refusals_row {
    uint64_t number; /* in the log, of the latest that it counts; 0: a free row */
    enum refusals_scope {
        REFUSED_OF_ONE,  /* of one source: `peer` */
        REFUSED_OF_MANY, /* of all others */
        REFUSED_REST,    /* of whatever kind */
    } scope;
    uint64_t peer;
    struct sources sources; /* of REFUSED_OF_MANY */
    int64_t since_utc_ms;   /* when the first was */
    struct event event;
};

struct refusals {
    struct refusals_row rows[REFUSALS_ROWS_MAX];
};

/* Counts a message from `peer` that was refused; it has `number` in the log, and *event says which
 * and why. *event becomes that of its row. */
void refusals_count(struct refusals *refusals, uint64_t number, uint64_t peer,
                    const struct source_namer *namer, struct event *event);

#endif
