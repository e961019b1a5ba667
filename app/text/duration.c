/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/text/duration.h"

#include <stddef.h>
#include <stdio.h>

static const struct {
    char letter;
    int64_t milliseconds;
} units[] = {{'d', 86400000}, {'h', 3600000}, {'m', 60000}, {'s', 1000}};

enum {
    UNIT_COUNT = sizeof units / sizeof units[0]
};

#define DURATION_MAX_MS (INT64_C(36500) * 86400000)

enum status duration_parse(const char *text, int64_t *milliseconds) {
    int64_t count = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++) {
        count = count * 10 + (*at - '0');
        if (count > DURATION_MAX_MS / 1000) {
            return STATUS_TOO_LONG;
        }
    }
    if (count == 0 || at[0] == '\0' || at[1] != '\0') {
        return STATUS_MALFORMED;
    }
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (*at != units[i].letter) {
            continue;
        }
        if (count > DURATION_MAX_MS / units[i].milliseconds) {
            return STATUS_TOO_LONG;
        }
        *milliseconds = count * units[i].milliseconds;
        return STATUS_OK;
    }
    return STATUS_MALFORMED;
}

void duration_print(int64_t milliseconds, char out[DURATION_TEXT_SIZE]) {
    size_t i = 0;
    while (i < UNIT_COUNT - 1 &&
           (milliseconds < units[i].milliseconds || milliseconds % units[i].milliseconds != 0)) {
        i++;
    }
    snprintf(out, DURATION_TEXT_SIZE, "%lld%c", (long long)(milliseconds / units[i].milliseconds),
             units[i].letter);
}
