/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whether a command may give a key to an identity that two devices answer to. Whichever of them
 * answers, both can read what is encrypted to the identity: a connection to one of them keeps
 * nothing from the other. So it is for the officer to say, each time, and for the very identity.
 */
#ifndef MUSTER_APP_HANDSET_AIR_ALLOWED_H
#define MUSTER_APP_HANDSET_AIR_ALLOWED_H

#include "app/handset/air/roster.h"
#include "app/handset/desk/desk.h"

/* Does the command allow two devices for that identity? */
bool allowed_in(const struct command *command, const char *identity);

/* May the command give a key to that identity: does one device answer to it, or does the command
 * allow two? STATUS_NOT_ALLOWED otherwise, with EVENT_ANSWERS_TWICE as the problem. */
MUST_CHECK enum status allowed_check(const struct command *command, const struct roster *roster,
                                     struct moment now, const char *identity,
                                     struct event *problem);

/* The same for everybody whom the command itself names. */
MUST_CHECK enum status allowed_check_all(const struct command *command, const struct roster *roster,
                                         struct moment now, struct event *problem);

#endif
