/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How old, how far ahead and for how long: what is checked of the dates of a group's key when it is
 * delivered, on a handset that takes it and at a manager that makes it. Somebody who got hold of a
 * manager's keys dates what he likes; so a delivery counts only near the time that its receiver
 * knows, and for no longer than the domain allows.
 */
#ifndef MUSTER_APP_IDENTITY_FRESHNESS_H
#define MUSTER_APP_IDENTITY_FRESHNESS_H

#include <stdint.h>

#include "crypto/status.h"

#define FRESHNESS_PERIOD_MAX_MS (INT64_C(92) * 24 * 60 * 60 * 1000)

struct freshness_limits {
    int64_t tolerance_ms;  /* so far clocks may differ: nothing is dated further ahead */
    int64_t horizon_ms;    /* what waited counts for so long after its date */
    int64_t period_max_ms; /* the longest period of use of a group's key; it begins no later than
                            * this after the delivery's date */
};

/* Those of every domain: KEYRING_TOLERANCE_MS, KEYRING_HORIZON_MS and
 * FRESHNESS_PERIOD_MAX_MS. */
extern const struct freshness_limits freshness_limits;

/* What a receiver knows of the time: it is `now_ms` by its wall clock, and may be as late as
 * `latest_ms` by all that it knows. */
struct freshness_time {
    int64_t now_ms, latest_ms;
};

/* May what is dated `utc_ms` count? STATUS_TOO_OLD, STATUS_DATED_AHEAD. */
MUST_CHECK enum status freshness_check_date(const struct freshness_limits *limits, int64_t utc_ms,
                                            struct freshness_time time);

/* The same where nothing but the wall clock is known. */
MUST_CHECK enum status freshness_check(const struct freshness_limits *limits, int64_t utc_ms,
                                       int64_t now_ms);

/* Is the period of use from `not_before_ms` to `not_after_ms`, of a key that is delivered under the
 * date `utc_ms`, one that the domain allows? STATUS_PERIOD_TOO_LONG, and STATUS_DATED_AHEAD when it
 * begins too late. */
MUST_CHECK enum status freshness_check_period(const struct freshness_limits *limits, int64_t utc_ms,
                                              int64_t not_before_ms, int64_t not_after_ms);

#endif
