/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The creator's side of ad-hoc GMK distribution (6.X.3.3.3.3 steps 3 to 6): draw the GMK, set up
 * one D2D connection for each member, hand over the GMK to those whose officers accept, and keep
 * account of each member. A rekey restarts the procedure with a new GMK for those who stay.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_DISTRIBUTION_H
#define MUSTER_APP_HANDSET_KEYS_DISTRIBUTION_H

#include "app/handset/d2d/connection.h"
#include "app/handset/keys/groups.h"

enum {
    DISTRIBUTION_SPACING_MS = 20
}; /* between two openings: each costs several milliseconds */

struct distribution {
    struct desk *desk;
    const struct roster *roster;
    struct connections *connections;
    struct groups *groups;
    struct connection_use use;
    int64_t opening_due_ms; /* boot clock */
};

/* Its connections are served from now on. */
void distribution_serve(struct distribution *distribution);

/* The officer's commands; `problem` as for handset_command. A failed one changes nothing.
 * STATUS_NOT_ALLOWED, STATUS_NOT_FOUND, STATUS_PERIOD_TOO_LONG, STATUS_TOO_LONG. */
MUST_CHECK enum status distribution_create(struct distribution *distribution, struct moment now,
                                           const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_rekey(struct distribution *distribution, struct moment now,
                                          const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_retry(struct distribution *distribution, struct moment now,
                                          const struct command *command, struct event *problem);
MUST_CHECK enum status distribution_cancel(struct distribution *distribution, struct moment now,
                                           const struct command *command, struct event *problem);

/* Stops asking for `group`: closes its connections. Nobody is marked. */
void distribution_stop(struct distribution *distribution, struct moment now, const char *group);

/* After a restart: members who were being asked then are not any more. */
void distribution_resume(struct distribution *distribution);

/* Radio silence or airplane mode begins: nobody is asked any more, and the members concerned are
 * UNREACHABLE. */
void distribution_silence(struct distribution *distribution, struct moment now);

/* Opens a connection to `member` of `group`, to hand it the current GMK. STATUS_NO_MEMORY, and the
 * errors of connection_open. */
MUST_CHECK enum status distribution_offer(struct distribution *distribution, struct moment now,
                                          const struct group *group,
                                          const struct group_member *member);

/* Opens the next connection, if a member waits for one. */
void distribution_tick(struct distribution *distribution, struct moment now);
int64_t distribution_deadline(const struct distribution *distribution);

#endif
