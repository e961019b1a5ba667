/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Tickets as they are heard (ticket.h): each is checked once, after the announcement that it came
 * with has proven to be made with the group's key and by its talker. One that is not the creator's
 * is remembered, costs nothing more and is told of: whoever shows it holds a key that the creator
 * has not given it.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_TICKET_CHECKS_H
#define MUSTER_APP_HANDSET_KEYS_TICKET_CHECKS_H

#include "app/handset/air/seen.h"
#include "app/handset/keys/latecomers.h"

enum {
    TICKET_CHECKS_TOLD_MS = 10 * 1000 /* one event in so long, however many are forged */
};

struct ticket_checks {
    struct desk *desk;
    struct seen forged; /* by talker and ticket */
    bool is_told;
    int64_t told_ms; /* boot clock: when one was told of last */
};

/* Did the announcement come with a ticket of its talker that is known to be forged? */
bool ticket_checks_refuse(const struct ticket_checks *checks,
                          const struct announcement *announcement);

/* The announcement is its talker's, who is no member of `group` yet: does the ticket let it in?
 * STATUS_NOT_A_MEMBER: it is forged, and the officer is told. The other errors of ticket_verify. */
MUST_CHECK enum status ticket_checks_pass(struct ticket_checks *checks, struct moment now,
                                          const struct group *group, const struct ticket *ticket,
                                          const struct announcement *announcement);

#endif
