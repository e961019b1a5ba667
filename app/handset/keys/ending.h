/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Is a month really over? What is wiped does not come back, and one look at a wall clock that is
 * ahead must not cost a handset this month's keys: they are taken for ended once the wall clock has
 * said so for ENDING_SURE_MS without a restart, and the neighbours' clocks do not say that it
 * differs.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_ENDING_H
#define MUSTER_APP_HANDSET_KEYS_ENDING_H

#include "app/handset/desk/desk.h"

enum {
    ENDING_SURE_MS = 60 * 60 * 1000
};

/* The keys that the wall clock says are over; zeroed: none. */
struct ending {
    char record_key[RECORD_KEY_MAX + 1]; /* "": none */
    int64_t since_ms;                    /* boot clock: since then without a break */
};

/* By the wall clock `ended` is over now; NULL: nothing is. Returns whether that is sure; the next
 * keys, and the next thing that is wiped of these, then have to wait as long. */
bool ending_is_sure(struct ending *ending, const struct desk *desk, struct moment now,
                    const struct key_set *ended);

#endif
