/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/words/day.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/words/words.h"

enum {
    MONTH_LENGTH = 7, /* YYYY-MM */
    DAY_LENGTH = 10   /* YYYY-MM-DD */
};

static const char *const months[] = {
    N_("January"), N_("February"), N_("March"),     N_("April"),   N_("May"),      N_("June"),
    N_("July"),    N_("August"),   N_("September"), N_("October"), N_("November"), N_("December"),
};

/* The month in a text that begins with YYYY-MM, from 1 up; 0 for none. */
static long month_in(const char *text) {
    if (strlen(text) < MONTH_LENGTH || text[4] != '-') {
        return 0;
    }
    long month = strtol(text + 5, NULL, 10);
    return month >= 1 && month <= 12 ? month : 0;
}

void day_words(const char *day, char out[DAY_WORDS_SIZE]) {
    long month = month_in(day);
    if (month == 0 || strlen(day) != DAY_LENGTH) {
        snprintf(out, DAY_WORDS_SIZE, "%s", day);
        return;
    }
    /* A day and its month: "30 November". */
    snprintf(out, DAY_WORDS_SIZE, _("%ld %s"), strtol(day + 8, NULL, 10), words(months[month - 1]));
}

const char *month_words(const char *month) {
    long number = month_in(month);
    return number == 0 ? month : words(months[number - 1]);
}
