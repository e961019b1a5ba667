/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A user of a domain's broker who speaks its protocol without a library. When a call returns the
 * server has answered what was tried, so that hundreds of things can be tried in a second.
 */
#ifndef MUSTER_TESTS_PROGRAMS_RAW_USER_H
#define MUSTER_TESTS_PROGRAMS_RAW_USER_H

#include "domain_broker.h"

enum {
    RAW_SAID_SIZE = 65536
};

struct raw_user {
    int socket;
    char said[RAW_SAID_SIZE]; /* by the server, since the last call */
    size_t length;
};

/* Comes in with this access, and leaves. */
void raw_enter(struct raw_user *user, const struct domain_broker *domain,
               const struct access *access);
void raw_leave(struct raw_user *user);

/* May it publish `octets` under the subject, or listen to it? False when the server says that it
 * may not. */
bool raw_may_say(struct raw_user *user, const char *subject, const char *octets);
bool raw_may_hear(struct raw_user *user, const char *subject);

/* The same with a subject that answers are to go to; what the server says has come. */
bool raw_may_ask(struct raw_user *user, const char *subject, const char *reply, const char *octets);

#endif
