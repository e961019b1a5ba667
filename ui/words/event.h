/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What happened, or why a command was not carried out, as a sentence in the screen's language.
 */
#ifndef MUSTER_UI_WORDS_EVENT_H
#define MUSTER_UI_WORDS_EVENT_H

#include <stddef.h>

#include "app/handset/event.h"

enum {
    EVENT_WORDS_SIZE = 900, /* for every event, in every language, terminated */
    PARTS_WORDS_SIZE = 160
};

/* Writes the sentence for `event` into out[size]: one line, without a full stop. Empty for
 * EVENT_NONE. A smaller `out` cuts it off. */
void event_words(const struct event *event, char *out, size_t size);

/* The numbers of a key's parts, a set as in event.h: "2", "2 and 5", "2, 5 and 7". Returns how many
 * there are. */
unsigned parts_words(uint32_t parts, char out[PARTS_WORDS_SIZE]);

#endif
