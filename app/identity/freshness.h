/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How old, how far ahead and for how long: the checks of the dates of a group's key when it is
 * delivered, at the manager that makes the delivery and on the handset that takes it. Whoever got
 * hold of a manager's keys can write any date; so a delivery counts only near the time that its
 * receiver knows, and for no longer than the domain allows.
 */
#ifndef MUSTER_APP_IDENTITY_FRESHNESS_H
#define MUSTER_APP_IDENTITY_FRESHNESS_H

#include "app/identity/limits.h"

/* What a receiver knows of the time: it is `now_ms` by its wall clock, and may be as late as
 * `latest_ms` by all that it knows. */
struct freshness_time {
    int64_t now_ms, latest_ms;
};

/* May what is dated `utc_ms` count: no further ahead than the tolerance, and no older than
 * KEYRING_HORIZON_MS? STATUS_TOO_OLD, STATUS_DATED_AHEAD. */
MUST_CHECK enum status freshness_check_date(const struct limits *limits, int64_t utc_ms,
                                            struct freshness_time time);

/* The same where nothing but the wall clock, `now_ms`, is known. */
MUST_CHECK enum status freshness_check(const struct limits *limits, int64_t utc_ms, int64_t now_ms);

/* Is the period of use from `not_before_ms` to `not_after_ms`, of a key that is delivered under the
 * date `utc_ms`, one that the domain allows? It begins no later than the longest period after that
 * date. STATUS_PERIOD_TOO_LONG, and STATUS_DATED_AHEAD when it begins too late. */
MUST_CHECK enum status freshness_check_period(const struct limits *limits, int64_t utc_ms,
                                              int64_t not_before_ms, int64_t not_after_ms);

#endif
