/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an officer says of a handset that may be in other hands (identity/lost.h): its identity is
 * refused at once, trusted no more, and left out of each ad-hoc group that was made here. Of groups
 * that others made or manage the officer is told: only a new key of theirs keeps it out.
 */
#ifndef MUSTER_APP_HANDSET_LOSING_H
#define MUSTER_APP_HANDSET_LOSING_H

#include "app/handset/revoking.h"

enum {
    LOSING_AGAIN_MS = 60 * 1000
};

/* COMMAND_REPORT_LOST and COMMAND_REPORT_FOUND; the officer is told once that is durable. Otherwise
 * why not is in *problem, and nothing has changed but, perhaps, a mark of trust: STATUS_NOT_ALLOWED
 * for the own identity, STATUS_TOO_LONG for more than LOST_MAX, STATUS_NOT_FOUND for one to be
 * found that is not lost, identity_check's errors and those of saving. */
MUST_CHECK enum status losing_command(struct revoking *revoking, struct moment now,
                                      const struct command *command, struct event *problem);

/* Groups made here whose key a lost one may hold get a new one without it, unless this handset is
 * silent: then it waits until that ends, and the officer is told so. The handset becomes silent, or
 * is so no more. */
void losing_leave_out(struct revoking *revoking, struct moment now);

/* The handset starts. What a run before left undone is made up for by the first tick and not here:
 * whoever starts it may make it silent before that, or may only want to look at it. */
void losing_start(struct revoking *revoking, struct moment now);

/* Does what is still owed, unless the handset is silent or cannot save; what fails is tried again
 * every LOSING_AGAIN_MS, and the officer hears of that once. When it is to be called again (boot
 * clock). */
void losing_tick(struct revoking *revoking, struct moment now);
int64_t losing_deadline(const struct revoking *revoking);

#endif
