/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/handset/desk/refusals.h"

#include <string.h>

static bool is_of_kind(const struct refusals_row *row, const struct event *event) {
    return row->number != 0 && row->scope != REFUSED_REST && row->event.message == event->message &&
           row->event.check == event->check;
}

/* The row that counts it, if there is one: its source's own, or that of many sources. *own is how
 * many sources have rows of their own. */
static struct refusals_row *find(struct refusals *refusals, uint64_t peer,
                                 const struct event *event, unsigned *own) {
    struct refusals_row *many = NULL;
    *own = 0;
    for (size_t i = 0; i < REFUSALS_ROWS_MAX; i++) {
        struct refusals_row *row = &refusals->rows[i];
        if (!is_of_kind(row, event)) {
            continue;
        }
        if (row->scope == REFUSED_OF_MANY) {
            many = row;
        } else if (row->peer == peer) {
            return row;
        } else {
            ++*own;
        }
    }
    return *own < REFUSALS_SOURCES_MAX ? NULL : many;
}

static struct refusals_row *rest_of(struct refusals *refusals) {
    for (size_t i = 0; i < REFUSALS_ROWS_MAX; i++) {
        if (refusals->rows[i].number != 0 && refusals->rows[i].scope == REFUSED_REST) {
            return &refusals->rows[i];
        }
    }
    return NULL;
}

/* A free row, or that of what came longest ago, which is not the rest's. */
static struct refusals_row *oldest_of(struct refusals *refusals) {
    struct refusals_row *oldest = NULL;
    for (size_t i = 0; i < REFUSALS_ROWS_MAX; i++) {
        struct refusals_row *row = &refusals->rows[i];
        bool is_rest = row->number != 0 && row->scope == REFUSED_REST;
        if (!is_rest && (oldest == NULL || row->number < oldest->number)) {
            oldest = row;
        }
    }
    return oldest;
}

/* What the row counts is counted in the rest from now on, so that the row is free. The first one
 * becomes the rest's, and another is freed. */
static struct refusals_row *make_room(struct refusals *refusals) {
    struct refusals_row *row = oldest_of(refusals), *rest = rest_of(refusals);
    if (row->number == 0) {
        return row;
    }
    if (rest == NULL) {
        row->scope = REFUSED_REST;
        row->event.message = MESSAGE_NONE;
        row->event.check = NULL;
        row->event.sources = 0;
        row->event.source[0] = row->event.link[0] = '\0';
        return make_room(refusals);
    }
    rest->event.count += row->event.count;
    if (row->since_utc_ms < rest->since_utc_ms) {
        rest->since_utc_ms = row->since_utc_ms;
    }
    if (row->number > rest->number) {
        rest->number = row->number;
        rest->event.utc_ms = row->event.utc_ms;
    }
    return row;
}

static struct refusals_row *begin(struct refusals *refusals, uint64_t peer, bool is_own,
                                  const struct source_namer *namer, const struct event *event) {
    struct refusals_row *row = make_room(refusals);
    *row = (struct refusals_row){.scope = is_own ? REFUSED_OF_ONE : REFUSED_OF_MANY,
                                 .peer = peer,
                                 .since_utc_ms = event->utc_ms,
                                 .event = *event};
    if (is_own) {
        source_name(namer, peer, &row->event);
    }
    return row;
}

void refusals_count(struct refusals *refusals, uint64_t number, uint64_t peer,
                    const struct source_namer *namer, struct event *event) {
    unsigned own;
    struct refusals_row *row = find(refusals, peer, event, &own);
    if (row == NULL) {
        row = begin(refusals, peer, own < REFUSALS_SOURCES_MAX, namer, event);
    }
    if (row->scope == REFUSED_OF_MANY) {
        sources_add(&row->sources, peer);
        row->event.sources = row->sources.count;
    }
    row->number = number;
    row->event.count++;
    row->event.utc_ms = event->utc_ms;
    *event = row->event;
}
