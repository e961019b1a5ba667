/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The words for what radios and links report.
 */
#ifndef MUSTER_UI_WORDS_RADIO_H
#define MUSTER_UI_WORDS_RADIO_H

#include "app/handset/condition.h"

enum {
    CONDITION_WORDS_SIZE = 320
};

/* What a radio does, or what is wrong and what to do about it, in the screen's language: a clause
 * without a full stop, cut where it is too long. Empty for a condition without a name; the name
 * itself where there are no words for it. */
void condition_words(const struct view_condition *condition, char out[CONDITION_WORDS_SIZE]);

/* The same with the link before it, as the officer calls it ("udp:eth0: ..."); NULL or empty: none.
 */
void condition_notice(const char *link, const struct view_condition *condition,
                      char out[CONDITION_WORDS_SIZE]);

#endif
