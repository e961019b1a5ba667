/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Months, the periods of monthly keys (RFC 6509 3.2), in UTC and as people write them: 2026-11.
 */
#ifndef MUSTER_APP_IDENTITY_MONTH_H
#define MUSTER_APP_IDENTITY_MONTH_H

#include <stdint.h>

#include "crypto/status.h"

enum {
    MONTH_TEXT_SIZE = sizeof "YYYY-MM",
    DAY_TEXT_SIZE = sizeof "YYYY-MM-DD"
};

/* The first moment, in milliseconds since 1970, of the month that is `months_later` after the one
 * that holds `utc_ms`; 0 when that is outside the years 1970 to 9999. */
int64_t month_start(int64_t utc_ms, int months_later);

/* Writes the month that holds `utc_ms` as YYYY-MM; an empty text for a moment outside the years
 * 1970 to 9999. */
void month_print(int64_t utc_ms, char out[MONTH_TEXT_SIZE]);

/* Writes the day that holds `utc_ms` as YYYY-MM-DD, likewise. */
void day_print(int64_t utc_ms, char out[DAY_TEXT_SIZE]);

/* Reads YYYY-MM into the first moment of that month. STATUS_MALFORMED. */
MUST_CHECK enum status month_parse(const char *text, int64_t *start_ms);

#endif
