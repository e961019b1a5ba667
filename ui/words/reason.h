/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Why a member does not have the key, and how long a key lasts, in the screen's language.
 */
#ifndef MUSTER_UI_WORDS_REASON_H
#define MUSTER_UI_WORDS_REASON_H

#include <stddef.h>
#include <stdint.h>

#include "app/handset/event.h"

enum {
    REASON_WORDS_SIZE = 120, /* for every reason, in every language, terminated */
    PERIOD_WORDS_SIZE = 32
};

/* The phrase for a reason, as a member's row has it: "no answer", or "its keys last at most 8
 * hours" with the `duration_ms` of the event, or the words of its `check` (may be NULL). Empty for
 * REASON_NONE and for what ends a one-to-one talk alone. */
void reason_words(enum event_reason reason, int64_t duration_ms, const char *check, char *out,
                  size_t size);

/* A period of use in the largest unit that it is a whole number of: "2 days", "36 hours", "90
 * minutes". What is below a minute does not count. */
void period_words(int64_t period_ms, char out[PERIOD_WORDS_SIZE]);

/* How long something lasted, short: "90 s", "20 min", "20 h". */
void time_words(int64_t lasted_ms, char out[PERIOD_WORDS_SIZE]);

/* How far a clock is off, ahead or behind: "4 min", rounded. */
void difference_words(int64_t difference_ms, char out[PERIOD_WORDS_SIZE]);

#endif
