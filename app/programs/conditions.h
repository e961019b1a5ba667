/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From what a transport reports to what an officer is shown, or a program writes to standard error.
 */
#ifndef MUSTER_APP_PROGRAMS_CONDITIONS_H
#define MUSTER_APP_PROGRAMS_CONDITIONS_H

#include "app/error.h"
#include "app/handset/event.h"
#include "transport/transport.h"
#include "ui/words/radio.h"

/* The same for the view. */
struct view_condition conditions_to_show(const struct transport_condition *condition);

/* As an event for the officer, with the name of its link, of `count` by number; none for a
 * condition of no link. */
struct event conditions_event(const struct transport_condition *condition,
                              const char *const link_names[], unsigned count);

/* In words, after the name of its link, which is one of the `count` names by its number; a
 * condition without a link gets no name. */
void conditions_in_words(const struct transport_condition *condition,
                         const char *const link_names[], unsigned count,
                         char out[CONDITION_WORDS_SIZE]);

/* Sets *error to the condition in words. Returns STATUS_IO_FAILED. */
enum status conditions_fail(const struct transport_condition *condition, struct error *error);

/* The same with the condition that the transport gives for its latest failure. */
enum status conditions_fail_of(const struct transport *transport, struct error *error);

#endif
