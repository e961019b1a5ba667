/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The creator's side of ad-hoc GMK distribution (6.X.3.3.3.3 steps 3 to 6): draw the GMK, set up
 * one D2D connection for each member, hand over the GMK to those whose officers accept, and keep
 * account of each member. A rekey restarts the procedure with a new GMK for those who stay.
 */
#ifndef MUSTER_APP_HANDSET_DISTRIBUTION_H
#define MUSTER_APP_HANDSET_DISTRIBUTION_H

#include "app/handset/connection.h"
#include "app/handset/engine.h"

enum {
    DISTRIBUTION_SPACING_MS = 20
}; /* between two openings: each costs several milliseconds */

/* The officer's commands; `problem` as for handset_command. A failed one changes nothing.
 * STATUS_NOT_ALLOWED, STATUS_NOT_FOUND, STATUS_PERIOD_TOO_LONG, STATUS_TOO_LONG. */
MUST_CHECK enum status distribution_create(struct handset *handset, struct moment now,
                                           const struct command *command,
                                           char problem[VIEW_LOG_TEXT_SIZE]);
MUST_CHECK enum status distribution_rekey(struct handset *handset, struct moment now,
                                          const struct command *command,
                                          char problem[VIEW_LOG_TEXT_SIZE]);
MUST_CHECK enum status distribution_retry(struct handset *handset, struct moment now,
                                          const struct command *command,
                                          char problem[VIEW_LOG_TEXT_SIZE]);
MUST_CHECK enum status distribution_cancel(struct handset *handset, struct moment now,
                                           const struct command *command,
                                           char problem[VIEW_LOG_TEXT_SIZE]);

/* Stops asking for `group`: closes its connections. Nobody is marked. */
void distribution_stop(struct handset *handset, struct moment now, const char *group);

/* After a restart: members who were being asked then are not any more. */
void distribution_resume(struct handset *handset);

/* Radio silence or airplane mode begins: nobody is asked any more, and the members concerned are
 * UNREACHABLE. */
void distribution_silence(struct handset *handset, struct moment now);

/* Events of an outgoing connection. */
void distribution_established(struct handset *handset, struct moment now,
                              struct connection *connection);
void distribution_response(struct handset *handset, struct moment now,
                           struct connection *connection, const struct d2d_record *record);
void distribution_lost(struct handset *handset, struct moment now, struct connection *connection);

/* Opens the next connection, if a member waits for one. */
void distribution_tick(struct handset *handset, struct moment now);
int64_t distribution_deadline(const struct handset *handset);

#endif
