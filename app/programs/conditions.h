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

/* In words, with the name of its link before it, of `count` by number; none for a condition of no
 * link. */
void conditions_in_words(const struct transport_condition *condition,
                         const char *const link_names[], unsigned count,
                         char out[CONDITION_WORDS_SIZE]);

/* As an error of whatever could not be done: *error says it in words. Returns STATUS_IO_FAILED. */
enum status conditions_fail(const struct transport_condition *condition, struct error *error);

/* The same with what the transport says was behind its latest failure. */
enum status conditions_fail_of(const struct transport *transport, struct error *error);

#endif
