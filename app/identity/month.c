/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/identity/month.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

/* The date of a moment; false when it is in no year from 1970 to 9999. */
static bool date_of(int64_t utc_ms, struct tm *date) {
    static const int64_t year_10000_ms = INT64_C(253402300800000);
    if (utc_ms < 0 || utc_ms >= year_10000_ms) {
        return false;
    }
    time_t seconds = (time_t)(utc_ms / 1000);
    return gmtime_r(&seconds, date) != NULL;
}

int64_t month_start(int64_t utc_ms, int months_later) {
    struct tm date;
    if (!date_of(utc_ms, &date)) {
        return 0;
    }
    date = (struct tm){.tm_year = date.tm_year, .tm_mon = date.tm_mon + months_later, .tm_mday = 1};
    int64_t start_ms = (int64_t)timegm(&date) * 1000;
    return date_of(start_ms, &date) ? start_ms : 0;
}

void month_print(int64_t utc_ms, char out[MONTH_TEXT_SIZE]) {
    struct tm date;
    if (!date_of(utc_ms, &date) || strftime(out, MONTH_TEXT_SIZE, "%Y-%m", &date) == 0) {
        out[0] = '\0';
    }
}

void day_print(int64_t utc_ms, char out[DAY_TEXT_SIZE]) {
    struct tm date;
    if (!date_of(utc_ms, &date) || strftime(out, DAY_TEXT_SIZE, "%Y-%m-%d", &date) == 0) {
        out[0] = '\0';
    }
}

enum status month_parse(const char *text, int64_t *start_ms) {
    struct tm date = {.tm_mday = 1};
    char again[MONTH_TEXT_SIZE];
    *start_ms = 0;
    const char *end = strptime(text, "%Y-%m", &date);
    if (end == NULL || *end != '\0') {
        return STATUS_MALFORMED;
    }
    int64_t moment_ms = (int64_t)timegm(&date) * 1000;
    month_print(moment_ms, again);
    if (strcmp(again, text) != 0) { /* one month has one spelling */
        return STATUS_MALFORMED;
    }
    *start_ms = moment_ms;
    return STATUS_OK;
}
