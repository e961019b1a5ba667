/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The sentences for events, by what they are about. Internal to ui/words; see event.h.
 */
#ifndef MUSTER_UI_WORDS_SENTENCE_H
#define MUSTER_UI_WORDS_SENTENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "app/handset/event.h"

/* A sentence that is being made, and the values that most need. */
struct sentence {
    char *out;
    size_t size;
    const char *who;   /* by name and the end of the identity, or as who.h says */
    const char *group; /* by its name or, where that is not known, by its identity */
    const char *check; /* in words */
};

/* Writes the sentence. Always true, so that the functions below can end with it. */
bool say(const struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Each writes the sentence for an event of its own; false when it is none of them. */
bool say_refused(const struct sentence *sentence, const struct event *event);
bool say_flood(const struct sentence *sentence, const struct event *event);
bool say_membership(const struct sentence *sentence, const struct event *event);
bool say_key(const struct sentence *sentence, const struct event *event);
bool say_managed(const struct sentence *sentence, const struct event *event);
bool say_talk(const struct sentence *sentence, const struct event *event);
bool say_months(const struct sentence *sentence, const struct event *event);
bool say_import(const struct sentence *sentence, const struct event *event);
bool say_part(const struct sentence *sentence, const struct event *event);
bool say_refusal(const struct sentence *sentence, const struct event *event);

#endif
