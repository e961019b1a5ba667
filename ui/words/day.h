/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Days and months as people say them.
 */
#ifndef MUSTER_UI_WORDS_DAY_H
#define MUSTER_UI_WORDS_DAY_H

enum {
    DAY_WORDS_SIZE = 48 /* a day in any language, terminated */
};

/* YYYY-MM-DD as "30 November"; what is not of that form as it is, cut to the room. */
void day_words(const char *day, char out[DAY_WORDS_SIZE]);

/* The name of the month in YYYY-MM, "December"; what is not of that form as it is. */
const char *month_words(const char *month);

#endif
