/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the officer who manages a group does with it: rekey, exclude, let in, add, send again.
 */
#ifndef MUSTER_APP_HANDSET_KEYS_MANAGING_H
#define MUSTER_APP_HANDSET_KEYS_MANAGING_H

#include "app/handset/command.h"
#include "app/handset/keys/managed.h"

enum {
    MANAGEMENT_LEAD_MS = 60 * 1000 /* until a GMK that follows another one begins */
};

/* Carries out one of the commands COMMAND_MANAGE_*. On failure nothing has changed and `problem`
 * says why. STATUS_NOT_FOUND for a group that this handset does not manage, a member that is not on
 * the roll, or when there are no keys of the group identity for this month; STATUS_ALREADY_DONE;
 * STATUS_TIME_OUT_OF_RANGE; STATUS_IDENTITY_INVALID; STATUS_NO_MEMORY; errors of
 * managed_group.h. */
MUST_CHECK enum status managing_command(struct management *management, struct moment now,
                                        const struct command *command, struct event *problem);

#endif
