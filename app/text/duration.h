/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Durations as people write them on a command line: "90s", "45m", "12h", "7d".
 */
#ifndef MUSTER_APP_TEXT_DURATION_H
#define MUSTER_APP_TEXT_DURATION_H

#include <stdint.h>

#include "crypto/status.h"

enum {
    DURATION_TEXT_SIZE = 24
};

/* Reads digits and one of s, m, h, d into milliseconds. STATUS_MALFORMED for anything else and for
 * 0, STATUS_TOO_LONG for more than 36500 days. */
MUST_CHECK enum status duration_parse(const char *text, int64_t *milliseconds);

/* Writes a duration, which must not be negative, in the largest unit that divides it, at least
 * seconds. */
void duration_print(int64_t milliseconds, char out[DURATION_TEXT_SIZE]);

#endif
