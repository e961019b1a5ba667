/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/freshness.h"

#include <stdbool.h>

#include "app/identity/keyring.h"

/* Is `a` later than `b` by more than `by_ms`? Dates come from others, and may be any. */
static bool is_later(int64_t a_ms, int64_t b_ms, int64_t by_ms) {
    int64_t difference_ms;
    if (__builtin_sub_overflow(a_ms, b_ms, &difference_ms)) {
        return a_ms > b_ms;
    }
    return difference_ms > by_ms;
}

enum status freshness_check_date(const struct limits *limits, int64_t utc_ms,
                                 struct freshness_time time) {
    if (is_later(utc_ms, time.now_ms, limits->tolerance_ms) &&
        is_later(utc_ms, time.latest_ms, limits->tolerance_ms)) {
        return STATUS_DATED_AHEAD;
    }
    return is_later(time.now_ms, utc_ms, KEYRING_HORIZON_MS) ? STATUS_TOO_OLD : STATUS_OK;
}

enum status freshness_check(const struct limits *limits, int64_t utc_ms, int64_t now_ms) {
    return freshness_check_date(limits, utc_ms, (struct freshness_time){now_ms, now_ms});
}

enum status freshness_check_period(const struct limits *limits, int64_t utc_ms,
                                   int64_t not_before_ms, int64_t not_after_ms) {
    if (is_later(not_after_ms, not_before_ms, limits->longest_period_ms)) {
        return STATUS_PERIOD_TOO_LONG;
    }
    return is_later(not_before_ms, utc_ms, limits->longest_period_ms) ? STATUS_DATED_AHEAD
                                                                      : STATUS_OK;
}
